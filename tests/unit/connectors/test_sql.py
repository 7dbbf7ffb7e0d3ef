"""Rows of a query, each once; a table that is as if each message had come once."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from catenae.connectors.sql import DatabaseBusy, SqlRows, SqlUpsert
from catenae.errors import ConfigError
from catenae.testing import FakeClock, TestDriver, message
from catenae.testing.trouble import Point
from catenae.topology.graph import Topology
from catenae.topology.node import Node

QUERY = "SELECT id, item, amount FROM orders WHERE id > :cursor ORDER BY id LIMIT :limit"
ROWS = Node("rows", "catenae.connectors.sql:SqlRows", writes="orders", batch_records=3)
TABLE = Node("table", "catenae.connectors.sql:SqlUpsert", reads="orders")
TOPOLOGY = Topology("sql", (ROWS, TABLE), partitions=1)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(tmp_path / "shop.sqlite", isolation_level=None)) as opened:
        opened.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, item TEXT, amount INTEGER)")
        opened.execute("CREATE TABLE sums (item TEXT PRIMARY KEY, amount INTEGER)")
        opened.executemany(
            "INSERT INTO orders VALUES (?, ?, ?)", [(n, f"item {n % 3}", n) for n in range(1, 9)]
        )
        yield opened


def driven(folder: Path) -> TestDriver:
    path = folder / "shop.sqlite"
    rows = {"path": path, "query": QUERY, "cursor": "id", "key": "item", "every_s": 5.0}
    table = {"path": path, "table": "sums", "columns": ["item", "amount"], "keys": ["item"]}
    return TestDriver(TOPOLOGY, {"rows": rows, "table": table})


def sums(database: sqlite3.Connection) -> list[Any]:
    return database.execute("SELECT item, amount FROM sums ORDER BY item").fetchall()


@pytest.mark.parametrize("point", ["before commit", "after commit"])
@pytest.mark.parametrize("node", ["rows", "table"])
def test_a_kill_at_any_point_changes_nothing(
    tmp_path: Path, database: sqlite3.Connection, node: str, point: Point
) -> None:
    with driven(tmp_path) as sql:
        for _ in range(2):
            sql.kill(node, point)
            sql.advance(0)

        assert [each.value["id"] for each in sql.read("orders")] == list(range(1, 9))
    assert sums(database) == [("item 0", 6), ("item 1", 7), ("item 2", 8)]


def test_what_comes_to_the_table_later_is_read_when_it_looks_again(
    tmp_path: Path, database: sqlite3.Connection
) -> None:
    with driven(tmp_path) as sql:
        sql.advance(0)
        sql.read("orders")
        database.execute("INSERT INTO orders VALUES (20, 'tea', 1)")
        sql.advance(2)
        assert sql.read("orders") == []
        sql.advance(5)

        assert [each.value for each in sql.read("orders")] == [{"id": 20, "item": "tea", "amount": 1}]


def test_a_query_without_a_cursor_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="it needs :cursor and :limit"):
        SqlRows(FakeClock(), tmp_path / "a", "SELECT * FROM orders", "id")


def test_a_name_that_is_no_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="take letters, digits and _"):
        SqlUpsert(tmp_path / "a", "sums; DROP TABLE sums", ["item"], ["item"])


@pytest.mark.parametrize("keys", [[], ["other"]])
def test_keys_are_some_of_the_columns(tmp_path: Path, keys: list[str]) -> None:
    with pytest.raises(ConfigError, match="name some of item"):
        SqlUpsert(tmp_path / "a", "sums", ["item"], keys)


def test_a_database_that_is_not_there_is_waited_for(tmp_path: Path) -> None:
    source = SqlRows(FakeClock(), tmp_path / "none.sqlite", QUERY, "id")

    with pytest.raises(DatabaseBusy):
        list(source.generate(None))


def test_all_of_a_batch_is_written_or_none(tmp_path: Path, database: sqlite3.Connection) -> None:
    table = SqlUpsert(tmp_path / "shop.sqlite", "sums", ["item", "amount"], ["item"])

    with pytest.raises(KeyError):
        table.consume_many([message({"item": "tea", "amount": 1}), message({"item": "milk"})])
    assert sums(database) == []
