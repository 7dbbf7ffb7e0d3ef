"""Timers under kills at every point of a step, changes of owners and a clock that jumps: each wakes once."""

import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing
from types import ModuleType
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry

from catenae import Message, Middle, Node, State, Timers, Topology
from catenae.broker import NO_NOTES, Batch, Notes, Session
from catenae.brokers import open_broker
from catenae.codec import Codec, encode_key
from catenae.message import Record
from catenae.observability.health import Health
from catenae.observability.metrics import NodeMetrics
from catenae.runtime import alarms
from catenae.runtime.loop import Step
from catenae.runtime.run import Instance
from catenae.stores import open_store
from catenae.testing import FakeClock
from catenae.topology.assembly import Place, Platform, assemble
from tests.unit.runtime.test_lost_writes import LosingStore

CODEC = Codec()
START_MS = 1_700_000_000_000
MOST_ROUNDS = 2000
CRASHES = ("none", "before commit", "after commit")


class Diary(Middle):
    """Does to timers what messages say, and says what it has done, when, and how late it has ever been.

    latest_ms  a clock that was set back has been there, and timers that were due then may wake
    """

    clock: ClassVar[FakeClock]
    latest_ms: ClassVar[float]

    def __init__(self, timers: Timers, lines: State[int]) -> None:
        self._timers = timers
        self._lines = lines

    def transform(self, message: Message) -> Iterator[Message]:
        what, name, moment = message.value
        if what == "cancel":
            self._timers.cancel(message.key, name)
        elif what == "after":
            self._timers.set(message.key, name, after_s=moment)
        else:
            self._timers.set(message.key, name, event_ms=START_MS + 1000 * moment)
        yield self._line(message, what, name)

    def wake(self, message: Message[str]) -> Iterator[Message]:
        assert self._timers.moment_ms(message.key, message.value) is None
        yield self._line(message, "woken", message.value)

    def _line(self, message: Message, what: str, name: str) -> Message:
        self._lines[message.key] = self._lines.get(message.key, 0) + 1
        moment_ms = message.event_ms if what == "woken" else self._timers.moment_ms(message.key, name)
        now_ms = self.clock.now_s() * 1000
        times = [moment_ms, message.event_ms, now_ms, max(now_ms, self.latest_ms)]
        return message.derive([what, message.id, name, *times, self._lines[message.key]])


class Killed(Exception):
    """Stands for `kill -9`: whatever comes after it does not happen."""


