"""What a file of format 1 holds goes to a file for each collection: exact after a kill at any point."""

import sqlite3
from collections.abc import Callable

from catenae.stores import sqlite_query as query
from catenae.stores.sqlite_file import FORMAT, SqliteFile, transaction


def part(old: SqliteFile, made: Callable[[str], SqliteFile]) -> None:
    """Move each collection of a file into the one that `made` returns for its name.

    Nobody reads or writes the new files before the old one says that all has moved: so it is done once more
    after a kill, and what was not finished is written over.
    """
    with old.using() as connection:
        # What is dropped is written over, not only given up.
        connection.execute("PRAGMA secure_delete = ON")
        with transaction(connection):
            if connection.execute("PRAGMA user_version").fetchone() == (FORMAT,):
                return  # another process was first
            tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            for (name,) in tables:
                _copy(name, connection, made(name))
            for (name,) in tables:
                connection.execute(f"DROP TABLE {query.table(name)}")
            connection.execute(f"PRAGMA user_version = {FORMAT}")
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _copy(name: str, old: sqlite3.Connection, new: SqliteFile) -> None:
    with new.writing() as connection:
        rows = old.execute(f"SELECT id, document FROM {query.table(name)}")  # noqa: S608 — a checked name
        connection.executemany(f"INSERT OR REPLACE INTO {query.table(name)} VALUES (?, ?)", rows)  # noqa: S608
        indexes = (
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL"
        )
        for index, statement in old.execute(indexes, (name,)):
            connection.execute(f'DROP INDEX IF EXISTS "{index}"')
            connection.execute(statement)
    with new.using() as connection:
        # On the disk before the old ones go: a power cut takes the last moments of a file's log.
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
