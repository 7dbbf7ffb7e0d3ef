"""Nobody else of the machine reads what is kept, and no link of theirs is written through."""

import os
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from catenae import open_documents, open_store
from catenae.deployment.data_folder import DataFolder
from catenae.errors import DataFolderError
from catenae.observability.multiprocess import MetricsFolder
from catenae.observability.obstacles import Obstacles
from catenae.private_files import exposed, new_private, tighten
from catenae.running.local.logs import Logs


def of_others(path: Path) -> list[str]:
    """Return what under a folder, itself included, others than its owner may look into."""
    found = (path, *path.rglob("*"))
    return sorted(str(each) for each in found if each.lstat().st_mode & 0o077)


@pytest.fixture(autouse=True)
def usual_umask() -> object:
    former = os.umask(0o022)
    yield
    os.umask(former)


def test_what_is_kept_is_its_owners_alone_whatever_the_umask(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with DataFolder(data).lock(), closing(open_documents(f"sqlite:{data}/documents.sqlite")) as documents:
        documents.insert("posts", {"id": "t1_a"})
        with closing(open_store(f"embedded:{data}/store")), Logs(data / "logs").open("a-0"):
            MetricsFolder(data / "metrics")
            Obstacles(data / "metrics").tell("a-0", "waits")
            assert of_others(data) == []


@pytest.mark.lengthy
def test_a_command_keeps_what_it_starts_private(tmp_path: Path) -> None:
    code = "from catenae import keep_private; keep_private(); open('kept', 'w')"
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)

    assert stat.S_IMODE((tmp_path / "kept").stat().st_mode) == 0o600


def test_a_folder_that_others_can_look_into_says_what_mends_it(tmp_path: Path) -> None:
    tmp_path.chmod(0o750)

    assert exposed(tmp_path).endswith(
        f"(drwxr-x---); what people wrote is in it. Close it: chmod 700 {tmp_path}"
    )
    tmp_path.chmod(0o700)
    assert exposed(tmp_path) == exposed(tmp_path / "missing") == ""


@pytest.mark.parametrize("name", ["catenae.lock", "scale.json"])
def test_a_link_in_the_place_of_a_file_is_not_written_through(tmp_path: Path, name: str) -> None:
    precious = tmp_path / "precious"
    precious.write_text("kept")
    data = tmp_path / "data"
    data.mkdir()
    (data / name).symlink_to(precious)
    with DataFolder(data).lock():
        DataFolder(data).write("scale.json", {"a": 1})

    assert precious.read_text() == "kept"
    assert not (data / name).is_symlink() or name == "scale.json"


def test_a_link_in_the_place_of_a_log_is_neither_written_nor_read(tmp_path: Path) -> None:
    precious, logs = tmp_path / "precious", Logs(tmp_path / "logs")
    precious.write_text("catenae: a secret\n")
    (tmp_path / "logs").mkdir()
    logs.path("a-0").symlink_to(precious)
    with logs.open("a-0") as file:
        file.write(b"noise")
    logs.bound()

    assert precious.read_text() == "catenae: a secret\n"
    assert logs.complaint("a-0") == ""


def test_a_link_in_the_place_of_an_obstacle_is_not_written_through(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("kept")
    (tmp_path / "a-0.waiting").symlink_to(precious)
    Obstacles(tmp_path).tell("a-0", "waits")

    assert precious.read_text() == "kept"


def test_the_folders_of_logs_and_figures_are_taken_from_others_and_are_no_links(tmp_path: Path) -> None:
    data = DataFolder(tmp_path)
    data.logs.mkdir(mode=0o777)
    data.tighten()
    assert of_others(data.logs) == []

    data.metrics.rmdir()
    data.metrics.symlink_to(tmp_path)
    with pytest.raises(DataFolderError, match="cannot be used"):
        data.tighten()


def test_a_file_made_anew_is_private_and_follows_nothing(tmp_path: Path) -> None:
    (tmp_path / "old").write_text("kept")
    (tmp_path / "new").symlink_to(tmp_path / "old")
    with new_private(tmp_path / "new") as file:
        file.write("text")

    assert (tmp_path / "old").read_text() == "kept"
    assert of_others(tmp_path / "new") == []


def test_a_folder_of_somebody_elses_making_is_no_folder_of_ours(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)

    with pytest.raises(OSError, match=r"Not a directory|Too many levels"):
        tighten(tmp_path / "link")


def test_what_is_written_is_utf_8_in_every_locale(tmp_path: Path) -> None:
    """An export by real names has names of any script."""
    program = (
        "import sys; from pathlib import Path; from catenae import new_private\n"
        "with new_private(Path(sys.argv[1])) as file: file.write('Zo\\xeb \\u96e8')"
    )
    environment = {**os.environ, "LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    subprocess.run([sys.executable, "-c", program, str(tmp_path / "out")], env=environment, check=True)

    assert (tmp_path / "out").read_text("utf-8") == "Zoë 雨"
