"""Collections and dumps as a stream: what was written once is written again, at its own pace or at once."""

import json
import re
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from catenae import ConfigError, Message, Source
from services.reddit.files import ENDINGS, Line, Lines, UnreadableFile, open_lines, row_files
from services.reddit.pace import Pace
from services.reddit.records import OddRow, TextRecord, text_record

_MONTH = re.compile(r"\d{4}-\d{2}")

Place = list[Any]  # name of the file, number of the line

# A long stretch of other users' posts is no reason to look dead: the runtime hears of it this often.
_SILENCE_S = 0.5
# So many ids are remembered at least: enough for a collection, and for what a dump repeats near by.
_REMEMBERED_IDS = 400_000
# Files that are no larger together are all read again to go on in the last one, for the ids in them.
_READ_AGAIN_BYTES = 64 * 1024 * 1024


class Replay(Source):
    """Read a file of rows, or a folder of them in order. Writes text records, keyed by author.

    path   JSONL, plain or compressed by gzip, bzip2, xz or Zstandard, whatever it is called; a row is a text
           record or a Reddit row of any origin. Of a folder of dumps such as RC_2019-01.zst and
           RS_2019-01.zst, a month is read before the next, else by name
    speed  seconds of `created_utc` per second of replay, but for gaps, as `Pace`; 0 as fast as the topology
           takes it
    users  file of user names, one per line: posts of others are left out; all users unless given
    clock  seconds since some moment

    An odd row never stops the replay: its line is rejected with the reason and becomes a dead letter. So does
    a row whose id has been there, within some hundred thousand rows and, of large files, the same file.
    The position is the name of the file and the number of the line; to go on there, the file is read again up
    to it. Raises ConfigError for a file that is absent, damaged or cut short, after the rows before that.
    """

    def __init__(
        self,
        path: Path,
        speed: float = 0.0,
        users: Path | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if speed < 0:
            raise ConfigError(
                f"option 'speed' of Replay is {speed}; give a factor of real time, or 0 for no pace"
            )
        self._files = _files(path)
        self._speed = speed
        self._users = None if users is None else _names(users)
        self._clock = clock
        self._lines_now: Lines | None = None
        self._bytes_before = 0

    def progress(self) -> float | None:
        total = sum(file.stat().st_size for file in self._files)
        read = self._bytes_before + (self._lines_now.read_bytes if self._lines_now else 0)
        return read / total if total else None

    def generate(self, position: Any) -> Iterator[Message | None]:
        pace = Pace(self._speed, self._clock)
        ids = _Ids()
        heard_s = self._clock()
        try:
            for place, line, is_new in self._lines(position):
                message = None if is_new is None else self._message(line, place, ids)
                if not is_new:
                    message = None
                elif message is not None and not message.rejected:
                    due_s = pace.due_s(message.value["created_utc"])
                    while due_s > self._clock():
                        yield None
                if message is not None or self._clock() - heard_s > _SILENCE_S:
                    yield message
                    heard_s = self._clock()
        except UnreadableFile as error:
            raise ConfigError(str(error)) from error

    def _lines(self, position: Any) -> Iterator[tuple[Place, Line, bool | None]]:
        """Yield each line from the position's file on, its place, and whether it is behind the position.

        None in place of that where not even its id matters any more.
        """
        reached, after = position or ("", 0)
        is_small = sum(file.stat().st_size for file in self._files) <= _READ_AGAIN_BYTES
        self._bytes_before = 0
        for file in self._files:
            is_behind = _order(file.name) > _order(reached)
            if is_behind or file.name == reached or is_small:
                self._lines_now = Lines(file)
                for line in self._lines_now:
                    is_new = is_behind or (file.name == reached and line.number > after)
                    is_near = is_small or line.number > after - _REMEMBERED_IDS
                    yield [file.name, line.number], line, is_new or (False if is_near else None)
            self._lines_now = None
            self._bytes_before += file.stat().st_size

    def _message(self, line: Line, place: Place, ids: "_Ids") -> Message | None:
        """Return the message of a line, or None if it is of a user left out."""
        try:
            record = _record(line)
        except OddRow as odd:
            return Message(line.data, position=place, rejected=odd.reason)
        if self._users is not None and record["author"] not in self._users:
            return None
        if not ids.add(record["id"]):
            return Message(line.data, position=place, rejected="repeated id")
        return Message(record, record["author"], position=place)


class _Ids:
    """The last ids, as hashes of this process: two generations, of which the older one is let go."""

    def __init__(self) -> None:
        self._younger: set[int] = set()
        self._older: set[int] = set()

    def add(self, name: str) -> bool:
        """Remember an id; return whether it was new."""
        number = hash(name)
        if number in self._younger or number in self._older:
            return False
        if len(self._younger) >= _REMEMBERED_IDS:
            self._younger, self._older = set(), self._younger
        self._younger.add(number)
        return True


def _record(line: Line) -> TextRecord:
    if not line.is_whole:
        raise OddRow("line too long")
    try:
        row = _decoded(line.data)
    except (ValueError, RecursionError):
        raise OddRow("no JSON in UTF-8") from None
    return text_record(row)


def _decoded(data: bytes) -> Any:
    try:
        # In a quarter of the time that Python's own reader takes, and stricter: it alone takes halves of a
        # surrogate pair, numbers beyond all bounds and other encodings.
        return msgspec.json.decode(data)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return json.loads(data)


def _files(path: Path) -> Sequence[Path]:
    if path.is_file():
        return [path]
    files = sorted(row_files(path), key=lambda each: _order(each.name))
    if not files:
        raise ConfigError(
            f"option 'path' of Replay is {str(path)!r}, where there is no file that ends in "
            f"{', '.join(ENDINGS)}. Name a file of rows, or a folder that holds some"
        )
    return files


def _order(name: str) -> tuple[str, str]:
    """Put the dumps of a month together."""
    month = _MONTH.search(name)
    return month[0] if month else "", name


def _names(path: Path) -> frozenset[str]:
    try:
        return frozenset(line.data.decode() for line in open_lines(path))
    except UnreadableFile as error:
        raise ConfigError(f"option 'users' of Replay: {error}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(
            f"option 'users' of Replay: {path} is not UTF-8. Write one user name per line"
        ) from error
