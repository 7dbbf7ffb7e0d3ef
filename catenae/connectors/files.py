"""Rows of files into a topology, and messages into files."""

import csv
import json
import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar, TextIO

from catenae.errors import ConfigError
from catenae.message import Message
from catenae.microservice import Leaf, Source


class FileRows(Source):
    """Read a file of rows, or those of a folder in the order of their names; then it is exhausted.

    path  .jsonl, an object in each line; .csv, whose first line names the fields, all of them texts
    key   the field that is each message's key; none if empty

    Each row becomes one message, exactly once, also under `kill -9`: the position is the file's name and the
    number of rows. So files are added under later names, and rows behind the last. What is no row of its kind
    is rejected. To go on in a file it is read again up to there.
    """

    endings: ClassVar[Sequence[str]] = (".jsonl", ".csv")

    def __init__(self, path: Path, key: str = "") -> None:
        self._path = path
        self._key = key

    def rows(self, file: Path, begin: int) -> Iterator[Any]:
        """Yield the rows of a file but for so many."""
        with file.open(encoding="utf-8", errors="replace", newline="") as lines:
            yield from islice(_of_csv(lines) if file.suffix == ".csv" else _of_json(lines), begin, None)

    def generate(self, position: Any) -> Iterator[Message | None]:
        last, done = position or ("", 0)
        for file in self._files():
            if file.name < last:
                continue
            begin = done if file.name == last else 0
            for number, row in enumerate(self.rows(file, begin), begin + 1):
                yield self._message(row)._replace(position=[file.name, number])

    def _files(self) -> Sequence[Path]:
        found = sorted(self._path.iterdir()) if self._path.is_dir() else [self._path]
        files = [each for each in found if each.suffix in self.endings and each.is_file()]
        if not files:
            wanted = " or ".join(self.endings)
            raise ConfigError(f"option 'path' of a Source is {str(self._path)!r}; name a {wanted} file")
        return files

    def _message(self, row: Any) -> Message:
        if not isinstance(row, dict):
            return Message(row).reject("row is none of its kind")
        if self._key and not isinstance(row.get(self._key), str | int):
            return Message(row).reject(f"row has no key {self._key!r}")
        return Message(row, str(row[self._key]) if self._key else None)


def _of_csv(lines: TextIO) -> Iterator[Any]:
    """Yield the fields of each row by name; of one that has more or fewer than the first line a list."""
    for row in csv.DictReader(lines):
        is_whole = None not in row and None not in row.values()
        yield row if is_whole else [each for each in row.values() if isinstance(each, str)]


def _of_json(lines: TextIO) -> Iterator[Any]:
    """Yield what each line holds; of one that is no JSON its text."""
    for line in lines:
        try:
            yield json.loads(line)
        except (ValueError, RecursionError):
            yield line


class FileLines(Leaf):
    """Append each message to a file of its partition, as a line of JSON: {"id", "key", "value"}.

    folder  where the files are, `<topic>-<partition>.jsonl`; it must be there

    Lines are on disk before their messages are committed, so none is lost. A process that is killed in
    between writes those of its last batch again, under the same ids: whoever counts drops what comes twice. A
    line that was cut short is taken away first.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def setup(self) -> None:
        if not self._folder.is_dir():
            raise ConfigError(f"option 'folder' of FileLines is {str(self._folder)!r}; name a folder")

    def consume(self, message: Message) -> None:
        self.consume_many([message])

    def consume_many(self, messages: Sequence[Message]) -> None:
        lines: defaultdict[Path, list[str]] = defaultdict(list)
        for each in messages:
            line = {"id": each.id, "key": each.key, "value": each.value}
            lines[self._folder / f"{each.topic}-{each.partition}.jsonl"].append(json.dumps(line))
        for path, some in lines.items():
            with path.open("ab+") as file:
                _cut(file.fileno())
                file.write("".join(f"{line}\n" for line in some).encode())
                file.flush()
                os.fsync(file.fileno())


def _cut(file: int) -> None:
    """Take away what stands behind the last whole line, which nobody has committed."""
    end = size = os.fstat(file).st_size
    while end and os.pread(file, 1, end - 1) != b"\n":
        end -= 1
    if end != size:
        os.ftruncate(file, end)
