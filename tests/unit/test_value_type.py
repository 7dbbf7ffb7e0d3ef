"""Values of declared types: what does not fit is told by field and type, never by what it held."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal, NotRequired, TypedDict

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from catenae import Leaf, Message, Middle
from catenae.broker import Input
from catenae.codec import CONTENT_TYPE, Codec
from catenae.codec.packing import pack
from catenae.errors import CodecError, TopologyError
from catenae.message import Headers, Record
from catenae.runtime.decoder import Decoder
from catenae.runtime.handled_type import handled_type
from catenae.runtime.plan import Plan
from catenae.value_type import Misfit, ValueType


class Order(TypedDict):
    name: Annotated[str, msgspec.Meta(min_length=1)]
    kind: Literal["new", "old"]
    parts: list[Annotated[int, msgspec.Meta(ge=0)]]
    packed: bytes


class OrderStruct(msgspec.Struct):
    name: str


class Dated(TypedDict):
    at: datetime


@dataclass
class OrderClass:
    name: str


GOOD = {"name": "ann", "kind": "new", "parts": [1], "packed": b"\xff"}
SECRET = "secret words"
JSON: Headers = {CONTENT_TYPE: b"application/json"}


def test_a_dict_keeps_the_declared_fields_and_loses_all_others() -> None:
    assert ValueType(Order).of({**GOOD, "hidden": True}) == GOOD


MISFITS: list[tuple[Any, str]] = [
    ({**GOOD, "name": 5}, "$.name: expected str, got int"),
    ({**GOOD, "name": ""}, "$.name: expected str of length >= 1"),
    ({**GOOD, "kind": SECRET}, "$.kind: is none of those that are declared"),
    ({**GOOD, "parts": [1, 2, SECRET]}, "$.parts[…]: expected int, got str"),
    ({**GOOD, "parts": [-1]}, "$.parts[…]: expected int >= 0"),
    ({**GOOD, "packed": SECRET}, "$.packed: expected bytes, got str"),
    ({"name": SECRET}, "$: object missing required field kind"),
    ({SECRET: 1}, "$: object missing required field name"),
    ({**GOOD, 5: SECRET}, "key in $: expected str"),
    ([SECRET], "$: expected object, got array"),
    (None, "$: expected object, got null"),
]


@pytest.mark.parametrize(("value", "reason"), MISFITS)
def test_a_misfit_names_field_and_type_and_never_the_value(value: Any, reason: str) -> None:
    with pytest.raises(Misfit) as caught:
        ValueType(Order).of(value)

    assert caught.value.reason == f"value does not fit Order: {reason}"
    assert SECRET not in str(caught.value)


def test_a_struct_and_a_dataclass_are_made() -> None:
    assert ValueType(OrderStruct).of({"name": "ann"}) == OrderStruct("ann")
    assert ValueType(OrderClass).of({"name": "ann"}) == OrderClass("ann")


def test_of_several_all_or_none_fit() -> None:
    assert ValueType(OrderStruct).of_each([{"name": "a"}, {"name": "b"}]) == [
        OrderStruct("a"),
        OrderStruct("b"),
    ]
    assert ValueType(OrderStruct).of_each([{"name": "a"}, {"name": 1}]) is None


class One(Middle):
    def transform(self, message: Message[Order]) -> list[Message]:
        return [message.derive(message.value)]


class Many(Leaf):
    def consume_many(self, messages: Sequence[Message[Order]]) -> None: ...


class AnyValue(Leaf):
    def consume(self, message: Message) -> None: ...


class Both(Middle):
    def transform(self, message: Message[Order]) -> list[Message]:
        return []

    def transform_many(self, messages: Sequence[Message[OrderStruct]]) -> list[Message]:
        return []


def test_the_annotation_of_a_handler_says_the_type() -> None:
    found = [handled_type(service) for service in (One, Many)]

    assert [each.of(GOOD) for each in found if each is not None] == [GOOD, GOOD]
    assert handled_type(AnyValue) is None


def test_two_types_at_once_are_refused() -> None:
    with pytest.raises(TopologyError, match="Both take messages of several types"):
        handled_type(Both)


def test_a_type_that_no_value_can_be_checked_by_is_refused() -> None:
    with pytest.raises(TopologyError, match="Declare a TypedDict"):
        ValueType(dict[str, Order] | list[int] | OrderStruct)


class Tree(TypedDict):
    name: Annotated[str, msgspec.Meta(max_length=3)]
    size: int | float | None
    kind: NotRequired[Literal["a", 1]]
    inner: NotRequired[list[OrderStruct]]
    more: NotRequired[dict[str, "Tree"]]


NAMES = st.sampled_from(["name", "size", "kind", "inner", "more", "other"])
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 2**64)
    | st.floats(allow_nan=False)
    | st.sampled_from(["a", "long"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=12,
)
TREES = st.fixed_dictionaries({"name": st.sampled_from(["a", "long"]), "size": st.integers() | st.none()})


PLAN = Plan("demo", "node", "node-0", (Input("in"),))


@pytest.mark.lengthy
@example(2**64)
@given(VALUES | TREES | st.builds(lambda tree, more: {**tree, "more": {"x": more}}, TREES, VALUES | TREES))
def test_json_that_is_read_at_once_is_what_it_is_in_two_steps(value: Any) -> None:
    record = Record("in", None, msgspec.json.encode(value), JSON)

    assert ValueType(Tree).of_json is not None
    assert read_at_once(Tree, record) == read_in_two_steps(Tree, record)


class PackedTree(Tree):
    data: NotRequired[bytes]


ONLY_PACKED = st.binary() | st.datetimes() | st.integers() | st.tuples(st.none()) | st.sets(st.booleans())
PACKED_TREES = st.fixed_dictionaries(
    {"name": st.just("a"), "size": st.integers() | st.none()},
    optional={
        "data": ONLY_PACKED,
        "inner": st.tuples() | st.tuples(ONLY_PACKED) | st.lists(ONLY_PACKED),
        "more": st.dictionaries(NAMES | st.integers(), ONLY_PACKED | TREES),
    },
)


@given(VALUES | ONLY_PACKED | PACKED_TREES)
def test_msgpack_that_is_read_at_once_is_what_it_is_in_two_steps(value: Any) -> None:
    record = Record("in", None, pack(value), {CONTENT_TYPE: b"application/msgpack"})

    assert ValueType(PackedTree).of_msgpack is not None
    assert read_at_once(PackedTree, record) == read_in_two_steps(PackedTree, record)


def read_at_once(declared: Any, record: Record) -> Any:
    decoded = Decoder(PLAN, Codec(), value_type=ValueType(declared)).decode([record])
    told = [str(error) for _, error in (*decoded.misfits, *decoded.broken)]
    return told or [each.value for each in decoded.messages]


def read_in_two_steps(declared: Any, record: Record) -> Any:
    try:
        return [ValueType(declared).of(Codec().decode(record))]
    except (Misfit, CodecError) as error:
        return [str(error)]


@pytest.mark.parametrize(
    ("declared", "of_json", "of_msgpack"),
    [(Order, False, True), (OrderStruct, True, True), (Tree, True, True), (Dated, False, False)],
)
def test_what_a_format_has_no_word_for_is_read_in_two_steps(
    declared: Any, of_json: bool, of_msgpack: bool
) -> None:
    found = ValueType(declared)
    assert (found.of_json is not None, found.of_msgpack is not None) == (of_json, of_msgpack)


READ = [
    (Record("in", None, b'{"name":"ann","more":1}', JSON), OrderStruct("ann")),
    (Record("in", None, b'{"name":"ann"}'), OrderStruct("ann")),
    (
        Record("in", None, b'{"name":1}', JSON),
        "value does not fit OrderStruct: $.name: expected str, got int",
    ),
    (Record("in", None, b"ann"), "value does not fit OrderStruct: $: expected object, got str"),
    (Record("in", None, None), "value does not fit OrderStruct: $: expected object, got null"),
    (Record("in", None, b"{", JSON), "1 bytes are not JSON (DecodeError)"),
]


@pytest.mark.parametrize("place", range(len(READ)))
def test_a_record_is_of_its_type_or_set_aside_whatever_it_comes_with(place: int) -> None:
    # Beside one that is fine, and beside a control, whose value is of no type.
    beside = [READ[0][0], Record("in", None, b"1", {**JSON, "control-x": b""})]
    record, wanted = READ[place]
    decoded = Decoder(PLAN, Codec(), value_type=ValueType(OrderStruct)).decode([record, *beside])

    found = [each.value for each in decoded.messages]
    told = [str(each) for _, each in (*decoded.misfits, *decoded.broken)]
    assert (found, told) == (
        ([wanted] if isinstance(wanted, OrderStruct) else []) + [OrderStruct("ann"), 1],
        [wanted] if isinstance(wanted, str) else [],
    )


def test_json_is_read_once_and_not_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ValueType, "of_each", None)

    decoded = Decoder(PLAN, Codec(), value_type=ValueType(OrderStruct)).decode([READ[0][0]])
    assert [each.value for each in decoded.messages] == [OrderStruct("ann")]
