"""A store that loses its last writes at any point, again and again: every message still counts once.

The store loses what the contract of `catenae.store.Store` lets it lose: whole rounds from the newest on, and
any part of the one before them.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import compress
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry

from catenae.broker import NO_NOTES, Batch, Broker, Input, Notes, Position, Session, Span, TopicSpec
from catenae.brokers import open_broker
from catenae.codec import Codec, decode_key, encode_key
from catenae.errors import StateLost, StoreUnavailable, TransientError
from catenae.message import Message, Record, TopicPartition
from catenae.microservice import Middle
from catenae.observability.metrics import NodeMetrics
from catenae.runtime import dead_letters
from catenae.runtime.handler import CannotRepeat, Handler
from catenae.runtime.history import History
from catenae.runtime.loop import Loop, Step
from catenae.runtime.node_state import SOONEST_RESTART_S, NodeState
from catenae.runtime.plan import Plan
from catenae.runtime.state import FencedState
from catenae.store import Entry, State, Write
from catenae.stores.memory import MemoryStore
from catenae.testing import FakeClock

PLAN = Plan("demo", "tally", "", (Input("numbers"), Input("late", 30.0)), {"": "tallies"}, batch_records=7)
TOPICS = [TopicSpec(name, 3) for name in ("numbers", "late", "tallies", "numbers.dead", "late.dead")]
CODEC = Codec()
KEYS = 11
MOST_ROUNDS = 500


class Tally(Middle):
    """Counts and sums by key. Cannot handle some numbers, and some others as long as it is not repaired."""

    def __init__(self, counts: State[int], sums: State[int]) -> None:
        self._counts = counts
        self._sums = sums
        self.is_repaired = False
        self.trouble: list[Exception] = []

    def transform(self, message: Message) -> Iterator[Message]:
        if self.trouble:
            raise self.trouble.pop()
        number = message.value
        count = self._counts[message.key] = self._counts.get(message.key, 0) + 1
        if number % 3:
            self._sums[message.key] = self._sums.get(message.key, 0) + number
        yield message.derive([message.id, count, self._sums.get(message.key, 0)])
        if number % 13 == 0 or (number % 11 == 0 and not self.is_repaired):
            raise ValueError


class Killed(Exception):
    """Stands for `kill -9`: whatever comes after it does not happen."""


class LosingStore(MemoryStore):
    """A store of which each key is atomic by itself, and which can lose its last rounds of writes.

    dies_in  rounds until the process that writes is killed, in the middle of one; None for never
    """

    def __init__(self) -> None:
        super().__init__()
        self.dies_in: int | None = None
        self.before_write: Callable[[], None] = lambda: None
        self._rounds: list[list[tuple[str, str, Entry | None]]] = []

    def compare_and_put(self, namespace: str, writes: Sequence[Write]) -> dict[str, int]:
        self.before_write()
        if self.dies_in is not None:
            self.dies_in -= 1
            if self.dies_in < 0:
                writes = writes[: len(writes) // 2]
        before = self.get_many(namespace, [each.key for each in writes])
        stored: dict[str, int] = {}
        for each in writes:
            stored |= super().compare_and_put(namespace, [each])
        self._rounds.append([(namespace, key, before.get(key)) for key in stored])
        if self.dies_in is not None and self.dies_in < 0:
            raise Killed
        return stored

    def lose(self, rounds: int, part: Sequence[bool]) -> None:
        """Lose so many rounds as a whole, and of the one before them what `part` says."""
        for _ in range(min(rounds, len(self._rounds))):
            self._undo(self._rounds.pop())
        if self._rounds:
            self._undo(list(compress(self._rounds[-1], part)))

    def _undo(self, writes: Sequence[tuple[str, str, Entry | None]]) -> None:
        for namespace, key, before in writes:
            if before is None:
                self._entries[namespace].pop(key, None)
            else:
                self._entries[namespace][key] = before


class CrashingSession:
    """A session in front of a real one that dies at the commit, before or after it took place."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.crash = "none"
        self.poll = session.poll
        self.stage = session.stage
        self.pause = session.pause
        self.close = session.close

    @property
    def owned(self) -> Mapping[TopicPartition, Position]:
        return self._session.owned

    def commit(self, batches: Sequence[Batch], outputs: Sequence[Record], notes: Notes = NO_NOTES) -> None:
        if self.crash == "before commit":
            raise Killed
        self._session.commit(batches, outputs, notes)
        if self.crash == "after commit":
            raise Killed


