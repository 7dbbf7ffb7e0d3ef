"""Rows of a SQL database into a topology, and messages into a table: SQLite, by Python's own client."""

import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from catenae.clock import Clock
from catenae.errors import ConfigError, TransientError
from catenae.message import Message
from catenae.microservice import Leaf, Source

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_WAITS_S = 5.0


class DatabaseBusy(TransientError):
    """SQLite has not let anybody in for a while; the text says which class of error it was."""


class SqlRows(Source):
    """Read the rows that a query gives beyond a cursor, again and again.

    path     of the database
    query    with `:cursor` and `:limit`, in the order of the cursor:
             "SELECT id, item FROM orders WHERE id > :cursor ORDER BY id LIMIT :limit"
    cursor   the column that grows from row to row, and is never given twice
    start    what is less than every cursor
    key      the column that is each message's key; none if empty
    every_s  how often it looks for more; 0 to be exhausted once there is none

    Each row becomes one message, a mapping by column, exactly once, also under `kill -9`: the cursor is the
    position. A row that is committed with a smaller cursor than one that was read is missed.
    """

    def __init__(  # noqa: PLR0913  an option each
        self,
        clock: Clock,
        path: Path,
        query: str,
        cursor: str,
        start: int | str = 0,
        key: str = "",
        *,
        every_s: float = 1.0,
        most_rows: int = 1000,
    ) -> None:
        if ":cursor" not in query or ":limit" not in query:
            raise ConfigError(f"option 'query' of SqlRows is {query!r}; it needs :cursor and :limit")
        self._clock = clock
        self._path, self._query, self._cursor = path, query, cursor
        self._start, self._key = start, key
        self._every_s, self._most_rows = every_s, most_rows

    def generate(self, position: Any) -> Iterator[Message | None]:
        cursor = self._start if position is None else position
        while True:
            rows = self._rows(cursor)
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

    def _rows(self, cursor: Any) -> Sequence[Mapping[str, Any]]:
        try:
            with closing(sqlite3.connect(f"file:{self._path}?mode=ro", _WAITS_S, uri=True)) as database:
                database.row_factory = sqlite3.Row
                given = {"cursor": cursor, "limit": self._most_rows}
                return [dict(row) for row in database.execute(self._query, given)]
        except sqlite3.OperationalError as error:
            raise DatabaseBusy(f"cannot read {str(self._path)!r}: {error}") from error


class SqlUpsert(Leaf):
    """Keep a table up to date: each message, a mapping, is the row of its key columns from then on.

    path     of the database, in which the table is
    table    its name
    columns  of the table, which are fields of each value
    keys     those of them that tell rows apart: they are its primary key, or unique together

    All rows of a batch are written in one transaction, before the batch is committed. One that comes again
    after a kill writes the same rows once more, so the table is as if each had come once. A value without one
    of the columns is a dead letter.
    """

    def __init__(self, path: Path, table: str, columns: Sequence[str], keys: Sequence[str]) -> None:
        for name in (table, *columns):
            if not _NAME.fullmatch(name):
                raise ConfigError(f"SqlUpsert was given the name {name!r}; take letters, digits and _")
        if not keys or not set(keys) <= set(columns):
            raise ConfigError(f"option 'keys' of SqlUpsert is {keys!r}; name some of {', '.join(columns)}")
        self._path, self._columns = path, tuple(columns)
        rest = [f"{each} = excluded.{each}" for each in columns if each not in keys]
        # Names were looked at above, values are bound.
        self._statement = (
            f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' for _ in columns)}) "  # noqa: S608
            f"ON CONFLICT ({', '.join(keys)}) DO " + (f"UPDATE SET {', '.join(rest)}" if rest else "NOTHING")
        )

    def consume(self, message: Message) -> None:
        self.consume_many([message])

    def consume_many(self, messages: Sequence[Message]) -> None:
        rows = [tuple(each.value[column] for column in self._columns) for each in messages]
        try:
            with closing(sqlite3.connect(self._path, _WAITS_S)) as database, database:
                database.executemany(self._statement, rows)
        except sqlite3.OperationalError as error:
            raise DatabaseBusy(f"cannot write {str(self._path)!r}: {error}") from error
