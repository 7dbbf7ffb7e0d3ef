"""A store that loses its last writes at any point, again and again: every message still counts once.

The store loses what the contract of `catenae.store.Store` lets it lose: whole rounds from the newest on, and
any part of the one before them.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import compress
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catenae.broker import Broker, Input, Position, Span, TopicSpec
from catenae.brokers import open_broker
from catenae.errors import StateLost, TransientError
from catenae.runtime import dead_letters
from catenae.runtime.handler import CannotRepeat
from catenae.runtime.history import History
from catenae.runtime.loop import Step
from catenae.store import Entry, Write
from catenae.stores.memory import MemoryStore
from catenae.testing import FakeClock
from tests.examples import share
from tests.unit.runtime.tally import CODEC, PLAN, Instance, Killed, World, require_exact


class LosingStore(MemoryStore):
    """A store of which each key is atomic by itself, and which can lose its last rounds of writes.

    dies_in  rounds until the process that writes is killed, in the middle of one; None for never
    """

    def __init__(self) -> None:
        super().__init__()
        self.dies_in: int | None = None
        self.before_write: Callable[[], None] = lambda: None
        self.after_read: Callable[[str], None] = lambda _: None
        self._rounds: list[list[tuple[str, str, Entry | None]]] = []
        self._restarts = 0

    def incarnation(self) -> str:
        return f"{self._restarts}"

    def get_many(self, namespace: str, keys: Sequence[str]) -> dict[str, Entry]:
        found = super().get_many(namespace, keys)
        self.after_read(namespace)
        return found

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
        self._restarts += 1
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


class LosingWorld(World):
    """A world whose store loses its last writes when told to."""

    def __init__(self, broker: Broker, clock: FakeClock, instances: int = 2) -> None:
        self.losing = LosingStore()
        super().__init__(broker, clock, self.losing, instances)

    def step(self, slot: int, crash: str = "none", dies_in: int | None = None) -> None:
        self.losing.dies_in = dies_in
        try:
            super().step(slot, crash)
        finally:
            self.losing.dies_in = None

    def lose(self, rounds: int, part: Sequence[bool]) -> None:
        """Kill the store's server, which is back without its last writes before anybody looks."""
        self.losing.lose(rounds, part)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def world(clock: FakeClock) -> Iterator[LosingWorld]:
    with closing(open_broker("embedded:", clock)) as broker:
        yield LosingWorld(broker, clock, instances=1)


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


@pytest.mark.lengthy
@settings(max_examples=share(60))
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
        world = LosingWorld(broker, clock)
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


def outputs(world: LosingWorld) -> list[Any]:
    return [CODEC.decode(each)[1:] for each in world.records("tallies")]


def test_a_lost_batch_is_handled_again_for_state_alone(world: LosingWorld) -> None:
    world.write("numbers", 1, 23)
    world.drain()
    world.lose(ROUNDS_OF_A_BATCH, [])
    world.restart(0)

    assert world.state("counts") == {"k1": 2}
    assert outputs(world) == [[1, 1], [2, 24]]
    assert world.instances[0].registry.get_sample_value(
        "catenae_repeated_total", {"topology": "demo", "node": "tally"}
    )


def test_what_was_made_good_is_not_handled_again_by_the_next_owner(world: LosingWorld) -> None:
    world.write("numbers", 1)
    world.drain()
    world.lose(ROUNDS_OF_A_BATCH, [])
    world.drain()
    world.restart(0)

    assert [world.instances[0].step() for _ in range(3)] == [Step.IDLE] * 3


def test_a_running_instance_notices_that_a_record_is_lost(world: LosingWorld) -> None:
    world.write("numbers", 1)
    world.drain()
    world.lose(0, [True])  # the last round is that of the sums
    world.write("numbers", 23)
    world.drain()

    assert outputs(world) == [[1, 1], [2, 24]]
    assert world.state("sums") == {"k1": 24}


def test_an_instance_that_has_written_nothing_notices_that_its_journal_is_lost(world: LosingWorld) -> None:
    world.write("numbers", 1)
    world.drain()
    world.restart(0)
    world.drain()
    world.lose(1 + ROUNDS_OF_A_BATCH, [])
    world.write("numbers", 13)  # cannot be handled, so that nothing is written

    assert world.instances[0].step() is Step.ABANDONED
    assert world.state("counts") == {"k1": 1}


