"""A key that is to be forgotten: by every node, at its place among the messages of the key, and once."""

from collections.abc import Iterable, Iterator
from contextlib import closing
from typing import Any

import pytest

from catenae.broker import Input
from catenae.errors import TopologyError
from catenae.message import FORGET, Message, forget_request
from catenae.microservice import Leaf, Middle, Source
from catenae.operating.forgetting import ways_in
from catenae.runtime.forgetting import VIA
from catenae.store import Documents, State
from catenae.stores import open_documents
from catenae.testing import TestDriver
from catenae.testing.trouble import Point
from catenae.timers import Timers
from catenae.topology.graph import Topology
from catenae.topology.node import Node

HERE = "tests.unit.runtime.test_forgetting"
WRITES = "counts"


class Counter(Middle):
    """Counts by key and by part, and sets a timer; keeps under a name of its own what `forget` takes away."""

    def __init__(self, counts: State[int], parts: State[int], timers: Timers) -> None:
        self._counts, self._parts, self._timers = counts, parts, timers

    def transform(self, message: Message) -> Iterator[Message]:
        self._counts[message.key] = count = self._counts.get(message.key, 0) + 1
        self._parts[message.key, "a part"] = count
        self._parts[f"own name of {message.key}"] = count
        self._timers.set(message.key, after_s=60)
        yield message.derive(count)

    def wake(self, message: Message[str]) -> Iterator[Message]:
        yield message.derive("woken")

    def forget(self, request: Message) -> Iterable[Message]:
        self._parts.forget(f"own name of {request.key}")
        return (request,)


