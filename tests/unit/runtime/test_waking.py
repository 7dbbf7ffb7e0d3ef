"""A service with timers in a topology: what wakes it, what does not, and what becomes of one that fails."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import closing
from types import ModuleType
from typing import Any, ClassVar, TypedDict

import pytest

from catenae import (
    Documents,
    Leaf,
    Message,
    Middle,
    Node,
    State,
    Timers,
    Topology,
    TransientError,
)
from catenae.errors import TopologyError
from catenae.message import EVENT_MS
from catenae.operating.acls import acls
from catenae.operating.check import check
from catenae.runtime.dead_letters import ONLY_GROUP
from catenae.runtime.pace import FIRST_RECORDS
from catenae.stores import open_documents
from catenae.testing import EPOCH_S, MemoryState, MemoryTimers, TestDriver, drain, message
from catenae.topology.mermaid import mermaid

NOW_MS = int(EPOCH_S * 1000)


class Order(TypedDict):
    item: str


class Orders(Middle):
    """Says of an order that is not paid within a minute that it is overdue."""

    patience_s: ClassVar[float] = 60.0

    def __init__(self, opened: State[str], timers: Timers, *, fails: bool = False) -> None:
        self._open, self._timers, self._fails = opened, timers, fails

    def transform(self, message: Message[Order]) -> Iterator[Message]:
        if message.value["item"] == "paid":
            self._timers.cancel(message.key)
            self._open.forget(message.key)
        else:
            self._open[message.key] = message.value["item"]
            self._timers.set(message.key, after_s=self.patience_s)
        return iter(())

    def wake(self, message: Message[str]) -> Iterator[Message]:
        if self._fails:
            raise ValueError
        yield message.derive(self._open.get(message.key, "nothing"))


class Flaky(Orders):
    """Fails for a while on what Bob orders; has no patience."""

    patience_s: ClassVar[float] = 0.0

    def __init__(self, opened: State[str], timers: Timers, failures: int) -> None:
        super().__init__(opened, timers)
        self._failures = failures

    def transform(self, message: Message[Order]) -> Iterator[Message]:
        if message.key == "bob" and self._failures:
            self._failures -= 1
            raise TransientError("busy")
        return super().transform(message)


class Reminder(Leaf):
    """Notes what it was woken for."""

    def __init__(self, documents: Documents, timers: Timers) -> None:
        self._documents, self._timers = documents, timers

    def consume(self, message: Message) -> None:
        for name, at_s in message.value.items():
            self._timers.set(message.key, name, event_ms=1000 * at_s)

    def wake(self, message: Message[str]) -> None:
        self._documents.upsert("rung", [{"id": message.value, "at_ms": message.event_ms}])


class Deaf(Middle):
    def __init__(self, timers: Timers) -> None:
        self.transform = timers.cancel  # type: ignore[assignment]


@pytest.fixture(autouse=True)
def _services(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("shop")
    vars(module).update({each.__name__: each for each in (Orders, Flaky, Reminder, Deaf)})
    monkeypatch.setitem(sys.modules, "shop", module)


def shop(**changed: Any) -> Topology:
    fields: dict[str, Any] = {"reads": "orders", "writes": "overdue", "timers": "deadlines"} | changed
    node = Node("orders", fields.pop("service", "shop:Orders"), **fields)
    return Topology("shop", (node,), external=("orders", *node.outputs.values()), partitions=3)


def order(key: str, item: str = "tea") -> Message:
    return Message({"item": item}, key)


@pytest.mark.parametrize("concurrency", [1, 4])
def test_a_timer_wakes_after_its_time_and_one_that_was_cancelled_never(concurrency: int) -> None:
    given = {"orders": [order("ann"), order("bob", "milk"), order("ann", "paid")]}

    assert drain(shop(concurrency=concurrency), given, for_s=59)["overdue"] == []
    (overdue,) = drain(shop(concurrency=concurrency), given, for_s=61)["overdue"]
    assert (overdue.key, overdue.value, overdue.event_ms) == ("bob", "milk", NOW_MS + 60_000)


def test_a_timer_that_is_due_while_a_message_is_held_skips_nothing_of_it() -> None:
    node = Node("orders", "shop:Flaky", "orders", "overdue", timers="deadlines")
    flaky = Topology("shop", (node,), partitions=1, external=("orders", "overdue"))
    with TestDriver(flaky, {"orders": {"failures": 2}}) as driver:
        driver.send("orders", order("first"))
        # As many as a batch takes, so that Bob's is alone in the next one, when their timers are due.
        guests = [order(f"guest {number}") for number in range(FIRST_RECORDS)]
        driver.send("orders", *guests, order("bob", "milk"))
        driver.advance(1)

        told = [each.value for each in driver.read("overdue")]
    assert told == ["tea"] * (1 + FIRST_RECORDS) + ["milk"]


def test_a_timer_that_is_set_again_is_moved() -> None:
    timers = MemoryTimers()
    timers.set("ann", after_s=60)
    timers.clock.advance(30)
    timers.set("ann", after_s=60)
    timers.clock.advance(59)
    assert timers.due() == []

    timers.clock.advance(1)
    assert [(each.key, each.event_ms) for each in timers.due()] == [("ann", NOW_MS + 90_000)]
    assert timers.due() == []


def test_a_service_is_tested_without_a_topology() -> None:
    timers = MemoryTimers()
    service = Orders(MemoryState(), timers)
    list(service.transform(message({"item": "tea"}, key="ann")))
    timers.clock.advance(60)

    assert [out.value for due in timers.due() for out in service.wake(due)] == ["tea"]


@pytest.fixture
def documents() -> Iterator[Documents]:
    with closing(open_documents("sqlite:")) as opened:
        yield opened


def test_timers_of_event_time_come_with_it_or_when_it_would_have_come(documents: Documents) -> None:
    reminder = shop(service="shop:Reminder", writes="")
    given = [
        Message({"soon": 10, "late": 100}, "ann").at(0),
        Message({}, "ann").at(50_000),
        Message({}, "bob").at(10**9),
    ]

    drain(reminder, {"orders": given}, documents=documents, for_s=49)
    assert [each["id"] for each in documents.find("rung").documents] == ["soon"]

    drain(reminder, {"orders": given}, documents=documents, for_s=51)
    assert {each["id"]: each["at_ms"] for each in documents.find("rung").documents} == {
        "soon": 10_000,
        "late": 100_000,
    }


def test_a_timer_that_cannot_be_handled_is_a_dead_letter_once() -> None:
    written = drain(
        shop(), {"orders": [order("ann")]}, {"orders": {"fails": True}}, for_s=65, expect_errors=True
    )

    (letter,) = written["deadlines.dead"]
    assert (letter.key, letter.headers["dead-reason"], written["overdue"]) == ("ann", b"ValueError", [])


def test_a_wake_up_that_is_replayed_wakes_though_its_timer_is_gone() -> None:
    replay = message("", "ann", headers={EVENT_MS: b"60000", ONLY_GROUP: b"shop.orders"})

    written = drain(shop(), {"deadlines": [replay]})

    assert [each.value for each in written["overdue"]] == ["nothing"]


@pytest.mark.parametrize(
    "forged",
    [
        Message("", "ann"),
        Message(7, "ann").at(0),
        Message("", None).at(0),
        Message(None, "ann"),
        Message("", "ann").at(NOW_MS),
    ],
)
def test_a_record_that_tells_of_no_timer_wakes_nobody(forged: Message) -> None:
    written = drain(shop(), {"orders": [order("ann")], "deadlines": [forged]}, for_s=65, expect_errors=True)

    assert [each.event_ms for each in written["overdue"]] == [NOW_MS + 60_000]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"timers": ""}, "has no topic for the Timers that Orders asks for"),
        ({"service": "shop:Deaf"}, "has no method 'wake'"),
        ({"service": "catenae:Middle"}, "asks for no Timers; remove it"),
    ],
)
def test_timers_that_could_wake_nobody_are_found_by_check(fields: Mapping[str, Any], said: str) -> None:
    assert said in "\n".join(str(each) for each in check(shop(**fields)))


@pytest.mark.parametrize(
    "changed", [{"timers": "overdue"}, {"timers": "orders"}, {"reads": (), "writes": "orders"}]
)
def test_a_topic_of_timers_is_a_nodes_own(changed: Mapping[str, Any]) -> None:
    with pytest.raises(TopologyError, match=r"timers|twice"):
        shop(**changed)


@pytest.mark.parametrize("reads", [("orders",), ("orders", "deadlines"), ("deadlines", "orders")])
def test_a_topic_of_timers_has_the_partitions_of_what_sets_them(reads: tuple[str, ...]) -> None:
    node = Node("orders", "shop:Orders", reads, "overdue", timers="deadlines")
    topology = Topology("shop", (node,), external={"orders": 5, "overdue": 2}, partitions=3)

    counts = {each.name: each.partitions for each in topology.topic_specs()}
    assert (counts["deadlines"], counts["deadlines.dead"], counts["overdue"]) == (5, 5, 2)
    assert check(topology) == []


def test_a_node_may_write_its_timers_and_its_drawing_shows_them() -> None:
    allowed = [each for each in acls(shop()) if each.who == "orders" and each.name == "deadlines"]

    assert {operation for each in allowed for operation in each.operations} == {"Read", "Write"}
    assert '-- "timers" -->' in mermaid(shop())


@pytest.mark.parametrize(
    "moment",
    [{}, {"after_s": 1, "at_ms": 1}, {"after_s": float("nan")}, {"at_ms": 10**15}, {"event_ms": 1.5}],
)
def test_a_moment_that_is_none_is_refused_at_once(moment: dict[str, Any]) -> None:
    with pytest.raises((TypeError, ValueError), match="a timer is set"):
        MemoryTimers().set("ann", **moment)
