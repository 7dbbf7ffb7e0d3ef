"""The users of a public Weibo collection, one at a time: a list in JSON, or a row per line, of any size."""

import codecs
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from services.reddit.files import UnreadableFile, uncompressed, visible_files
from services.reddit.uncompressed import DAMAGE

ENDING = ".json"
# What one user wrote in all, at most: a file without an end to a row must not be kept.
LONGEST_ROW_CHARACTERS = 64 * 2**20
_READ_BYTES = 256 * 1024
_BETWEEN = " \t\r\n,[]\ufeff"


class UserRow(NamedTuple):
    """A user's row, and the number of its first line."""

    value: Any
    line: int


def collection_files(folder: Path) -> list[Path]:
    """Return the files of a folder that may hold such users, at any depth, by name."""
    return [path for path in visible_files(folder) if path.suffix.lower() == ENDING]


class UserRows:
    """The rows of a file in order, to be iterated over once; compressed or not, byte order mark or not.

    Memory is bounded by the longest row. Iterating raises `UnreadableFile` where the file is absent, damaged,
    or no JSON in UTF-8, after the rows before that.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: BinaryIO | None = None
        self._line = 1

    @property
    def read_bytes(self) -> int:
        """How much of the file as it lies on the disk has been read; 0 unless it is being iterated over."""
        return 0 if self._file is None else self._file.tell()

    def __iter__(self) -> Iterator[UserRow]:
        try:
            with self._path.open("rb") as self._file, uncompressed(self._file) as stream:
                yield from self._rows(stream)
        except (*DAMAGE, ValueError, RecursionError) as error:
            found = "a row too deep to be read" if isinstance(error, RecursionError) else _reason(error)
            raise UnreadableFile(self._path, self._line, found) from error
        finally:
            self._file = None

    def _rows(self, stream: BinaryIO) -> Iterator[UserRow]:
        # What is not UTF-8 damages its own row, and not those that are read at once with it.
        decode = codecs.getincrementaldecoder("utf-8")("surrogateescape").decode
        decoder = json.JSONDecoder()
        text, is_over = "", False
        while True:
            rest = text.lstrip(_BETWEEN)
            self._line += text[: len(text) - len(rest)].count("\n")
            text = rest
            try:
                if text:
                    value, end = decoder.raw_decode(text)
                    # A number may go on in what comes next.
                    if end < len(text) or is_over:
                        text[:end].encode()
                        yield UserRow(value, self._line)
                        self._line += text[:end].count("\n")
                        text = text[end:]
                        continue
            except json.JSONDecodeError:
                if is_over or len(text) > LONGEST_ROW_CHARACTERS:
                    raise
            if is_over:
                return
            # As much again: a long row is looked at a few times, not once for each part.
            read = stream.read(max(_READ_BYTES, len(text)))
            is_over = not read
            text += decode(read, final=is_over)


def _reason(error: Exception) -> str:
    if isinstance(error, UnicodeError):
        return "not UTF-8"
    if isinstance(error, json.JSONDecodeError):
        return "no JSON"
    return getattr(error, "strerror", None) or str(error)
