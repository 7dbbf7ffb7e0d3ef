import ast
import re
import tomllib
from pathlib import Path

import pytest
import yaml

from catenae.cli.new import installed_requirement, scaffold
from catenae.errors import ConfigError

ROOT = Path(__file__).parents[2]


def test_a_new_project_has_every_part(tmp_path: Path) -> None:
    files = scaffold("weather", tmp_path)

    assert [path.relative_to(tmp_path / "weather").as_posix() for path in files] == [
        ".dockerignore",
        ".env",
        ".github/workflows/test.yml",
        ".gitignore",
        "Makefile",
        "README.md",
        "docker/Dockerfile",
        "docker/is_live.py",
        "pyproject.toml",
        "services/__init__.py",
        "services/tally.py",
        "tests/test_tally.py",
        "topologies/__init__.py",
        "topologies/weather.py",
    ]


def test_what_is_written_is_valid(tmp_path: Path) -> None:
    files = scaffold("weather", tmp_path, requirement="/src/catenae")
    makefile = (tmp_path / "weather" / "Makefile").read_text()

    assert all(ast.parse(path.read_text()) for path in files if path.suffix == ".py")
    assert (
        tomllib.loads((tmp_path / "weather" / "pyproject.toml").read_text())["project"]["name"] == "weather"
    )
    assert "CATENAE ?= /src/catenae\n" in makefile
    assert '"$(CATENAE)"' in makefile


def test_nothing_is_overwritten_and_nothing_is_added_beside_it(tmp_path: Path) -> None:
    mine = tmp_path / "weather" / "README.md"
    mine.parent.mkdir()
    mine.write_text("mine")

    with pytest.raises(ConfigError, match=r"nothing was written, for .*README\.md exists"):
        scaffold("weather", tmp_path)

    assert mine.read_text() == "mine"
    assert list(mine.parent.iterdir()) == [mine]


def test_a_folder_that_cannot_be_written_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "weather").write_text("a file")

    with pytest.raises(ConfigError, match="cannot write the project into"):
        scaffold("weather", tmp_path)


@pytest.mark.parametrize("name", ["", "Weather", "my-weather", "7days", "../weather", "class", "catenae"])
def test_a_name_that_python_cannot_import_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match="cannot be called"):
        scaffold(name, tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_a_project_depends_on_the_catenae_that_made_it() -> None:
    assert installed_requirement().startswith("catenae==") or "://" in installed_requirement()


def test_an_image_of_a_new_project_is_looked_after_as_those_of_this_one(tmp_path: Path) -> None:
    scaffold("weather", tmp_path)
    own, ours = tmp_path / "weather" / "docker", ROOT / "docker"

    def last_stage(folder: Path) -> str:
        return (folder / "Dockerfile").read_text().split("\nFROM ")[2].replace("/opt/weather", "/opt/catenae")

    assert (own / "is_live.py").read_text() == (ours / "is_live.py").read_text()
    assert last_stage(own) == last_stage(ours)


def test_nothing_but_code_and_catenae_gets_into_an_image(tmp_path: Path) -> None:
    scaffold("weather", tmp_path)
    lines = (tmp_path / "weather" / ".dockerignore").read_text().splitlines()
    copied = re.findall(r"^COPY (?!--from)(\S+)", (tmp_path / "weather/docker/Dockerfile").read_text(), re.M)

    assert lines[1] == "*"
    assert {line.removeprefix("!") for line in lines if line.startswith("!")} == set(copied)


def test_a_push_is_tested_as_at_home(tmp_path: Path) -> None:
    scaffold("weather", tmp_path, requirement="catenae==1.2")
    job = yaml.safe_load((tmp_path / "weather/.github/workflows/test.yml").read_text())["jobs"]["test"]

    assert job["env"]["CATENAE"] == "${{ vars.CATENAE || 'catenae==1.2' }}"
    assert [step["run"] for step in job["steps"] if "run" in step] == ["make test", "make images"]
