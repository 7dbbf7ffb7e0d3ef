"""The statements that keep a table: what tells rows apart, what is newer, and whose they are."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from catenae.connectors.sql import SqlUpsert
from catenae.connectors.tables import Table
from catenae.errors import ConfigError
from catenae.testing import TestDriver, message
from catenae.topology.graph import Topology
from catenae.topology.node import Node

COLUMNS = ["user", "place", "at"]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(tmp_path / "places.sqlite", isolation_level=None)) as opened:
        opened.execute("CREATE TABLE places (user TEXT PRIMARY KEY, place TEXT, at INTEGER)")
        yield opened


def rows(database: sqlite3.Connection) -> list[Any]:
    return database.execute("SELECT * FROM places ORDER BY user").fetchall()


@pytest.mark.parametrize(("version", "kept"), [("", "home"), ("at", "work")])
def test_an_older_row_changes_nothing_where_a_version_is_named(
    tmp_path: Path, database: sqlite3.Connection, version: str, kept: str
) -> None:
    table = SqlUpsert(tmp_path / "places.sqlite", "places", COLUMNS, ["user"], version=version)

    table.consume(message({"user": "ann", "place": "work", "at": 9}))
    table.consume(message({"user": "ann", "place": "home", "at": 8}))

    assert [place for _, place, _ in rows(database)] == [kept]


def test_the_rows_of_a_key_are_removed_when_it_is_forgotten(
    tmp_path: Path, database: sqlite3.Connection
) -> None:
    leaf = Node("places", "catenae.connectors.sql:SqlUpsert", reads="visits")
    options = {"path": tmp_path / "places.sqlite", "table": "places", "columns": COLUMNS, "keys": ["user"]}
    with TestDriver(
        Topology("visits", (leaf,), external=("visits",)), {"places": {**options, "personal": "user"}}
    ) as driver:
        for user in ("ann", "bob"):
            driver.send("visits", {"user": user, "place": "home", "at": 1}, key=user)
        driver.forget("ann")

    assert rows(database) == [("bob", "home", 1)]


def test_a_table_of_keys_alone_takes_each_once() -> None:
    assert Table("seen", ["user"], ["user"]).upsert("?").endswith("ON CONFLICT (user) DO NOTHING")


@pytest.mark.parametrize("option", ["version", "personal"])
def test_what_is_named_is_one_of_the_columns(option: str) -> None:
    with pytest.raises(ConfigError, match=f"option '{option}' is 'age'; name one of user, place, at"):
        Table("places", COLUMNS, ["user"], **{option: "age"}).checked()
