"""What connectors of SQL databases share: reading on behind a cursor, statements that keep a table."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from catenae.clock import Clock
from catenae.errors import ConfigError
from catenae.message import Message
from catenae.microservice import Source

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)?")


class CursorRows(Source):
    """Read rows that grow by a cursor, again and again; a subclass says where from.

    cursor   the column that grows from row to row, and is never given twice
    start    what is less than every cursor
    key      the column that is each message's key; none if empty
    every_s  how often it looks for more; 0 to be exhausted once there is none
    """

    def __init__(self, clock: Clock, cursor: str, start: int | str, key: str, every_s: float) -> None:
        self._clock = clock
        self._cursor, self._start, self._key = cursor, start, key
        self._every_s = every_s

    def rows(self, cursor: Any) -> Sequence[Mapping[str, Any]]:
        """Return some rows behind a cursor, in its order; none where there are no more yet."""
        raise NotImplementedError

    def generate(self, position: Any) -> Iterator[Message | None]:
        cursor = self._start if position is None else position
        while True:
            rows = self.rows(cursor)
            for row in rows:
                cursor = row[self._cursor]
                yield Message(row, str(row[self._key]) if self._key else None, position=cursor)
            if rows:
                continue
            if not self._every_s:
                return
            due_s = self._clock.monotonic_s() + self._every_s
            while self._clock.monotonic_s() < due_s:
                yield None


class Table(NamedTuple):
    """A table that is kept up to date.

    columns   of it, which are fields of each value
    keys      those of them that tell rows apart: they are its primary key, or unique together
    version   the one that grows from change to change of a row: an older one changes nothing; none if empty
    personal  the one that holds the messages' key: what is forgotten is removed by it; none if empty
    """

    name: str
    columns: Sequence[str]
    keys: Sequence[str]
    version: str = ""
    personal: str = ""

    def checked(self) -> "Table":
        """Return itself. Raises ConfigError for what is no name, or none of the columns."""
        for name in (self.name, *self.columns):
            if not _NAME.fullmatch(name):
                raise ConfigError(f"a table or column is named {name!r}; take letters, digits and _")
        known = ", ".join(self.columns)
        if not self.keys or not set(self.keys) <= set(self.columns):
            raise ConfigError(f"option 'keys' is {self.keys!r}; name some of {known}")
        for option in ("version", "personal"):
            if getattr(self, option) not in ("", *self.columns):
                raise ConfigError(f"option {option!r} is {getattr(self, option)!r}; name one of {known}")
        return self

    def row(self, value: Mapping[str, Any]) -> tuple[Any, ...]:
        """Return what a value has in the columns. Raises KeyError for one that it lacks."""
        return tuple(value[column] for column in self.columns)

    def upsert(self, mark: str) -> str:
        """Return the statement that stores a row; `mark` stands for a value. Names were looked at before."""
        rest = [f"{each} = excluded.{each}" for each in self.columns if each not in self.keys]
        newer = f" WHERE {self.name}.{self.version} <= excluded.{self.version}" if self.version else ""
        return (
            f"INSERT INTO {self.name} ({', '.join(self.columns)}) "  # noqa: S608
            f"VALUES ({', '.join(mark for _ in self.columns)}) ON CONFLICT ({', '.join(self.keys)}) DO "
            + (f"UPDATE SET {', '.join(rest)}{newer}" if rest else "NOTHING")
        )

    def removal(self, mark: str) -> str:
        """Return the statement that removes all rows of a key."""
        return f"DELETE FROM {self.name} WHERE {self.personal} = {mark}"  # noqa: S608
