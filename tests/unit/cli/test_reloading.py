import os
from pathlib import Path

import pytest

from catenae.cli.reloading import Changes


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in ("services/tally.py", "data/kept.py", ".venv/lib/there.py", "services/notes.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    return tmp_path


def change(path: Path, at_s: int) -> None:
    os.utime(path, (at_s, at_s))


def test_a_change_is_told_once_and_when_it_has_come_to_rest(project: Path) -> None:
    changes = Changes(project, project / "data")
    looks = []
    for at_s in (1, 2, 2, 2):
        change(project / "services/tally.py", at_s)
        looks.append(changes.have_come())

    assert looks == [False, False, True, False]


@pytest.mark.parametrize("new", ["services/new.py", "topologies/shop.py"])
def test_a_new_file_is_a_change(project: Path, new: str) -> None:
    changes = Changes(project, project / "data")
    (project / new).parent.mkdir(exist_ok=True)
    (project / new).write_text("")

    assert [changes.have_come(), changes.have_come()] == [False, True]


@pytest.mark.parametrize("name", ["data/kept.py", ".venv/lib/there.py", "services/notes.txt"])
def test_what_is_not_the_projects_own_code_is_left_alone(project: Path, name: str) -> None:
    changes = Changes(project, project / "data")
    change(project / name, 1)

    assert [changes.have_come(), changes.have_come()] == [False, False]
