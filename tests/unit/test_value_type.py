"""Values of declared types: what does not fit is told by field and type, never by what it held."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypedDict

import msgspec
import pytest

from catenae import Leaf, Message, Middle
from catenae.errors import TopologyError
from catenae.runtime.handled_type import handled_type
from catenae.value_type import Misfit, ValueType


class Order(TypedDict):
    name: Annotated[str, msgspec.Meta(min_length=1)]
    kind: Literal["new", "old"]
    parts: list[Annotated[int, msgspec.Meta(ge=0)]]
    packed: bytes


class OrderStruct(msgspec.Struct):
    name: str


@dataclass
class OrderClass:
    name: str


GOOD = {"name": "ann", "kind": "new", "parts": [1], "packed": b"\xff"}
SECRET = "secret words"


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
