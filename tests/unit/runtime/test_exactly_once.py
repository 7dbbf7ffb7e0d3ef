"""Crashes at every point of a step, in any order: what is committed is as if none had happened."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry

from catenae.broker import NO_NOTES, Batch, Broker, Input, Notes, Position, Session, TopicSpec
from catenae.brokers import open_broker
from catenae.codec import Codec, encode_key
from catenae.message import Message, Record, TopicPartition
from catenae.microservice import Middle
from catenae.observability.metrics import NodeMetrics
from catenae.runtime.handler import Handler
from catenae.runtime.history import History
from catenae.runtime.loop import Loop, Step
from catenae.runtime.node_state import NodeState
from catenae.runtime.plan import Plan
from catenae.runtime.state import FencedState
from catenae.store import State, Store
from catenae.stores import open_store
from catenae.testing import FakeClock
from tests.examples import share

PLAN = Plan("demo", "sum", "sum-0", (Input("numbers"),), {"": "sums"}, batch_records=7)
CODEC = Codec()
CRASHES = ("none", "after flush", "after commit")


class Sum(Middle):
    """The running count and sum of each key."""

    def __init__(self, sums: State[list[int]]) -> None:
        self._sums = sums

    def transform(self, message: Message) -> Iterator[Message]:
        count, total = self._sums.get(message.key) or [0, 0]
        self._sums[message.key] = [count + 1, total + message.value]
        yield message.derive([count + 1, total + message.value])


class Killed(Exception):
    """Stands for `kill -9`: whatever comes after it does not happen."""


class CrashingSession:
    """A session in front of a real one that dies at the commit, before or after it took place.

    interludes  what others do while this instance sleeps: after the poll, and between flush and commit
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self.crash = "none"
        self.after_poll: Callable[[], None] = lambda: None
        self.before_commit: Callable[[], None] = lambda: None

    @property
    def owned(self) -> Mapping[TopicPartition, Position]:
        return self._session.owned

    def poll(self, limits: Mapping[str, int], timeout_s: float, held: Sequence[Batch] = ()) -> Batch:
        batch = self._session.poll(limits, timeout_s, held)
        if batch.records:
            self.after_poll()
        return batch

    def pause(self, partition: TopicPartition, pause_s: float) -> None:
        self._session.pause(partition, pause_s)

    def stage(self, outputs: Sequence[Record]) -> None:
        self._session.stage(outputs)

    def commit(self, batches: Sequence[Batch], outputs: Sequence[Record], notes: Notes = NO_NOTES) -> None:
        if self.crash == "after flush":
            raise Killed
        self.before_commit()
        self._session.commit(batches, outputs, notes)
        if self.crash == "after commit":
            raise Killed

    def close(self) -> None:
        self._session.close()


class Instance:
    """One life of the node, until it is killed."""

    def __init__(self, broker: Broker, store: Store, member: str, clock: FakeClock) -> None:
        self.session = CrashingSession(broker.join(PLAN.group, member, PLAN.inputs))
        state: FencedState[list[int]] = FencedState(store, "sums")
        handler = Handler(Sum(state), PLAN, CODEC, [state], clock)
        metrics = NodeMetrics("demo", "sum", CollectorRegistry())
        all_state = NodeState(store, "demo.sum", {"sums": state}, History(broker, PLAN), clock)
        self.loop = Loop(PLAN, self.session, handler, all_state, metrics, clock)

    def step(self, crash: str) -> Step:
        self.session.crash = crash
        return self.loop.step(0.0)


def numbers(values: Sequence[int]) -> list[Record]:
    found = []
    for value in values:
        data, headers = CODEC.encode("numbers", value)
        found.append(Record("numbers", encode_key(f"k{value % 5}"), data, headers))
    return found


def sums(broker: Broker) -> dict[Any, list[Any]]:
    found: defaultdict[Any, list[Any]] = defaultdict(list)
    for partition, span in enumerate(broker.spans("sums")):
        for record in broker.read("sums", partition, 0, span.end):
            found[record.key].append(CODEC.decode(record))
    return found


def expected(values: Sequence[int]) -> dict[Any, list[Any]]:
    found: defaultdict[Any, list[Any]] = defaultdict(list)
    for value in values:
        key = b"k%d" % (value % 5)
        count, total = found[key][-1] if found[key] else (0, 0)
        found[key].append([count + 1, total + value])
    return found


def drain(instances: Sequence[Instance]) -> None:
    """Step until nothing has moved for a few rounds: a partition takes two to change hands."""
    still = 0
    while still < 4:
        moved = [each.step("none") in (Step.MOVED, Step.ABANDONED) for each in instances]
        still = 0 if any(moved) else still + 1


@pytest.mark.lengthy
@settings(max_examples=share(40))
@given(
    st.lists(st.integers(0, 99), min_size=1, max_size=60),
    st.lists(st.tuples(st.integers(0, 1), st.sampled_from(CRASHES)), max_size=12),
)
def test_sums_are_exact_whatever_crashes(values: list[int], fates: list[tuple[int, str]]) -> None:
    clock = FakeClock()
    with closing(open_broker("embedded:", clock)) as broker, closing(open_store("embedded:")) as store:
        broker.create_topics([TopicSpec("numbers", 3), TopicSpec("sums", 3)])
        broker.append(numbers(values))
        instances = [Instance(broker, store, f"sum-{slot}", clock) for slot in range(2)]
        for slot, crash in fates:
            try:
                instances[slot].step(crash)
            except Killed:
                instances[slot] = Instance(broker, store, f"sum-{slot}", clock)
        drain(instances)

        assert sums(broker) == expected(values)


@pytest.mark.parametrize("moment", ["after_poll", "before_commit"])
@settings(max_examples=share(30))
@given(values=st.lists(st.integers(0, 99), min_size=8, max_size=40), steps=st.integers(0, 4))
def test_an_owner_that_sleeps_through_its_lease_harms_nothing(
    moment: str, values: list[int], steps: int
) -> None:
    clock = FakeClock()
    with closing(open_broker("embedded:", clock)) as broker, closing(open_store("embedded:")) as store:
        broker.create_topics([TopicSpec("numbers", 3), TopicSpec("sums", 3)])
        sleeper = Instance(broker, store, "sleeper", clock)
        broker.append(numbers(values[:steps]))
        drain([sleeper])
        broker.append(numbers(values[steps:]))

        def take_over() -> None:
            setattr(sleeper.session, moment, lambda: None)
            clock.advance(60.0)
            drain([Instance(broker, store, "heir", clock)])
            clock.advance(60.0)

        setattr(sleeper.session, moment, take_over)
        assert sleeper.step("none") is Step.ABANDONED
        drain([sleeper])

        assert sums(broker) == expected(values)


def test_an_instance_that_comes_back_under_its_name_fences_itself_of_before() -> None:
    clock = FakeClock()
    with closing(open_broker("embedded:", clock)) as broker, closing(open_store("embedded:")) as store:
        broker.create_topics([TopicSpec("numbers", 3), TopicSpec("sums", 3)])
        other, zombie = (Instance(broker, store, name, clock) for name in ("a", "b"))
        drain([other, zombie])
        broker.append(numbers(range(30)))

        def come_back() -> None:
            zombie.session.before_commit = lambda: None
            clock.advance(60.0)
            other.step("none")  # drops the one that sleeps
            drain([other, Instance(broker, store, "b", clock)])

        zombie.session.before_commit = come_back
        zombie.step("none")

        assert sums(broker) == expected(list(range(30)))