class Keeper(Leaf):
    """Keeps every count as a document, and hears who is forgotten."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    def consume(self, message: Message) -> None:
        document = {"id": message.id, "who": message.key, "count": message.value}
        self._documents.upsert("counts", [document])

    def forget(self, request: Message) -> None:
        self._documents.upsert("heard", [{"id": request.key, "why": request.headers[FORGET].decode()}])


class Feed(Source):
    """Writes two messages of ann, a request to forget her, and one more."""

    def generate(self, position: Any) -> Iterator[Message]:
        yield Message("seen", "ann", position=1)
        yield Message("seen", "ann", position=2)
        yield forget_request("ann", position=3)
        yield Message("seen", "ann", position=4)


class Again(Middle):
    """Sends everything round once more, up to a number."""

    def transform(self, message: Message) -> Iterator[Message]:
        if message.value < 3:
            yield message.derive(message.value + 1)


class Waiting(Middle):
    """Counts each key, and has it come again twice."""

    def __init__(self, counts: State[int]) -> None:
        self._counts = counts

    def transform(self, message: Message) -> Iterator[Message]:
        self._counts[message.key] = self._counts.get(message.key, 0) + 1
        if message.value < 3:
            yield message.derive(message.value + 1)


class On(Middle):
    """Passes everything on."""

    def transform(self, message: Message) -> Iterator[Message]:
        yield message.derive(message.value)


COUNTER = Node("counter", f"{HERE}:Counter", reads="events", writes=WRITES, timers="counter_timers")
KEEPER = Node("keeper", f"{HERE}:Keeper", reads=WRITES, personal={"counts": "who"})
TOPOLOGY = Topology("shop", (COUNTER, KEEPER), partitions=4, external=("events",))


@pytest.fixture
def documents() -> Iterator[Documents]:
    with closing(open_documents("sqlite:")) as opened:
        yield opened


@pytest.fixture
def shop(documents: Documents) -> Iterator[TestDriver]:
    with TestDriver(TOPOLOGY, documents=documents) as driver:
        for who in ("ann", "bob", "ann"):
            driver.send("events", "seen", key=who)
        yield driver


def owners(state: dict[Any, Any]) -> set[str]:
    return {key[0] if isinstance(key, tuple) else key for key in state}


def test_all_state_of_the_key_is_gone_and_all_of_others_stays(shop: TestDriver) -> None:
    shop.forget("ann")

    assert shop.state("counter", "counts") == {"bob": 1}
    assert owners(shop.state("counter", "parts")) == {"bob", "own name of bob"}
    assert [key for key, _ in shop.timers("counter")] == ["bob"]


def test_nobody_is_woken_for_what_was_forgotten(shop: TestDriver) -> None:
    shop.forget("ann")
    shop.read(WRITES)

    shop.advance(120)

    assert [(each.key, each.value) for each in shop.read(WRITES)] == [("bob", "woken")]


def test_personal_documents_of_the_key_are_gone(shop: TestDriver, documents: Documents) -> None:
    shop.forget("ann")

    assert {each["who"] for each in documents.find("counts").documents} == {"bob"}


def test_a_key_that_comes_again_starts_from_nothing(shop: TestDriver) -> None:
    shop.forget("ann")
    shop.read(WRITES)

    shop.send("events", "seen", key="ann")

    assert [each.value for each in shop.read(WRITES)] == [1]


def test_what_comes_before_it_in_one_batch_counts_before_it(documents: Documents) -> None:
    fed = Topology("shop", (Node("feed", f"{HERE}:Feed", writes="events"), COUNTER, KEEPER))
    with TestDriver(fed, documents=documents) as shop:
        shop.advance(0)
        counted = [each.value for each in shop.read(WRITES) if not each.is_to_forget]

    assert counted == [1, 2, 1]
    assert [each["count"] for each in documents.find("counts").documents] == [1]


def test_services_hear_of_it_and_why(shop: TestDriver, documents: Documents) -> None:
    shop.forget("ann")

    assert documents.find("heard").documents == [{"id": "ann", "why": ""}]


@pytest.mark.parametrize("point", ["poll", "before commit", "after commit"])
@pytest.mark.parametrize("node", ["counter", "keeper"])
def test_a_kill_at_any_point_leaves_nothing_of_it(
    shop: TestDriver, documents: Documents, node: str, point: Point
) -> None:
    shop.kill(node, point)
    shop.forget("ann")

    assert shop.state("counter", "counts") == {"bob": 1}
    assert {each["who"] for each in documents.find("counts").documents} == {"bob"}
    assert [each.key for each in shop.read(WRITES) if each.is_to_forget] == ["ann"]


def test_a_request_goes_round_a_cycle_once() -> None:
    first = Node("first", f"{HERE}:Again", reads=("events", "back"), writes="there")
    second = Node("second", f"{HERE}:Again", reads="there", writes="back")
    with TestDriver(Topology("cycle", (first, second), external=("events",))) as cycle:
        cycle.forget("ann")

        requests = [each for topic in ("there", "back") for each in cycle.read(topic)]

    assert [each.headers[VIA] for each in requests] == [b"cycle.first", b"cycle.first,cycle.second"]


def test_no_request_goes_where_only_the_node_itself_reads() -> None:
    again = Node("again", f"{HERE}:Again", reads=("events", "back"), writes={"": "back"})

    assert Topology("alone", (again,), external=("events",)).passes(again) == ()
    assert Topology("alone", (again,), external=("events", "back")).passes(again) == ("",)


def test_a_request_begins_where_messages_come_in() -> None:
    assert ways_in(TOPOLOGY) == ["events"]


def test_what_is_left_of_a_key_is_found(shop: TestDriver) -> None:
    shop.forget("ann")

    assert shop.left_of("ann") == []
    assert shop.left_of("bob") == [
        "State 'counts' of node 'counter'",
        "State 'parts' of node 'counter'",
        "State 'timers' of node 'counter'",
        "documents 'counts' of node 'keeper'",
    ]


def test_personal_documents_are_ones_that_the_node_may_remove() -> None:
    with pytest.raises(TopologyError, match="add 'counts': 'write' to its documents="):
        Node(
            "keeper", f"{HERE}:Keeper", reads=WRITES, personal={"counts": "who"}, documents={"counts": "read"}
        )


def test_a_request_without_a_value_is_a_tombstone() -> None:
    request = forget_request("ann", why="asked", position=7)

    assert (request.key, request.value, request.position) == ("ann", None, 7)
    assert request.headers == {FORGET: b"asked"}


WAITING = f"{HERE}:Waiting"
LATER = Input("later", delay_s=60)


@pytest.mark.parametrize(
    "nodes",
    [
        (Node("waiting", WAITING, reads=("events", LATER), writes="later"),),
        (
            Node("waiting", WAITING, reads=("events", LATER), writes="on"),
            Node("on", f"{HERE}:On", reads="on", writes="later"),
        ),
        (
            Node("on", f"{HERE}:On", reads="events", writes="later"),
            Node("waiting", WAITING, reads=LATER, writes="out"),
            Node("told", f"{HERE}:On", reads="out", writes="out_again"),
        ),
    ],
    ids=["it comes back", "it goes round", "it comes late"],
)
def test_what_waits_in_a_delayed_input_is_forgotten_right_after_it_was_handled(nodes: Any) -> None:
    topology = Topology("shop", nodes, external=("events",))
    with TestDriver(topology) as shop:
        for who in ("ann", "bob"):
            shop.send("events", 1, key=who)
        shop.forget("ann")
        left = []
        for _ in range(4):
            shop.advance(61)
            left.append(shop.left_of("ann"))

        assert left == [[]] * 4
        assert list(shop.state("waiting", "counts")) == ["bob"]
