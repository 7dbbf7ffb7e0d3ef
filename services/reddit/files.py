"""Lines of plain and compressed files, one at a time and with their positions; and which files hold rows."""

import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from services.reddit.uncompressed import DAMAGE, MOST_FIRST_BYTES, Uncompressed, compression_of

_BUFFER_BYTES = 128 * 1024
# A post has 40,000 characters at most; a line that goes on for ever must not be kept.
LONGEST_LINE_BYTES = 2**20
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_COMPRESSED = (".gz", ".bz2", ".xz", ".zst")
_ROWS = (".jsonl", ".ndjson")
# Of a folder; in any case. A file that is named by itself may be called anything.
ENDINGS = (*_ROWS, *_COMPRESSED)
# Compressed files that hold something else than rows.
_OTHERS = (".tar", ".txt", ".csv", ".xml")
# What no reader of lines can make sense of.
_UNREADABLE = {
    b"\xff\xfe": "UTF-16, where rows are UTF-8",
    b"\xfe\xff": "UTF-16, where rows are UTF-8",
    b"PK\x03\x04": "a zip archive, which is to be unpacked first",
    b"7z\xbc\xaf": "a 7z archive, which is to be unpacked first",
}


class Line(NamedTuple):
    """One line that is not blank."""

    number: int  # from 1, blank lines counted
    end: int  # bytes of the uncompressed file up to and with this line's end
    data: bytes  # without white space around it; of a line that is too long, its beginning
    is_whole: bool = True


class UnreadableFile(OSError):
    """A file that is absent, damaged or cut short.

    path, line, found   the file, the first line that could not be read, and why
    """

    def __init__(self, path: Path, line: int, found: str) -> None:
        super().__init__(f"{path}:{line}: {found}. Check the name, or fetch the file again")
        self.path, self.line, self.found = path, line, found


class Lines:
    """The lines of a file, in order; what is compressed is uncompressed. To be iterated over once.

    The kind of compression is told by the first bytes, whatever the file is called. A byte order mark at the
    beginning of a line is no part of it. Of a line only the first LONGEST_LINE_BYTES are kept. Memory is
    bounded by that, and by the window that a Zstandard file was compressed with. Iterating raises
    UnreadableFile when the file is absent, damaged or cut short, after the lines before the damage.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: BinaryIO | None = None

    @property
    def read_bytes(self) -> int:
        """How much of the file as it lies on the disk has been read; 0 unless it is being iterated over."""
        return 0 if self._file is None else self._file.tell()

    def __iter__(self) -> Iterator[Line]:
        number = end = 0
        try:
            with self._path.open("rb") as self._file, uncompressed(self._file) as stream:
                while data := stream.readline(LONGEST_LINE_BYTES):
                    number += 1
                    end += len(data)
                    is_whole = len(data) < LONGEST_LINE_BYTES or data.endswith(b"\n")
                    if not is_whole:
                        rest = _skip_line(stream)
                        end, is_whole = end + rest, rest in {0, 1}
                    text = data.strip()
                    while text.startswith(_BYTE_ORDER_MARK):
                        text = text.removeprefix(_BYTE_ORDER_MARK).lstrip()
                    if text:
                        yield Line(number, end, text, is_whole)
        except DAMAGE as error:
            found = getattr(error, "strerror", None) or str(error)
            raise UnreadableFile(self._path, number + 1, found) from error
        finally:
            self._file = None


def _skip_line(stream: BinaryIO) -> int:
    """Read up to the end of a line; return how many bytes that was."""
    skipped = 0
    while part := stream.readline(_BUFFER_BYTES):
        skipped += len(part)
        if part.endswith(b"\n"):
            break
    return skipped


def open_lines(path: Path) -> Iterator[Line]:
    """Yield the lines of a file, as `Lines`."""
    return iter(Lines(path))


def visible_files(folder: Path) -> Sequence[Path]:
    """Return the files at any depth, by path, without what a system hides there, as a Mac does `._a.zst`."""
    found = (path for path in folder.rglob("*") if not _is_hidden(path.relative_to(folder)))
    return sorted(path for path in found if path.is_file())


def row_files(folder: Path) -> Sequence[Path]:
    """Return the files of rows that lie in `folder` itself, by name; hidden ones are left out."""
    found = (path for path in folder.glob("*") if not _is_hidden(path.relative_to(folder)))
    return sorted(path for path in found if _holds_rows(path.name.lower()) and path.is_file())


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _holds_rows(name: str) -> bool:
    ending = next((each for each in _COMPRESSED if name.endswith(each)), "")
    return name.endswith(_ROWS) or (bool(ending) and not name.removesuffix(ending).endswith(_OTHERS))


def uncompressed(file: BinaryIO) -> BinaryIO:
    """Return what an open file holds, uncompressed if it is compressed; raise OSError for what is no text."""
    first = file.read(MOST_FIRST_BYTES)
    file.seek(0)
    for begin, found in _UNREADABLE.items():
        if first.startswith(begin):
            raise OSError(found)
    kind = compression_of(first)
    if kind is None:
        return file
    return cast("BinaryIO", io.BufferedReader(Uncompressed(file, kind), _BUFFER_BYTES))
