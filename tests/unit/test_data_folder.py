import errno
import os
from pathlib import Path

import pytest

from catenae.deployment.data_folder import DataFolder
from catenae.errors import DataFolderError


def test_a_folder_in_use_names_its_user(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    with folder.lock(), pytest.raises(DataFolderError, match=f"in use by process {os.getpid()}"):
        folder.lock()


def test_the_user_is_known_until_it_is_done(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    assert folder.user() is None

    with folder.lock():
        assert folder.user() == os.getpid()

    assert folder.user() is None


@pytest.mark.parametrize("other", [1, 4])
def test_a_folder_of_another_format_is_refused(tmp_path: Path, other: int) -> None:
    (tmp_path / "catenae.json").write_text(f'{{"format": {other}, "version": "3.1"}}')

    with pytest.raises(DataFolderError, match=rf"format {other}, written by Catenae 3\.1; this one knows 3"):
        DataFolder(tmp_path).lock()


def test_a_folder_of_the_format_before_is_marked_so_that_its_release_refuses_it(tmp_path: Path) -> None:
    (tmp_path / "catenae.json").write_text('{"format": 2, "version": "0.1"}')
    DataFolder(tmp_path).require_format()
    with DataFolder(tmp_path).lock():
        pass

    assert DataFolder(tmp_path).read("catenae.json")["format"] == 3


def test_the_format_is_written_and_read_back(tmp_path: Path) -> None:
    with DataFolder(tmp_path / "data").lock():
        pass

    assert DataFolder(tmp_path / "data").read("catenae.json")["format"] == 3
    DataFolder(tmp_path / "data").require_format()


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "scale.json").write_text("[")

    with pytest.raises(DataFolderError, match=r"scale\.json' is damaged: it is not JSON"):
        DataFolder(tmp_path).read("scale.json")


def test_a_folder_that_cannot_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").touch()

    with pytest.raises(DataFolderError, match="cannot be used: Not a directory"):
        DataFolder(tmp_path / "data").lock()


def test_a_full_disk_needs_room_and_is_left_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path) -> None:
        path.touch()
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("catenae.deployment.data_folder.new_private", full)

    with pytest.raises(DataFolderError, match=r"No space left on device\. Make room"):
        DataFolder(tmp_path).write("scale.json", {})
    assert list(tmp_path.iterdir()) == []


def test_a_folder_knows_that_its_disk_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not DataFolder(tmp_path).is_full

    monkeypatch.setattr("catenae.deployment.data_folder.LEAST_ROOM_BYTES", 1 << 62)
    assert DataFolder(tmp_path).is_full
    assert not DataFolder(tmp_path / "missing").is_full


def test_a_lock_file_that_was_removed_lets_nobody_else_in(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    with folder.lock():
        (tmp_path / "data" / "catenae.lock").unlink()
        with pytest.raises(DataFolderError, match="in use by another process"):
            folder.lock()
        assert folder.user() == 0


def test_a_folder_that_is_gone_is_noticed(tmp_path: Path) -> None:
    with DataFolder(tmp_path / "data").lock() as lock:
        lock.check()
        (tmp_path / "data").rename(tmp_path / "elsewhere")
        (tmp_path / "data").mkdir()
        with pytest.raises(DataFolderError, match="was removed or put elsewhere"):
            lock.check()
