"""Lines of plain, gzip and Zstandard files, one at a time and with their positions."""

import gzip
import io
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

import zstandard

from services.reddit.zstd import ZstdReader


class Line(NamedTuple):
    """One line that is not blank."""

    number: int  # from 1, blank lines counted
    end: int  # bytes of the uncompressed file up to and with this line's end
    data: bytes  # without white space around it


class UnreadableFile(OSError):
    """A file that is absent, damaged or cut short.

    path, line, found   the file, the first line that could not be read, and why
    """

    def __init__(self, path: Path, line: int, found: str) -> None:
        super().__init__(f"{path}:{line}: {found}. Check the name, or fetch the file again")
        self.path, self.line, self.found = path, line, found


def open_lines(path: Path, after: int = 0) -> Iterator[Line]:
    """Yield the lines of a file behind the line number `after`, in order; `.gz` and `.zst` are uncompressed.

    A reader that notes `number` resumes exactly behind it. Memory is bounded by the longest line.

    Raises UnreadableFile when the file is absent, damaged or cut short, after the lines before the damage.
    """
    number = end = 0
    try:
        with _opened(path) as stream:
            for number, data in enumerate(stream, start=1):
                end += len(data)
                text = data.strip()
                if text and number > after:
                    yield Line(number, end, text)
    except (OSError, EOFError, zlib.error, zstandard.ZstdError) as error:
        found = getattr(error, "strerror", None) or str(error)
        raise UnreadableFile(path, number + 1, found) from error


def _opened(path: Path) -> BinaryIO:
    if path.suffix == ".gz":
        return cast("BinaryIO", io.BufferedReader(gzip.open(path)))
    if path.suffix == ".zst":
        return cast("BinaryIO", io.BufferedReader(ZstdReader(path)))
    return path.open("rb")
