"""What lies in a model's folder is not believed: only what is named, whole, in it, and not too large."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from services.models.folder import (
    FORMAT,
    LARGEST_FILE_BYTES,
    LARGEST_MANIFEST_BYTES,
    MANIFEST,
    ModelError,
    read_folder,
    save_files,
    seal,
    with_manifest,
)

HEAD: dict[str, Any] = {"format": FORMAT, "kind": "linear", "version": "0123456789ab"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    save_files(with_manifest(HEAD, {"words.txt": b"tea\n"}), tmp_path / "model")
    return tmp_path / "model"


def name_file(folder: Path, name: str, said: Any) -> None:
    path = folder / MANIFEST
    path.write_text(json.dumps(json.loads(path.read_text()) | {"files": {name: said}}))


def test_files_come_back_as_they_were(folder: Path) -> None:
    found = read_folder(folder)

    assert (found.kind, found.version, found.content("words.txt")) == ("linear", "0123456789ab", b"tea\n")


@pytest.mark.parametrize(
    "name",
    ["../secret.txt", "/etc/passwd", "a/b.txt", "..", ".hidden", MANIFEST, "", "A.txt", "a\0.txt"],
)
def test_a_file_that_is_none_of_the_folder_is_not_read(folder: Path, name: str) -> None:
    (folder.parent / "secret.txt").write_bytes(b"secret")
    name_file(folder, name, seal(b"secret"))

    with pytest.raises(ModelError, match="which is none of its folder"):
        read_folder(folder)


@pytest.mark.parametrize("said", [None, 7, {}, {"size_bytes": -1}, {"size_bytes": True}, {"size_bytes": "4"}])
def test_a_file_without_a_size_is_not_read(folder: Path, said: Any) -> None:
    name_file(folder, "words.txt", said)

    with pytest.raises(ModelError, match="no size and checksum"):
        read_folder(folder)


def test_a_file_larger_than_any_model_is_not_read(folder: Path) -> None:
    name_file(folder, "words.txt", {**seal(b""), "size_bytes": LARGEST_FILE_BYTES + 1})

    with pytest.raises(ModelError, match=r"words\.txt: 536,870,913 bytes, more than 536,870,912"):
        read_folder(folder)


def test_no_more_of_a_file_is_read_than_its_size(folder: Path) -> None:
    with (folder / "words.txt").open("r+b") as file:
        file.truncate(2**40)

    with pytest.raises(ModelError, match="5 bytes that do not match size and checksum"):
        read_folder(folder)


def test_a_manifest_larger_than_any_is_not_read(folder: Path) -> None:
    with (folder / MANIFEST).open("r+b") as file:
        file.truncate(2**40)

    with pytest.raises(ModelError, match=f"more than {LARGEST_MANIFEST_BYTES:,} bytes"):
        read_folder(folder)


@pytest.mark.parametrize("name", ["words.txt", MANIFEST])
def test_what_is_no_plain_file_keeps_nobody_waiting(folder: Path, name: str) -> None:
    (folder / name).unlink()
    os.mkfifo(folder / name)

    with pytest.raises(ModelError, match="no plain file"):
        read_folder(folder)


def test_a_device_in_the_place_of_a_file_is_not_read(folder: Path) -> None:
    (folder / "words.txt").unlink()
    (folder / "words.txt").symlink_to("/dev/zero")

    with pytest.raises(ModelError, match="no plain file"):
        read_folder(folder)


def test_a_list_of_very_many_files_is_refused(folder: Path) -> None:
    path = folder / MANIFEST
    many = {f"f{number}.txt": seal(b"") for number in range(1000)}
    path.write_text(json.dumps(json.loads(path.read_text()) | {"files": many}))

    with pytest.raises(ModelError, match="1,000 files"):
        read_folder(folder)


@pytest.mark.parametrize("odd", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_number_is_no_json(folder: Path, odd: str) -> None:
    path = folder / MANIFEST
    path.write_text(path.read_text().replace('"linear"', odd))

    with pytest.raises(ModelError, match=f"no JSON \\({odd} is no number\\)"):
        read_folder(folder)
