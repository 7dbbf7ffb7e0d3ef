"""Rows of a PostgreSQL database into a topology, and messages into a table of one, by psycopg 3.

Extra `postgresql`. The password is an option of its own, which no declaration holds; what else libpq takes,
such as `PGPASSWORD`, `~/.pgpass` or `?sslmode=verify-full`, it takes as ever.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from catenae.clock import Clock
from catenae.connectors.postgresql_database import Database
from catenae.connectors.tables import CursorRows, Table
from catenae.errors import ConfigError
from catenae.message import Message
from catenae.microservice import Leaf
from catenae.secret import Secret


class PostgresqlRows(CursorRows):
    """Read the rows that a query gives behind a cursor, again and again.

    url       postgresql://user@host:port/database
    query     with `%(cursor)s` and `%(limit)s`, in the order of the cursor:
              "SELECT id, item FROM orders WHERE id > %(cursor)s ORDER BY id LIMIT %(limit)s"
    password  of the user
    others    see `CursorRows`

    Each row becomes one message, a mapping by column, exactly once, also under `kill -9`: the cursor is the
    position. A row that is committed with a smaller cursor than one that was read is missed: several who
    write at once number their rows before they commit. So let the query leave out what is younger than a
    transaction lasts. Types that a message has no form for, such as numeric, arrive as texts.
    """

    def __init__(  # noqa: PLR0913  an option each
        self,
        clock: Clock,
        url: str,
        query: str,
        cursor: str,
        start: int | str = 0,
        key: str = "",
        *,
        every_s: float = 1.0,
        most_rows: int = 1000,
        password: Secret | None = None,
    ) -> None:
        super().__init__(clock, cursor, start, key, every_s)
        if "%(cursor)s" not in query or "%(limit)s" not in query:
            raise ConfigError(
                f"option 'query' of PostgresqlRows is {query!r}; it needs %(cursor)s and %(limit)s"
            )
        self._database = Database(url, password)
        self._query, self._most_rows = query.encode(), most_rows

    def rows(self, cursor: Any) -> Sequence[Mapping[str, Any]]:
        with self._database.transaction() as connection:
            return connection.execute(self._query, {"cursor": cursor, "limit": self._most_rows}).fetchall()

    def teardown(self) -> None:
        self._database.close()


class PostgresqlUpsert(Leaf):
    """Keep a table up to date: each message, a mapping, is the row of its key columns from then on.

    url       postgresql://user@host:port/database
    table     its name, or `schema.name`
    password  of the user
    others    see `Table`

    As exact as `SqlUpsert`: as if each message had come once, in its order. A mapping in a value becomes
    jsonb, a list an array. What the database refuses is a dead letter.
    """

    def __init__(  # noqa: PLR0913  an option each
        self,
        url: str,
        table: str,
        columns: Sequence[str],
        keys: Sequence[str],
        *,
        version: str = "",
        personal: str = "",
        password: Secret | None = None,
    ) -> None:
        self._table = Table(table, columns, keys, version, personal).checked()
        self._database = Database(url, password)

    def consume(self, message: Message) -> None:
        self.consume_many([message])

    def consume_many(self, messages: Sequence[Message]) -> None:
        rows = [self._table.row(each.value) for each in messages]
        with self._database.transaction() as connection, connection.cursor() as cursor:
            cursor.executemany(self._table.upsert("%s").encode(), rows)

    def forget(self, request: Message) -> None:
        if self._table.personal:
            with self._database.transaction() as connection:
                connection.execute(self._table.removal("%s").encode(), [request.key])

    def teardown(self) -> None:
        self._database.close()
