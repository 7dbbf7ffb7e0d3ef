"""Joins: who belongs together meets once, and who meets nobody is told of."""

import sys
from collections.abc import Iterator
from itertools import accumulate
from types import ModuleType
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catenae import Input, IntervalJoin, LatestJoin, Message, Node, Topology
from catenae.testing import MemoryState, MemoryTimers, drain, message

SIDES = st.lists(
    st.tuples(st.sampled_from(["orders", "payments"]), st.integers(0, 60), st.booleans()), max_size=25
)


class Paid(IntervalJoin):
    left: ClassVar[str] = "orders"
    within_s: ClassVar[float] = 10

    def both(self, left: Any, right: Any, message: Message) -> Iterator[Message]:
        yield message.derive([left, right])

    def left_alone(self, left: Any, message: Message) -> Iterator[Message]:
        yield message.derive([left, None])

    def right_alone(self, right: Any, message: Message) -> Iterator[Message]:
        yield message.derive([None, right])


class Rated(LatestJoin):
    left: ClassVar[str] = "orders"

    def both(self, left: Any, right: Any, message: Message) -> Iterator[Message]:
        yield message.derive([left, right])


def given_message(number: int, topic: str, at_s: int) -> Message:
    return message([number, at_s], "ann", id=f"{topic}[0]@{number}").at(1000 * at_s)


@pytest.mark.lengthy
@pytest.mark.parametrize("grace_s", [0, 20, 100])
@given(SIDES)
def test_pairs_are_joined_once_unless_one_has_waited_for_too_long_and_the_rest_is_told_of_once(
    grace_s: int, sides: list[Any]
) -> None:
    timers = MemoryTimers()
    join = type("Patient", (Paid,), {"grace_s": grace_s})(MemoryState(), timers)
    told: list[Any] = []
    for number, (topic, at_s, is_woken) in enumerate(sides):
        each = given_message(number, topic, at_s)
        told += [out.value for out in join.transform(each)]
        timers.heed([(each.key, each.event_ms)])
        told += [out.value for due in (timers.due() if is_woken else ()) for out in join.wake(due)]
    timers.clock.advance(1000)
    told += [out.value for due in timers.due() for out in join.wake(due)]

    lefts, rights = (
        [[number, at_s] for number, (topic, at_s, _) in enumerate(sides) if topic == side]
        for side in ("orders", "payments")
    )
    latest = [*accumulate((at_s for _, at_s, _ in sides), max)]
    pairs: list[Any] = [
        [left, right]
        for left in lefts
        for right in rights
        if abs(left[1] - right[1]) <= 10 and min(left, right)[1] + 10 + grace_s >= latest[max(left, right)[0]]
    ]
    alone = [[each, None] for each in lefts if all(each != left for left, _ in pairs)]
    alone += [[None, each] for each in rights if all(each != right for _, right in pairs)]
    assert sorted(map(str, told)) == sorted(map(str, pairs + alone))


@pytest.mark.lengthy
@given(SIDES)
def test_each_is_joined_once_or_told_to_be_alone_however_late_it_comes(sides: list[Any]) -> None:
    timers = MemoryTimers()
    join = Paid(state := MemoryState[list[Any]](), timers)
    told: list[Any] = []
    for number, (topic, at_s, is_woken) in enumerate(sides):
        each = given_message(number, topic, at_s)
        told += [out.value for out in join.transform(each)]
        timers.heed([(each.key, each.event_ms)])
        told += [out.value for due in (timers.due() if is_woken else ()) for out in join.wake(due)]
    timers.clock.advance(1000)
    told += [out.value for due in timers.due() for out in join.wake(due)]

    alone = [left or right for left, right in told if left is None or right is None]
    met = [each for left, right in told if left and right for each in (left, right)]
    assert all(abs(left[1] - right[1]) <= 10 for left, right in told if left and right)
    assert len({str(each) for each in alone}) == len(alone)
    assert {str(each) for each in alone} | {str(each) for each in met} == {
        str([number, at_s]) for number, (_, at_s, _) in enumerate(sides)
    }
    assert {str(each) for each in alone}.isdisjoint(str(each) for each in met)
    assert state.values == {}


def test_the_latest_of_the_other_topic_is_joined_and_what_is_older_changes_nothing() -> None:
    join = Rated(MemoryState())
    given_messages = [("orders", 1), ("payments", 5), ("payments", 3), ("orders", 6)]

    told = [
        [left[0], right[0]]
        for number, (topic, at_s) in enumerate(given_messages)
        for left, right in (out.value for out in join.transform(given_message(number, topic, at_s)))
    ]

    assert told == [[0, 1], [3, 1]]


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Topology:
    module = ModuleType("joining")
    vars(module)["Paid"] = Paid
    monkeypatch.setitem(sys.modules, "joining", module)
    reads = (Input("orders", event_s="at"), Input("payments", event_s="at"))
    node = Node("paid", "joining:Paid", reads, "paid", timers="waits")
    return Topology("shop", (node,), external=("orders", "payments", "paid"), partitions=2)


def test_an_order_that_nobody_pays_is_told_of_after_its_time(shop: Topology) -> None:
    orders = [Message({"at": each}, key) for each, key in ((1, "ann"), (2, "bob"))]
    given_records = {"orders": orders, "payments": [Message({"at": 7}, "ann")]}

    assert [each.key for each in drain(shop, given_records, for_s=9)["paid"]] == ["ann"]
    assert [each.key for each in drain(shop, given_records, for_s=12)["paid"] if None in each.value] == [
        "bob"
    ]