class World:
    """A broker, a store and the instances of a node."""

    def __init__(self, broker: Broker, clock: FakeClock, instances: int = 2) -> None:
        self.broker = broker
        self.clock = clock
        self.store = LosingStore()
        self.is_repaired = False
        broker.create_topics(TOPICS)
        self.instances = [Instance(self, f"tally-{slot}") for slot in range(instances)]

    def step(self, slot: int, crash: str = "none", dies_in: int | None = None) -> None:
        """Let an instance do one step; one that is killed in it is replaced."""
        instance = self.instances[slot]
        instance.session.crash, self.store.dies_in = crash, dies_in
        try:
            instance.step()
        except Killed:
            self.restart(slot)
        finally:
            instance.session.crash, self.store.dies_in = "none", None

    def restart(self, slot: int) -> None:
        self.instances[slot] = Instance(self, f"tally-{slot}")

    def lose(self, rounds: int, part: Sequence[bool]) -> None:
        """Kill the store's server, which takes a moment to be back without its last writes."""
        self.store.lose(rounds, part)
        self.clock.advance(2 * SOONEST_RESTART_S)

    def drain(self) -> None:
        """Step until nothing has moved for a few rounds: a partition takes two to change hands."""
        self.clock.advance(60.0)
        still = 0
        for _ in range(MOST_ROUNDS):
            moved = [each.step() in (Step.MOVED, Step.ABANDONED) for each in self.instances]
            still = 0 if any(moved) else still + 1
            if still == 4:
                return
        raise AssertionError("it never comes to rest")

    def write(self, topic: str, *numbers: int) -> None:
        for number in numbers:
            data, headers = CODEC.encode(topic, number)
            self.broker.append([Record(topic, encode_key(f"k{number % KEYS}"), data, headers)])

    def records(self, *topics: str) -> list[Record]:
        return [
            record
            for topic in topics
            for number, span in enumerate(self.broker.spans(topic))
            for record in self.broker.read(topic, number, 0, span.end)
        ]

    def state(self, name: str) -> dict[str, Any]:
        """Return all of one State, as an owner of everything finds it."""
        self.drain()
        return Instance(self, "looker").values(name)


class Instance:
    """One life of the node, until it is killed."""

    def __init__(self, world: World, member: str, plan: Plan = PLAN) -> None:
        self._world = world
        self.session = CrashingSession(world.broker.join(plan.group, member, plan.inputs))
        self.states: dict[str, FencedState[int]] = {
            name: FencedState(world.store, f"demo.tally.{name}") for name in ("counts", "sums")
        }
        self.service = Tally(**self.states)
        handler = Handler(self.service, plan, CODEC, list(self.states.values()), world.clock)
        history = History(world.broker, plan)
        state = NodeState(world.store, "demo.tally", self.states, history, world.clock)
        self.registry = CollectorRegistry()
        metrics = NodeMetrics("demo", "tally", self.registry)
        self.loop = Loop(plan, self.session, handler, state, metrics, world.clock)

    def step(self) -> Step:
        self.service.is_repaired = self._world.is_repaired
        return self.loop.step(0.0)

    def values(self, name: str) -> dict[str, int]:
        return self.states[name].get_many([f"k{number}" for number in range(KEYS)])


def require_exact(world: World) -> None:
    """Fail unless each message was handled once or set aside once, and State and outputs say so."""
    given = world.records("numbers", "late")
    origins = [each.headers["dead-origin"].decode() for each in world.records("numbers.dead", "late.dead")]
    outputs: defaultdict[Any, list[Any]] = defaultdict(list)
    for each in world.records("tallies"):
        outputs[decode_key(each.key)].append(CODEC.decode(each))
    ids = [value[0] for values in outputs.values() for value in values]
    assert sorted(ids + origins) == sorted(each.id for each in given)

    numbers = {each.id: CODEC.decode(each) for each in given}
    for values in outputs.values():
        count = total = 0
        for message_id, counted, summed in values:
            count, total = count + 1, total + (numbers[message_id] if numbers[message_id] % 3 else 0)
            assert (counted, summed) == (count, total)
    assert world.state("counts") == {key: values[-1][1] for key, values in outputs.items()}
    assert world.state("sums") == {key: values[-1][2] for key, values in outputs.items() if values[-1][2]}


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def world(clock: FakeClock) -> Iterator[World]:
    with closing(open_broker("embedded:", clock)) as broker:
        yield World(broker, clock, instances=1)