def test_a_message_that_was_set_aside_is_left_out_although_it_could_be_handled_now(
    world: LosingWorld,
) -> None:
    world.write("numbers", 1, 11, 12, 22)
    world.drain()
    world.is_repaired = True
    world.lose(2 * ROUNDS_OF_A_BATCH, ALL)
    world.restart(0)

    require_exact(world)
    assert len(world.records("numbers.dead")) == 2


def test_a_message_that_cannot_be_handled_again_stops_the_node(world: LosingWorld) -> None:
    world.is_repaired = True
    world.write("numbers", 11)
    world.drain()
    world.lose(ROUNDS_OF_A_BATCH, [])
    world.is_repaired = False

    with pytest.raises(CannotRepeat, match=r"handled message numbers\[\d\]@0 once and cannot now"):
        world.drain()


def test_a_message_that_meets_trouble_when_it_is_handled_again_is_tried_again(world: LosingWorld) -> None:
    world.write("numbers", 1)
    world.drain()
    world.lose(ROUNDS_OF_A_BATCH, [])
    world.instances[0].service.trouble = [TransientError("away")] * 9
    for _ in range(9):
        with pytest.raises(TransientError):
            world.drain()

    assert world.state("counts") == {"k1": 1}


def test_state_that_is_lost_as_a_whole_is_made_again(world: LosingWorld) -> None:
    for number in range(1, 30):
        world.write("numbers", number)
        world.step(0)
    world.lose(1000, [])

    require_exact(world)


def trim(world: LosingWorld, topic: str) -> None:
    """Have the topic forget everything that was handled."""
    world.broker.create_topics([TopicSpec(topic, 3, retention_s=60.0)])
    world.clock.advance(120.0)
    world.instances[0].session.poll({}, 0.0)


@pytest.mark.parametrize("rounds", [ROUNDS_OF_A_BATCH, 1000])
def test_state_is_refused_whose_input_is_kept_no_more(world: LosingWorld, rounds: int) -> None:
    world.write("numbers", 1)
    world.drain()
    world.lose(rounds, [])
    trim(world, "numbers")

    with pytest.raises(StateLost, match=r"numbers@0; 1 is committed, and the topic keeps what is from 1 on"):
        world.drain()


def test_a_broker_that_has_lost_more_than_the_store_is_refused(world: LosingWorld) -> None:
    for number in (1, 12, 23):
        world.write("numbers", number)
        world.drain()
    world.instances[0].session.close()
    place = next(each for each, position in world.broker.positions(PLAN.group).items() if position.offset)
    world.broker.reset(PLAN.group, {place: Position(1)})
    world.restart(0)

    with pytest.raises(StateLost, match="the broker has lost more than the store"):
        world.drain()


def test_a_record_that_outlived_its_journal_entry_is_refused(world: LosingWorld) -> None:
    world.write("numbers", 1)
    world.drain()
    outlived = world.store.get("demo.tally.counts", "k1")
    assert outlived is not None
    world.lose(ROUNDS_OF_A_BATCH, [])
    world.store.put("demo.tally.counts", "k1", outlived.value)
    world.restart(0)

    with pytest.raises(StateLost, match="has kept a record and lost the journal entry"):
        world.drain()


def test_nothing_is_written_over_the_journal_of_a_store_that_is_restarted_while_it_is_read(
    world: LosingWorld,
) -> None:
    world.write("numbers", 1)
    world.drain()
    world.restart(0)
    rounds = {"demo.tally.sums": [True]}
    world.losing.after_read = lambda name: world.losing.lose(0, rounds.pop(name, []))

    assert world.instances[0].step() is Step.ABANDONED
    assert not rounds
    world.losing.after_read = lambda _: None
    assert world.state("sums") == {"k1": 1}


def test_what_is_handled_again_comes_as_it_became_due(world: LosingWorld, clock: FakeClock) -> None:
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


def test_an_input_that_was_added_later_is_handled_again_from_its_beginning(world: LosingWorld) -> None:
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


def test_only_messages_that_this_node_could_not_handle_count_as_failures(world: LosingWorld) -> None:
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
