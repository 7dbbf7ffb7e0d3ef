"""Rows of a real PostgreSQL, each once; a table of it that is as if each message had come once."""

import gc
import uuid
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest

from catenae.errors import ConfigError
from catenae.secret import Secret
from catenae.testing import FakeClock, TestDriver, message
from catenae.testing.trouble import Point
from catenae.topology.graph import Topology
from catenae.topology.node import Node
from tests.servers.postgresql import PostgresqlServer

pytest.importorskip("psycopg", reason="the extra postgresql is not installed")

import psycopg

from catenae.connectors.postgresql import PostgresqlRows, PostgresqlUpsert
from catenae.connectors.postgresql_database import DatabaseAway

pytestmark = pytest.mark.servers

SERVICES = "catenae.connectors.postgresql"
ROWS = Node("rows", f"{SERVICES}:PostgresqlRows", writes="orders", batch_records=3)
TABLE = Node("table", f"{SERVICES}:PostgresqlUpsert", reads="orders")
TOPOLOGY = Topology("sql", (ROWS, TABLE), partitions=1)


class Shop:
    """A schema with orders, of which the table `sums` is to be made."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.name = f"shop_{uuid.uuid4().hex[:8]}"
        self._connection = psycopg.connect(url, autocommit=True)
        self.execute(f"CREATE SCHEMA {self.name}")
        self.execute(f"CREATE TABLE {self.name}.orders (id bigserial PRIMARY KEY, item text, amount numeric)")
        self.execute(f"CREATE TABLE {self.name}.sums (item text PRIMARY KEY, amount numeric)")
        self.add(*range(1, 9))

    def execute(self, statement: str) -> psycopg.Cursor[Any]:
        return self._connection.execute(statement.encode())

    def add(self, *numbers: int) -> None:
        values = ", ".join(f"('item {number % 3}', {number})" for number in numbers)
        self.execute(f"INSERT INTO {self.name}.orders (item, amount) VALUES {values}")

    def sums(self) -> list[Any]:
        found = self.execute(f"SELECT item, amount FROM {self.name}.sums ORDER BY item").fetchall()
        return [(item, int(amount)) for item, amount in found]

    def rows(self) -> dict[str, Any]:
        """Return the options of a Source of the orders."""
        query = f"SELECT id, item, amount FROM {self.name}.orders WHERE id > %(cursor)s"
        query += " ORDER BY id LIMIT %(limit)s"
        return {"url": self.url, "query": query, "cursor": "id", "key": "item", "every_s": 5.0}

    def table(self) -> dict[str, Any]:
        """Return the options of a Leaf that keeps the sums."""
        columns = ["item", "amount"]
        return {"url": self.url, "table": f"{self.name}.sums", "columns": columns, "keys": ["item"]}

    def driven(self, **more: Any) -> TestDriver:
        return TestDriver(TOPOLOGY, {"rows": self.rows(), "table": {**self.table(), **more}})

    def close(self) -> None:
        self.execute(f"DROP SCHEMA {self.name} CASCADE")
        self.abandon()

    def abandon(self) -> None:
        self._connection.close()


@pytest.fixture
def shop(postgresql: str) -> Iterator[Shop]:
    shop = Shop(postgresql)
    yield shop
    shop.close()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()  # who was killed has closed nothing


@contextmanager
def upserting(shop: Shop, **more: Any) -> Iterator[PostgresqlUpsert]:
    leaf = PostgresqlUpsert(**{**shop.table(), **more})
    yield leaf
    leaf.teardown()


@pytest.mark.filterwarnings("ignore:.*was deleted while still open:ResourceWarning")
@pytest.mark.parametrize("point", ["before commit", "after commit"])
@pytest.mark.parametrize("node", ["rows", "table"])
def test_a_kill_at_any_point_changes_nothing(shop: Shop, node: str, point: Point) -> None:
    with shop.driven() as sql:
        for _ in range(2):
            sql.kill(node, point)
            sql.advance(0)

        assert [each.value["id"] for each in sql.read("orders")] == list(range(1, 9))
    assert shop.sums() == [("item 0", 6), ("item 1", 7), ("item 2", 8)]


def test_what_comes_to_the_table_later_is_read_when_it_looks_again(shop: Shop) -> None:
    with shop.driven() as sql:
        sql.advance(0)
        sql.read("orders")
        shop.add(20)
        sql.advance(2)
        assert sql.read("orders") == []
        sql.advance(5)

        assert [each.value for each in sql.read("orders")] == [{"id": 9, "item": "item 2", "amount": "20"}]


def test_what_is_forgotten_is_removed(shop: Shop) -> None:
    with shop.driven() as sql, upserting(shop, personal="item") as leaf:
        sql.advance(0)
        leaf.forget(message(None, "item 1"))

    assert shop.sums() == [("item 0", 6), ("item 2", 8)]


def test_types_that_a_message_has_no_form_for_arrive_as_texts(shop: Shop) -> None:
    query = (
        "SELECT 1 AS id, 2.50 AS price, '09:30'::time AS opens, '{\"a\": [1]}'::jsonb AS tags, now() AS at"
    )
    options = {"query": f"{query} WHERE 0 = %(cursor)s LIMIT %(limit)s", "key": "", "every_s": 0.0}
    with TestDriver(Topology("one", (ROWS,), exported=("orders",)), {"rows": shop.rows() | options}) as sql:
        sql.advance(0)
        (found,) = sql.read("orders")

    assert [found.value[name] for name in ("price", "opens", "tags")] == ["2.50", "09:30:00", {"a": [1]}]


def test_a_mapping_becomes_json_and_a_list_an_array(shop: Shop) -> None:
    shop.execute(f"CREATE TABLE {shop.name}.notes (id int PRIMARY KEY, note jsonb, tags text[])")
    with upserting(shop, table=f"{shop.name}.notes", columns=["id", "note", "tags"], keys=["id"]) as leaf:
        leaf.consume(message({"id": 1, "note": {"a": [1]}, "tags": ["x", "y"]}))

    assert shop.execute(f"SELECT note, tags FROM {shop.name}.notes").fetchall() == [({"a": [1]}, ["x", "y"])]


def test_all_of_a_batch_is_written_or_none(shop: Shop) -> None:
    with upserting(shop) as leaf, pytest.raises(psycopg.errors.InvalidTextRepresentation):
        leaf.consume_many([message({"item": "tea", "amount": each}) for each in (1, "none")])
    assert shop.sums() == []


def test_a_server_that_comes_back_is_connected_to_again(postgresql_server: PostgresqlServer) -> None:
    shop, order = Shop(postgresql_server.url), message({"item": "tea", "amount": 1})
    with upserting(shop) as leaf:
        leaf.consume(order)
        postgresql_server.crash()
        for _ in range(2):
            with pytest.raises(DatabaseAway, match="does not answer, or refuses for now"):
                leaf.consume(order)
        postgresql_server.start()

        leaf.consume(order)
    shop.abandon()


OPTIONS: Mapping[str, Any] = {"query": "%(cursor)s %(limit)s", "cursor": "id"}


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"url": "mysql://host/db"}, "is none of PostgreSQL"),
        ({"url": "postgresql://ann:unsaid@host/db"}, "has a password, which others could read"),
        ({"url": "postgresql://host/db?password=unsaid"}, "has a password, which others could read"),
        ({"query": "SELECT 1"}, r"it needs %\(cursor\)s and %\(limit\)s"),
    ],
)
def test_what_is_no_source_of_rows_is_refused_without_its_secrets(options: Any, told: str) -> None:
    given = {"url": "postgresql://host/db", **OPTIONS, **options}

    with pytest.raises(ConfigError, match=told) as refused:
        PostgresqlRows(FakeClock(), **given, password=Secret("hush"))
    assert "unsaid" not in str(refused.value)