class Fate(NamedTuple):
    """What happens: an instance takes a step, and may die in it; then the store may lose something."""

    slot: int
    crash: str
    dies_in: int | None
    loses: tuple[int, list[bool]] | None


PARTS = st.lists(st.booleans(), min_size=7, max_size=7)
FATES = st.builds(
    Fate,
    st.integers(0, 1),
    st.sampled_from(["none"] * 4 + ["before commit", "after commit"]),
    st.one_of(st.none(), st.none(), st.none(), st.integers(0, 5)),
    st.one_of(st.none(), st.tuples(st.sampled_from([0, 0, 0, 1, 2, 3, 6, 14]), PARTS)),
)


@settings(max_examples=60)
@given(
    numbers=st.lists(st.tuples(st.sampled_from(["numbers", "late"]), st.integers(1, 99)), max_size=60),
    fates=st.lists(FATES, max_size=24),
    repaired_after=st.integers(0, 20),
)
def test_every_message_counts_once_whatever_the_store_loses(
    numbers: list[tuple[str, int]], fates: list[Fate], repaired_after: int
) -> None:
    clock = FakeClock()
    with closing(open_broker("embedded:", clock)) as broker:
        world = World(broker, clock)
        for topic, number in numbers:
            world.write(topic, number)
        for turn, fate in enumerate(fates):
            world.is_repaired = turn >= repaired_after
            world.step(fate.slot, fate.crash, fate.dies_in)
            if fate.loses is not None:
                world.lose(*fate.loses)
        world.drain()

        require_exact(world)


ALL = [True] * 7
# What a batch of one partition writes: the journal, counts and sums.
ROUNDS_OF_A_BATCH = 3


def outputs(world: World) -> list[Any]:
    return [CODEC.decode(each)[1:] for each in world.records("tallies")]


def test_a_lost_batch_is_handled_again_for_state_alone(world: World) -> None:
    world.write("numbers", 1, 23)
    world.drain()
    world.lose(ROUNDS_OF_A_BATCH, [])
    world.restart(0)

    assert world.state("counts") == {"k1": 2}
    assert outputs(world) == [[1, 1], [2, 24]]
    assert world.instances[0].registry.get_sample_value(
        "catenae_repeated_total", {"topology": "demo", "node": "tally"}
    )


def test_what_was_made_good_is_not_handled_again_by_the_next_owner(world: World) -> None:
    world.write("numbers", 1)
    world.drain()
    world.lose(ROUNDS_OF_A_BATCH, [])
    world.drain()
    world.restart(0)

    assert [world.instances[0].step() for _ in range(3)] == [Step.IDLE] * 3


def test_a_running_instance_notices_that_a_record_is_lost(world: World) -> None:
    world.write("numbers", 1)
    world.drain()
    world.lose(0, [True])  # the last round is that of the sums
    world.write("numbers", 23)
    world.drain()

    assert outputs(world) == [[1, 1], [2, 24]]
    assert world.state("sums") == {"k1": 24}


def test_an_instance_that_has_written_nothing_notices_that_its_journal_is_lost(world: World) -> None:
    world.write("numbers", 1)
    world.drain()
    world.restart(0)
    world.drain()
    world.lose(1 + ROUNDS_OF_A_BATCH, [])
    world.write("numbers", 13)  # cannot be handled, so that nothing is written

    assert world.instances[0].step() is Step.ABANDONED
    assert world.state("counts") == {"k1": 1}


def test_a_message_that_was_set_aside_is_left_out_although_it_could_be_handled_now(world: World) -> None:
    world.write("numbers", 1, 11, 12, 22)
    world.drain()
    world.is_repaired = True
    world.lose(2 * ROUNDS_OF_A_BATCH, ALL)
    world.restart(0)

    require_exact(world)
    assert len(world.records("numbers.dead")) == 2


def test_a_message_that_cannot_be_handled_again_stops_the_node(world: World) -> None:
    world.is_repaired = True
    world.write("numbers", 11)
    world.drain()
    world.lose(ROUNDS_OF_A_BATCH, [])
    world.is_repaired = False

    with pytest.raises(CannotRepeat, match=r"handled message numbers\[\d\]@0 once and cannot now"):
        world.drain()


