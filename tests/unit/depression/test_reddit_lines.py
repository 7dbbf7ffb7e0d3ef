"""Lines of plain and compressed files."""

import gzip
from pathlib import Path

import pytest
import zstandard

from services.reddit.files import Lines, UnreadableFile, open_lines

TEXT = b'{"a": 1}\n\n{"b": 2}\n{"c": 3}'


def written(folder: Path, suffix: str) -> Path:
    """Return a file of three lines with a blank one in between."""
    path = folder / f"stream.jsonl{suffix}"
    packed = {"": TEXT, ".gz": gzip.compress(TEXT), ".zst": zstandard.ZstdCompressor().compress(TEXT)}
    path.write_bytes(packed[suffix])
    return path


@pytest.mark.parametrize("suffix", ["", ".gz", ".zst"])
def test_lines_keep_their_positions_in_every_kind_of_file(tmp_path: Path, suffix: str) -> None:
    lines = list(open_lines(written(tmp_path, suffix)))

    assert lines == [(1, 9, b'{"a": 1}'), (3, 19, b'{"b": 2}'), (4, 27, b'{"c": 3}')]


@pytest.mark.parametrize("suffix", ["", ".gz", ".zst"])
def test_how_much_of_the_file_was_read_can_be_told_meanwhile(tmp_path: Path, suffix: str) -> None:
    path = written(tmp_path, suffix)
    lines = Lines(path)

    read = [lines.read_bytes for _ in lines]

    assert 0 < read[0] <= read[1] <= read[2] == path.stat().st_size


def test_a_window_of_two_gigabytes_is_read(tmp_path: Path) -> None:
    parameters = zstandard.ZstdCompressionParameters.from_level(1, window_log=31)
    compressor = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    path = tmp_path / "RC_2019-01.zst"
    path.write_bytes(compressor.compress(TEXT) + compressor.flush())

    assert zstandard.get_frame_parameters(path.read_bytes()).window_size == 2**31
    assert [line.number for line in open_lines(path)] == [1, 3, 4]


def test_every_frame_of_a_zstandard_file_is_read(tmp_path: Path) -> None:
    frame = zstandard.ZstdCompressor().compress
    path = tmp_path / "two.jsonl.zst"
    path.write_bytes(frame(b"1\n2") + frame(b"3\n4\n"))

    assert [line.data for line in open_lines(path)] == [b"1", b"23", b"4"]


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_a_file_cut_short_is_an_error_and_not_an_end(tmp_path: Path, suffix: str) -> None:
    path = written(tmp_path, suffix)
    path.write_bytes(path.read_bytes()[:-3])

    with pytest.raises(UnreadableFile, match=path.name):
        list(open_lines(path))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match=r"none\.jsonl:1: No such file") as caught:
        list(open_lines(tmp_path / "none.jsonl"))

    assert caught.value.line == 1
