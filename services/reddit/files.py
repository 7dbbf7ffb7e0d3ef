"""Lines of plain, gzip and Zstandard files, one at a time and with their positions."""

import gzip
import io
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

import zstandard

from services.reddit.zstd import ZstdReader

_BUFFER_BYTES = 128 * 1024


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


class Lines:
    """The lines of a file, in order; `.gz` and `.zst` are uncompressed. To be iterated over once.

    Memory is bounded by the longest line, and by the window that a `.zst` was compressed with. Iterating
    raises UnreadableFile when the file is absent, damaged or cut short, after the lines before the damage.
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
            with self._path.open("rb") as self._file, _uncompressed(self._path, self._file) as stream:
                for number, data in enumerate(stream, start=1):
                    end += len(data)
                    text = data.strip()
                    if text:
                        yield Line(number, end, text)
        except (OSError, EOFError, zlib.error, zstandard.ZstdError) as error:
            found = getattr(error, "strerror", None) or str(error)
            raise UnreadableFile(self._path, number + 1, found) from error
        finally:
            self._file = None


def open_lines(path: Path) -> Iterator[Line]:
    """Yield the lines of a file, as `Lines`."""
    return iter(Lines(path))


def _uncompressed(path: Path, file: BinaryIO) -> BinaryIO:
    if path.suffix == ".gz":
        return cast("BinaryIO", io.BufferedReader(gzip.GzipFile(fileobj=file), _BUFFER_BYTES))
    if path.suffix == ".zst":
        return cast("BinaryIO", io.BufferedReader(ZstdReader(file), _BUFFER_BYTES))
    return file
