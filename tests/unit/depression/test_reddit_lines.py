"""Lines of plain and compressed files."""

import bz2
import gzip
import lzma
import random
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from services.reddit.files import LONGEST_LINE_BYTES, Line, Lines, UnreadableFile, open_lines

TEXT = b'{"a": 1}\n\n{"b": 2}\n{"c": 3}'
PACKED: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": zstandard.compress,
}
COMPRESSED = list(PACKED)[1:]


def written(folder: Path, suffix: str) -> Path:
    """Return a file of three lines with a blank one in between."""
    path = folder / f"stream.jsonl{suffix}"
    path.write_bytes(PACKED[suffix](TEXT))
    return path


@pytest.mark.parametrize("suffix", PACKED)
def test_lines_keep_their_positions_in_every_kind_of_file(tmp_path: Path, suffix: str) -> None:
    lines = list(open_lines(written(tmp_path, suffix)))

    assert lines == [Line(1, 9, b'{"a": 1}'), Line(3, 19, b'{"b": 2}'), Line(4, 27, b'{"c": 3}')]


@pytest.mark.parametrize("suffix", PACKED)
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


@pytest.mark.parametrize("suffix", COMPRESSED)
def test_every_part_of_a_file_is_read(tmp_path: Path, suffix: str) -> None:
    pack = PACKED[suffix]
    path = tmp_path / f"two.jsonl{suffix}"
    path.write_bytes(pack(b"1\n2") + pack(b"") + pack(b"3\n4\n"))

    assert [line.data for line in open_lines(path)] == [b"1", b"23", b"4"]


@pytest.mark.parametrize("suffix", [".gz", ".xz"])
def test_zeros_that_a_tape_adds_are_nothing(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / "padded"
    path.write_bytes((PACKED[suffix](TEXT) + bytes(512)) * 2)

    assert [line.number for line in open_lines(path)] == [1, 3, 4, 6, 7]


@pytest.mark.parametrize("suffix", PACKED)
@pytest.mark.parametrize("name", ["a.jsonl", "a.zst", "a.GZ", "a"])
def test_what_a_file_holds_is_told_by_its_first_bytes(tmp_path: Path, suffix: str, name: str) -> None:
    (tmp_path / name).write_bytes(PACKED[suffix](TEXT))

    assert [line.number for line in open_lines(tmp_path / name)] == [1, 3, 4]


def test_a_frame_to_be_skipped_is(tmp_path: Path) -> None:
    path = tmp_path / "pzstd.zst"
    path.write_bytes(b"\x50\x2a\x4d\x18\x04\0\0\0skip" + zstandard.compress(TEXT))

    assert [line.number for line in open_lines(path)] == [1, 3, 4]


def test_byte_order_marks_are_nothing_wherever_a_line_begins(tmp_path: Path) -> None:
    mark = b"\xef\xbb\xbf"
    path = tmp_path / "a.jsonl"
    path.write_bytes(mark + b"1\r\n" + mark + b"\n" + mark + mark + b" 3\n")

    assert [(line.number, line.data) for line in open_lines(path)] == [(1, b"1"), (3, b"3")]


@pytest.mark.parametrize(
    ("begin", "found"), [(b"PK\x03\x04", "a zip archive"), ("\ufeffa".encode("utf-16"), "UTF-16")]
)
def test_what_cannot_be_read_as_lines_is_refused(tmp_path: Path, begin: bytes, found: str) -> None:
    (tmp_path / "a.jsonl").write_bytes(begin + bytes(100))

    with pytest.raises(UnreadableFile, match=rf"a\.jsonl:1: {found}"):
        list(open_lines(tmp_path / "a.jsonl"))


@pytest.mark.parametrize("suffix", COMPRESSED)
def test_rubbish_behind_the_rows_loses_none_of_them(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / "a"
    path.write_bytes(PACKED[suffix](b"row\n" * 20) + b"rubbish!")

    found: list[Line] = []
    with pytest.raises(UnreadableFile, match="a:21: "):
        found.extend(open_lines(path))
    assert len(found) == 20


@pytest.mark.lengthy
@pytest.mark.parametrize(("suffix", "least"), [(".gz", 0.49), (".bz2", 0.26), (".zst", 0.46)])
def test_damage_in_the_middle_loses_no_row_before_it(tmp_path: Path, suffix: str, least: float) -> None:
    """Of bzip2 and Zstandard, the block in which it is; gzip notices late."""
    chance = random.Random(1)
    rows = [b"%032x" % chance.getrandbits(128) for _ in range(100_000)]
    packed = bytearray(PACKED[suffix](b"".join(row + b"\n" for row in rows)))
    middle = len(packed) // 2
    packed[middle : middle + 64] = bytes(64)
    (tmp_path / "a").write_bytes(packed)

    found: list[bytes] = []
    with pytest.raises(UnreadableFile) as caught:
        found.extend(line.data for line in open_lines(tmp_path / "a"))
    good = next((number for number, row in enumerate(rows) if found[number : number + 1] != [row]), 0)
    assert good >= least * len(rows)
    assert caught.value.line > good


@pytest.mark.parametrize("suffix", [".gz", ".xz"])
def test_of_what_was_read_at_once_all_before_the_damage_comes(tmp_path: Path, suffix: str) -> None:
    chance = random.Random(1)
    rows = [b"%032x" % chance.getrandbits(128) for _ in range(200)]
    packed = bytearray(PACKED[suffix](b"".join(row + b"\n" for row in rows)))
    packed[len(packed) // 2] ^= 0xFF
    (tmp_path / "a").write_bytes(packed)

    found: list[bytes] = []
    with pytest.raises(UnreadableFile):
        found.extend(line.data for line in open_lines(tmp_path / "a"))
    assert found[:90] == rows[:90]


@pytest.mark.parametrize("suffix", COMPRESSED)
def test_a_file_cut_short_is_an_error_and_not_an_end(tmp_path: Path, suffix: str) -> None:
    path = written(tmp_path, suffix)
    path.write_bytes(path.read_bytes()[:-3])

    with pytest.raises(UnreadableFile, match=path.name):
        list(open_lines(path))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match=r"none\.jsonl:1: No such file") as caught:
        list(open_lines(tmp_path / "none.jsonl"))

    assert caught.value.line == 1


BOMB = b'{"a": 1}\n' + b'{"body": "' + b"x" * 48_000_000 + b'"}\n{"b": 2}\n'


@pytest.mark.lengthy
@pytest.mark.parametrize("suffix", PACKED)
def test_a_line_without_an_end_is_cut_and_the_rest_is_read(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"bomb.jsonl{suffix}"
    path.write_bytes(PACKED[suffix](BOMB))
    tracemalloc.start()
    lines = list(open_lines(path))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert [(line.number, line.is_whole) for line in lines] == [(1, True), (2, False), (3, True)]
    assert len(lines[1].data) == LONGEST_LINE_BYTES
    assert lines[2].end == len(BOMB)
    assert peak < 40 * 2**20


def test_the_longest_line_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    path.write_bytes(b"x" * LONGEST_LINE_BYTES + b"\n" + b"y" * LONGEST_LINE_BYTES)

    assert [(len(line.data), line.is_whole) for line in open_lines(path)] == [(LONGEST_LINE_BYTES, True)] * 2
