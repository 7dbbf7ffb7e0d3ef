"""A connection to a PostgreSQL database, by psycopg 3, that is made when it is needed."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import dict_row
from psycopg.types.json import JsonbDumper
from psycopg.types.string import TextLoader

from catenae.errors import ConfigError, TransientError
from catenae.secret import Secret

# A server that is gone is noticed; what the URL says counts more.
_PATIENCE: Mapping[str, str | int] = {
    "connect_timeout": 5,
    "tcp_user_timeout": 10_000,
    "application_name": "catenae",
}
# A message has no form for what psycopg makes of these.
_AS_TEXT = ("numeric", "uuid", "time", "timetz", "interval", "inet", "cidr")

Connection = psycopg.Connection[dict[str, Any]]


class DatabaseAway(TransientError):
    """PostgreSQL does not answer, or not now; the text says which class of error it was."""


class Database:
    """One connection, anew after an error. Thread-safe: a transaction waits for the one before.

    url       postgresql://user@host:port/database
    password  of the user, None where libpq is to look for it
    """

    def __init__(self, url: str, password: Secret | None) -> None:
        try:
            given = conninfo_to_dict(url)
        except psycopg.ProgrammingError:
            # What psycopg says quotes the URL, and so what may be secret in it.
            raise ConfigError(
                "option 'url' is none of PostgreSQL; give postgresql://user@host/name"
            ) from None
        if "password" in given:
            raise ConfigError("option 'url' has a password, which others could read; give option 'password'")
        self._settings = make_conninfo("", **{**_PATIENCE, **given})
        self._password = password
        self._connection: Connection | None = None
        self._lock = threading.Lock()

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Begin a transaction, committed at the end. Raises DatabaseAway for what may go by itself."""
        with self._lock:
            try:
                if self._connection is None:
                    self._connection = self._connect()
                with self._connection.transaction():
                    yield self._connection
            except psycopg.OperationalError as error:
                self.close()
                kind = f"{type(error).__name__}{f' with code {error.sqlstate}' if error.sqlstate else ''}"
                raise DatabaseAway(f"PostgreSQL does not answer, or refuses for now: {kind}") from error

    def close(self) -> None:
        """Close the connection, if there is one."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def _connect(self) -> Connection:
        secret = {} if self._password is None else {"password": self._password.reveal()}
        settings = make_conninfo(self._settings, **secret)
        connection = psycopg.connect(settings, autocommit=True, row_factory=dict_row)
        for name in _AS_TEXT:
            connection.adapters.register_loader(name, TextLoader)
        connection.adapters.register_dumper(dict, JsonbDumper)
        return connection
