"""Topologies wired by types: mypy takes the right one and refuses the wrong ones, each at its line."""

from pathlib import Path

import pytest
from mypy import api

from catenae import Input, Node, Topic, typed_node
from tests.unit.test_topology_types import Kitchen, Order, Till

SERVICES = """
import msgspec
from collections.abc import Iterator
from catenae import Leaf, Message, Middle, Topic, Topology, typed_node


class Order(msgspec.Struct):
    item: str


class Bill(msgspec.Struct):
    price: float


class Till(Middle):
    def transform(self, message: Message[Order]) -> Iterator[Message[Bill]]:
        yield message.derive(Bill(1.0))


class Printer(Leaf):
    def consume(self, message: Message[Bill]) -> None: ...


class AnyLeaf(Leaf):
    def consume(self, message: Message) -> None: ...


orders, bills = Topic[Order]("orders"), Topic[Bill]("bills")
typed_node("till", Till, orders, bills, replicas=2)
typed_node("printer", Printer, bills)
typed_node("any", AnyLeaf, orders)
"""
WRONG = (
    'typed_node("till", Till, bills, bills)',
    'typed_node("till", Till, orders, orders)',
    'typed_node("printer", Printer, orders)',
)


@pytest.mark.lengthy
def test_mypy_refuses_what_is_wired_wrongly_and_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "cafe.py"
    file.write_text(SERVICES + "\n".join(WRONG) + "\n", encoding="utf-8")
    told, _, status = api.run(["--strict", "--no-error-summary", "--cache-dir", str(tmp_path), str(file)])

    first_wrong = SERVICES.count("\n") + 1
    lines = {int(line.split(":")[1]) for line in told.splitlines() if ": error:" in line}
    assert (status, lines) == (1, set(range(first_wrong, first_wrong + len(WRONG))))


def test_a_typed_node_is_a_node() -> None:
    orders, calls = Topic[Order]("orders", delay_s=2.0), Topic[str]("calls")
    where = "tests.unit.test_topology_types"

    assert typed_node("till", Till, calls, Topic[Order]("orders")) == Node(
        "till", f"{where}:Till", Input("calls"), "orders"
    )
    assert typed_node("kitchen", Kitchen, orders).inputs[0].delay_s == 2.0
