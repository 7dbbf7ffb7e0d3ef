"""Rows of a SQLite database into a topology, and messages into a table of one, by Python's own client."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from catenae.clock import Clock
from catenae.connectors.tables import CursorRows, Table
from catenae.errors import ConfigError, TransientError
from catenae.message import Message
from catenae.microservice import Leaf

_WAITS_S = 5.0


class DatabaseBusy(TransientError):
    """SQLite has not let anybody in for a while; the text says which class of error it was."""


class SqlRows(CursorRows):
    """Read the rows that a query gives behind a cursor, again and again.

    path     of the database
    query    with `:cursor` and `:limit`, in the order of the cursor:
             "SELECT id, item FROM orders WHERE id > :cursor ORDER BY id LIMIT :limit"
    others   see `CursorRows`

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
        super().__init__(clock, cursor, start, key, every_s)
        if ":cursor" not in query or ":limit" not in query:
            raise ConfigError(f"option 'query' of SqlRows is {query!r}; it needs :cursor and :limit")
        self._path, self._query, self._most_rows = path, query, most_rows

    def rows(self, cursor: Any) -> Sequence[Mapping[str, Any]]:
        given = {"cursor": cursor, "limit": self._most_rows}
        with _opened(f"file:{self._path}?mode=ro") as database:
            database.row_factory = sqlite3.Row
            return [dict(row) for row in database.execute(self._query, given)]


class SqlUpsert(Leaf):
    """Keep a table up to date: each message, a mapping, is the row of its key columns from then on.

    path    of the database, in which the table is
    table   its name
    others  see `Table`

    All rows of a batch are written in one transaction, before the batch is committed. One that comes again
    after a kill writes the same rows once more, so the table is as if each had come once. Who is frozen for
    longer than its lease may write its last batch late: then `version` keeps the newer rows. A value without
    one of the columns is a dead letter. A key that is forgotten is removed if `personal` names its column.
    """

    def __init__(
        self,
        path: Path,
        table: str,
        columns: Sequence[str],
        keys: Sequence[str],
        *,
        version: str = "",
        personal: str = "",
    ) -> None:
        self._path = path
        self._table = Table(table, columns, keys, version, personal).checked()

    def consume(self, message: Message) -> None:
        self.consume_many([message])

    def consume_many(self, messages: Sequence[Message]) -> None:
        rows = [self._table.row(each.value) for each in messages]
        with _opened(f"file:{self._path}") as database:
            database.executemany(self._table.upsert("?"), rows)

    def forget(self, request: Message) -> None:
        if self._table.personal:
            with _opened(f"file:{self._path}") as database:
                database.execute(self._table.removal("?"), [request.key])


@contextmanager
def _opened(url: str) -> Iterator[sqlite3.Connection]:
    """Open a database for one transaction. Raises DatabaseBusy where it cannot be read or written now."""
    try:
        with closing(sqlite3.connect(url, timeout=_WAITS_S, uri=True)) as database, database:
            yield database
    except sqlite3.OperationalError as error:
        raise DatabaseBusy(f"cannot use {url.removeprefix('file:')!r}: {error}") from error
