"""A folder of images: what is in it, and never anything else, whatever it is called."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.images.folder import FolderImages
from services.images.images import MOST_BYTES, NoImage


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with an image, a folder in it with another, and a secret beside it."""
    folder = tmp_path / "images"
    (folder / "more").mkdir(parents=True)
    (folder / "one.jpg").write_bytes(b"one")
    (folder / "more" / "two.jpg").write_bytes(b"two")
    (tmp_path / "secret").write_bytes(b"secret")
    return folder


def why_not(folder: Path, name: str) -> str:
    with pytest.raises(NoImage) as raised:
        FolderImages(folder).read(name)
    return raised.value.reason


def test_what_is_in_the_folder_is_read(folder: Path) -> None:
    images = FolderImages(folder)

    assert (images.read("one.jpg"), images.read("more/two.jpg")) == (b"one", b"two")


@pytest.mark.parametrize(
    "name",
    [
        *("", ".", "..", "../secret", "more/../../secret", "/etc/passwd", "//etc/passwd", "more//two.jpg"),
        *("./one.jpg", "one.jpg/", "\0", "one.jpg\0.png", "\ud800"),
    ],
)
def test_a_name_that_leads_elsewhere_is_none(folder: Path, name: str) -> None:
    assert why_not(folder, name) == "bad name"


@pytest.mark.parametrize(
    "name",
    ["three.jpg", "one.jpg/x", "..\\secret", "%2e%2e/secret", "..%2fsecret", "x" * 5000, "~/x", "more"],
)
def test_what_is_not_there_is_absent(folder: Path, name: str) -> None:
    assert why_not(folder, name) in {"absent", "not a file"}


def test_links_are_not_followed_wherever_they_lead(folder: Path) -> None:
    (folder / "to-secret").symlink_to(folder.parent / "secret")
    (folder / "to-parent").symlink_to(folder.parent)
    (folder / "to-one").symlink_to(folder / "one.jpg")

    assert {why_not(folder, name) for name in ("to-secret", "to-parent/secret", "to-one")} == {"absent"}


def test_a_pipe_and_a_device_are_no_files_and_nobody_waits_for_them(folder: Path) -> None:
    os.mkfifo(folder / "pipe")

    assert why_not(folder, "pipe") == "not a file"


def test_a_file_is_read_up_to_its_limit_and_not_a_byte_beyond(folder: Path) -> None:
    (folder / "full").write_bytes(b"x" * MOST_BYTES)
    (folder / "over").write_bytes(b"x" * (MOST_BYTES + 1))

    assert len(FolderImages(folder).read("full")) == MOST_BYTES
    assert why_not(folder, "over") == "too large"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.sampled_from(["..", ".", "", "more", "images", "secret", "one.jpg", "two.jpg"]), max_size=6)
)
def test_no_path_leads_to_the_secret(folder: Path, parts: list[str]) -> None:
    try:
        content = FolderImages(folder).read("/".join(parts))
    except NoImage:
        return
    assert content in {b"one", b"two"}