def test_a_message_that_meets_trouble_when_it_is_handled_again_is_tried_again(world: World) -> None:
    world.write("numbers", 1)
    world.drain()
    world.lose(ROUNDS_OF_A_BATCH, [])
    world.instances[0].service.trouble = [TransientError("away")] * PLAN.retry.attempts
    with pytest.raises(TransientError):
        world.drain()

    assert world.state("counts") == {"k1": 1}


def test_state_that_is_lost_as_a_whole_is_made_again(world: World) -> None:
    for number in range(1, 30):
        world.write("numbers", number)
        world.step(0)
    world.lose(1000, [])

    require_exact(world)


def trim(world: World, topic: str) -> None:
    """Have the topic forget everything that was handled."""
    world.broker.create_topics([TopicSpec(topic, 3, retention_s=60.0)])
    world.clock.advance(120.0)
    world.instances[0].session.poll({}, 0.0)


@pytest.mark.parametrize("rounds", [ROUNDS_OF_A_BATCH, 1000])
def test_state_is_refused_whose_input_is_kept_no_more(world: World, rounds: int) -> None:
    world.write("numbers", 1)
    world.drain()
    world.lose(rounds, [])
    trim(world, "numbers")

    with pytest.raises(StateLost, match=r"numbers@0; 1 is committed, and the topic keeps what is from 1 on"):
        world.drain()


def test_a_broker_that_has_lost_more_than_the_store_is_refused(world: World) -> None:
    for number in (1, 12, 23):
        world.write("numbers", number)
        world.drain()
    world.instances[0].session.close()
    place = next(each for each, position in world.broker.positions(PLAN.group).items() if position.offset)
    world.broker.reset(PLAN.group, {place: Position(1)})
    world.restart(0)

    with pytest.raises(StateLost, match="the broker has lost more than the store"):
        world.drain()


def test_a_record_that_outlived_its_journal_entry_is_refused(world: World) -> None:
    world.write("numbers", 1)
    world.drain()
    outlived = world.store.get("demo.tally.counts", "k1")
    assert outlived is not None
    world.lose(ROUNDS_OF_A_BATCH, [])
    world.store.put("demo.tally.counts", "k1", outlived.value)
    world.restart(0)

    with pytest.raises(StateLost, match="has kept a record and lost the journal entry"):
        world.drain()


def test_an_instance_does_not_begin_with_a_store_that_may_have_restarted_meanwhile(
    world: World, clock: FakeClock
) -> None:
    world.write("numbers", 1)
    world.store.before_write = lambda: clock.advance(2 * SOONEST_RESTART_S)
    with pytest.raises(StoreUnavailable, match="may have been restarted"):
        world.instances[0].step()
    world.store.before_write = lambda: None

    assert world.state("counts") == {"k1": 1}


def test_what_is_handled_again_comes_as_it_became_due(world: World, clock: FakeClock) -> None:
    world.write("late", 1)
    clock.advance(20.0)
    world.write("numbers", 12, 23)
    clock.advance(20.0)
    world.write("numbers", 34)
    partition = world.records("late")[0].partition
    history, spans = History(world.broker, PLAN), {"late": Span(0, 1), "numbers": Span(0, 3)}
    first, rest = history.read(partition, spans, 2)
    then, nothing = history.read(partition, rest, 2)

    assert [CODEC.decode(each) for each in first + then] == [12, 23, 1, 34]
    assert nothing == {}


def test_an_input_that_was_added_later_is_handled_again_from_its_beginning(world: World) -> None:
    only_numbers = replace(PLAN, inputs=(Input("numbers"),))
    world.instances[0].session.close()
    first = world.instances[0] = Instance(world, "tally-0", only_numbers)
    world.write("numbers", 1)
    world.drain()
    first.session.close()
    world.restart(0)
    world.write("late", 12)
    world.drain()
    world.lose(1 + ROUNDS_OF_A_BATCH, [])

    require_exact(world)


def test_only_messages_that_this_node_could_not_handle_count_as_failures(world: World) -> None:
    world.write("numbers", 1, 2, 3)
    first, second, third = world.records("numbers")
    world.broker.append(
        [
            dead_letters.from_failure(first, PLAN.group, ValueError(), 0),
            dead_letters.from_failure(second, "demo.other", ValueError(), 0),
            dead_letters.from_rejection(third, PLAN.group, "unfit", 0),
        ]
    )

    assert History(world.broker, PLAN).failures() == {first.id}
