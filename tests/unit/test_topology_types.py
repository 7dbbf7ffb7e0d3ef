"""Declared types of topics: a reader older than its writer is found, and the document says them all."""

import json
import sys
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Annotated, Any, ClassVar, Literal, NotRequired, TypedDict

import msgspec
import pytest

from catenae import Leaf, Message, Middle, Node, Topology
from catenae.codec.json_bytes import read_json, write_json
from catenae.codec.packing import pack, unpack
from catenae.operating.check import check
from catenae.testing import drain
from catenae.topology.asyncapi import asyncapi
from catenae.topology.fitting import misfits


class Order(msgspec.Struct):
    item: str
    kind: Literal["new", "again"] = "new"
    pieces: Annotated[int, msgspec.Meta(ge=1)] = 1


class OlderOrder(msgspec.Struct):
    item: str
    price: float
    kind: Literal["new"] = "new"


class Row(TypedDict):
    item: str
    note: NotRequired[str]


class NotedRow(TypedDict):
    item: str
    note: str


class Till(Middle):
    """Makes orders of texts."""

    def transform(self, message: Message) -> Iterator[Message[Order]]:
        yield message.derive(Order(message.value))


class Kitchen(Leaf):
    orders: ClassVar[list[Order]] = []

    def consume(self, message: Message[Order]) -> None:
        self.orders.append(message.value)


class OldKitchen(Leaf):
    def consume(self, message: Message[OlderOrder]) -> None: ...


class Ports(Middle):
    """Sends two types, each to a port of its own."""

    ports: ClassVar[Mapping[str, Any]] = {"orders": Order, "rows": Row}

    def transform(self, message: Message) -> Iterator[Message]:
        yield message.derive({"item": "tea"}, to="rows")


@pytest.fixture(autouse=True)
def _services(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("cafe")
    vars(module).update({each.__name__: each for each in (Till, Kitchen, OldKitchen, Ports)})
    monkeypatch.setitem(sys.modules, "cafe", module)


def cafe(kitchen: str = "Kitchen", form: Literal["msgpack", "json"] = "msgpack") -> Topology:
    nodes = (
        Node("till", "cafe:Till", "calls", "orders"),
        Node("kitchen", f"cafe:{kitchen}", "orders"),
    )
    return Topology("cafe", nodes, external=("calls",), formats={"orders": form})


@pytest.mark.parametrize("form", ["msgpack", "json"])
def test_a_struct_that_is_sent_is_one_again_where_it_is_read(form: Literal["msgpack", "json"]) -> None:
    Kitchen.orders.clear()
    drain(cafe(form=form), {"calls": ["tea"]})

    assert Kitchen.orders == [Order("tea")]


def test_a_struct_travels_by_the_names_of_its_fields_and_its_tag() -> None:
    class Tagged(msgspec.Struct, tag="t", rename="camel"):
        inner_one: Order

    travels = {"type": "t", "innerOne": {"item": "tea", "kind": "new", "pieces": 1}}
    assert unpack(pack([Tagged(Order("tea"))])) == [travels]
    assert read_json(write_json(Tagged(Order("tea")))) == travels


def test_a_reader_older_than_its_writer_is_found_field_by_field() -> None:
    assert [str(each) for each in check(cafe("OldKitchen"))] == [
        "error: node 'kitchen' reads topic 'orders' as OlderOrder, but 'till' writes Order, of which "
        f"{misfit}. Bring the reader up to the writer"
        for misfit in ("$.price is missing", "$.kind may be 'again', which is not expected")
    ]
    assert check(cafe()) == []


def test_a_service_that_cannot_be_used_does_not_hide_the_others_mistakes() -> None:
    nodes = (*cafe("OldKitchen").nodes, Node("gone", "cafe:Gone", "orders"))
    found = "\n".join(map(str, check(Topology("cafe", nodes, external=("calls",)))))

    assert "node 'gone' cannot use its service" in found
    assert "$.price is missing" in found


class Forbidding(msgspec.Struct, forbid_unknown_fields=True):
    item: str


class Deep(TypedDict):
    rows: list[dict[str, Row]]


class DeepNoted(TypedDict):
    rows: list[dict[str, NotedRow]]


@pytest.mark.parametrize(
    ("written", "read", "found"),
    [
        (Order, Row, []),
        (Row, NotedRow, ["$.note may be missing"]),
        (Order, Forbidding, ["$.kind is not expected", "$.pieces is not expected"]),
        (Deep, DeepNoted, ["$.rows[…][…].note may be missing"]),
        (Deep, Deep, []),
        (int, float, []),
        (float, int, ["$ is float, where int is expected"]),
        (str, Any, []),
        (str | None, str, ["$ is none, where str is expected"]),
        (str, str | None, []),
        (bytes, str | int, ["$ may be bytes, which is not expected"]),
        (Literal["a"], str, []),
        (str, Literal["a"], ["$ is str, where literal is expected"]),
        (Row, dict[str, str], []),
        (Order, dict[str, str], ["$.pieces is int, where str is expected"]),
    ],
)
def test_one_type_is_another_or_it_is_said_where_not(written: Any, read: Any, found: list[str]) -> None:
    assert list(misfits(written, read)) == found


def test_the_document_says_of_each_topic_what_is_in_it_and_who_has_to_do_with_it() -> None:
    document = json.loads(json.dumps(asyncapi(cafe(form="json"))))

    message = document["channels"]["orders"]["messages"]["message"]
    assert (document["asyncapi"], message["contentType"]) == ("3.0.0", "application/json")
    assert message["payload"] == {"$ref": "#/components/schemas/Order"}
    schema = document["components"]["schemas"]["Order"]
    assert (schema["required"], schema["properties"]["pieces"]["minimum"]) == (["item"], 1)
    assert {name: each["action"] for name, each in document["operations"].items()} == {
        "till.receive.calls": "receive",
        "till.send.orders": "send",
        "kitchen.receive.orders": "receive",
    }
    assert document["channels"]["calls"]["tags"] == [{"name": "external"}]


def test_ports_may_have_types() -> None:
    node = Node("ports", "cafe:Ports", "calls", {"orders": "orders", "rows": "rows"})
    topology = Topology("cafe", (node,), external=("calls", "orders", "rows"))

    channels = asyncapi(topology)["channels"]
    assert check(topology) == []
    assert channels["rows"]["messages"]["message"]["payload"] == {"$ref": "#/components/schemas/Row"}