class CrashingSession:
    """A session in front of a real one that dies at the commit, before or after it took place."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.crash = "none"

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)

    def commit(self, batches: Sequence[Batch], outputs: Sequence[Record], notes: Notes = NO_NOTES) -> None:
        if self.crash == "before commit":
            raise Killed
        self._session.commit(batches, outputs, notes)
        if self.crash == "after commit":
            raise Killed


class World:
    """A topology of one node with timers, and its instances."""

    def __init__(self, service: str, platform: Platform, instances: int, concurrency: int = 1) -> None:
        node = Node(
            "diary", service, "orders", "lines", timers="bells", concurrency=concurrency, batch_records=5
        )
        self.topology = Topology("demo", (node,), partitions=3, external=("orders", "lines"))
        self.platform = platform
        self.clock = platform.clock
        platform.broker.create_topics(self.topology.topic_specs())
        self.instances: dict[int, Instance] = {}
        self.sessions: dict[int, CrashingSession] = {}
        for slot in range(instances):
            self.start(slot)

    def start(self, slot: int) -> None:
        def crashing(join: Any) -> Any:
            self.sessions[slot] = CrashingSession(join())
            return self.sessions[slot]

        place = Place(self.topology, self.topology.nodes[0], f"diary-{slot}", {})
        metrics = NodeMetrics("demo", "diary", CollectorRegistry())
        health = Health(self.platform.clock, 30.0)
        self.instances[slot] = assemble(place, self.platform, metrics, health, crashing)

    def stop(self, slot: int) -> None:
        if len(self.instances) > 1 and slot in self.instances:
            self.instances.pop(slot).loop.close()

    def step(self, slot: int, crash: str = "none") -> Step:
        """Let an instance do one step; one that is killed in it is replaced."""
        if slot not in self.instances:
            self.start(slot)
        self.sessions[slot].crash = crash
        try:
            return self.instances[slot].loop.step(0.0)
        except Killed:
            self.start(slot)
            return Step.MOVED
        finally:
            self.sessions[slot].crash = "none"

    def write(self, key: str, what: str, name: str, moment: int, event_s: int) -> None:
        message = Message(None).at(START_MS + 1000 * event_s)
        data, headers = CODEC.encode("orders", [what, name, moment], message.headers)
        self.platform.broker.append([Record("orders", encode_key(key), data, headers)])

    def rest(self) -> None:
        """Step until nothing has moved for a few rounds: a partition takes two to change hands."""
        still = 0
        for _ in range(MOST_ROUNDS):
            steps = [self.step(slot) for slot in list(self.instances)]
            still = still + 1 if set(steps) <= {Step.IDLE} else 0
            if still == 4:
                return
        raise AssertionError("it never comes to rest")

    def records(self, topic: str) -> list[Record]:
        broker = self.platform.broker
        spans = enumerate(broker.spans(topic))
        return [each for number, span in spans for each in broker.read(topic, number, 0, span.end)]


def require_exact(world: World) -> None:
    """Fail unless every message counts once, and each timer that stood until its moment woke once."""
    for _ in range(4):
        world.rest()
        world.clock.sleep(50_000)
    world.rest()
    lines: defaultdict[bytes | None, list[Any]] = defaultdict(list)
    for each in world.records("lines"):
        lines[each.key].append(CODEC.decode(each))
    assert sorted(line[1] for some in lines.values() for line in some if line[0] != "woken") == sorted(
        each.id for each in world.records("orders")
    )
    for some in lines.values():
        assert [line[-1] for line in some] == list(range(1, len(some) + 1))
        require_right(some)
    assert world.records("orders.dead") == world.records("bells.dead") == []


def require_right(lines: Sequence[Any]) -> None:
    pending: dict[str, tuple[str, int]] = {}
    seen: list[tuple[int, float]] = []
    for what, _, name, moment_ms, event_ms, now_ms, latest_ms, _ in lines:
        if what == "woken":
            kind, wanted_ms = pending.pop(name)
            assert moment_ms == wanted_ms
            if kind == "after":
                assert latest_ms >= moment_ms
            else:
                assert any(event >= moment_ms or latest_ms >= at + moment_ms - event for event, at in seen)
            continue
        seen.append((event_ms, now_ms))
        pending.pop(name, None)
        if what != "cancel":
            pending[name] = (what, moment_ms)
    assert pending == {}


@pytest.fixture(scope="module", autouse=True)
def _services() -> Iterator[None]:
    module = ModuleType("diaries")
    vars(module)["Diary"] = Diary
    sys.modules["diaries"] = module
    yield
    del sys.modules["diaries"]


WRITES = st.tuples(
    st.just("write"),
    st.sampled_from(["ann", "bob", "cid", "dan"]),
    st.sampled_from(["after", "after", "event", "cancel"]),
    st.sampled_from(["", "x"]),
    st.sampled_from([0, 1, 3, 10, 100]),
    st.integers(-50, 100),
)
ACTS = st.one_of(
    WRITES,
    WRITES,
    st.tuples(st.just("step"), st.integers(0, 2), st.sampled_from(CRASHES)),
    st.tuples(st.just("stop"), st.integers(0, 2)),
    st.tuples(st.just("pass"), st.sampled_from([0.5, 7.0, 60.0])),
    st.tuples(st.just("jump"), st.sampled_from([-3600.0, -5.0, 5.0, 3600.0])),
)


def play(acts: Sequence[Any], concurrency: int = 1) -> None:
    clock = FakeClock()
    Diary.clock, Diary.latest_ms = clock, 0.0
    with closing(open_broker("embedded:", clock)) as broker, closing(open_store("embedded:")) as store:
        world = World("diaries:Diary", Platform(broker, store, None, clock), 2, concurrency)
        for act, *rest in acts:
            if act == "write":
                world.write(*rest)
            elif act == "step":
                world.step(*rest)
            elif act == "stop":
                world.stop(*rest)
            elif act == "pass":
                clock.advance(*rest)
            else:
                Diary.latest_ms = max(Diary.latest_ms, clock.now_s() * 1000)
                clock.set(clock.now_s() + rest[0])
        require_exact(world)


@pytest.mark.lengthy
@given(st.lists(ACTS, max_size=40))
def test_every_timer_wakes_once_and_not_before_its_moment(acts: Sequence[Any]) -> None:
    play(acts)


@pytest.mark.lengthy
@given(st.lists(ACTS, max_size=40))
def test_so_it_is_where_few_timers_fit_into_memory_and_few_are_under_way(acts: Sequence[Any]) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(alarms, "MOST_RUNG", 2)
        patched.setattr(alarms.Alarms.__init__, "__defaults__", (4,))
        play(acts)


@pytest.mark.parametrize("rounds", [1, 6, 9, 12])
@pytest.mark.parametrize("what", ["after", "event"])
def test_a_timer_of_which_the_store_has_lost_that_it_woke_wakes_nobody_again(what: str, rounds: int) -> None:
    clock = FakeClock()
    Diary.clock, Diary.latest_ms = clock, 0.0
    with closing(open_broker("embedded:", clock)) as broker, closing(LosingStore()) as store:
        world = World("diaries:Diary", Platform(broker, store, None, clock), instances=1)
        for key in ("ann", "bob"):
            world.write(key, what, "x", moment=10, event_s=0)
            clock.sleep(0.5)  # handled later than it was written, as it is handled much later once more
            world.rest()
            clock.sleep(7)
        clock.sleep(4)
        world.rest()
        store.lose(rounds, [])
        clock.sleep(60)
        world.rest()

        lines = [CODEC.decode(each) for each in world.records("lines")]
        assert sorted(line[0] for line in lines) == [what, what, "woken", "woken"]
