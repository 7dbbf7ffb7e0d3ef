"""A node with timers that is killed, rescaled and given a clock that jumps, and a judge of what came of it.

The judge is the service itself, alone and in memory: called in the order in which the node says that it was
called, it must return the same, and be woken by the timers that are set then, each once and not too soon.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from typing import Any, ClassVar

from hypothesis import strategies as st
from prometheus_client import CollectorRegistry

from catenae import Message, Middle, Node, Topology
from catenae.broker import NO_NOTES, Batch, Notes, Session
from catenae.brokers import open_broker
from catenae.codec import Codec, encode_key
from catenae.message import Record
from catenae.observability.health import Health
from catenae.observability.metrics import NodeMetrics
from catenae.running.assembly import Place, Platform, assemble
from catenae.runtime.lifetime import value_of
from catenae.runtime.loop import Step
from catenae.runtime.run import Instance
from catenae.runtime.state_records import StateRecord
from catenae.store import Entry, Store
from catenae.stores import open_store
from catenae.testing import FakeClock, MemoryTimers, message

CODEC = Codec()
START_MS = 1_700_000_000_000
MOST_ROUNDS = 2000
CRASHES = ("none", "before commit", "after commit")
OUT, BELLS = "lines", "bells"
WOKEN = "woken"

# What happens beside what is written; by `play`.
MISHAPS = st.one_of(
    st.tuples(st.just("step"), st.integers(0, 2), st.sampled_from(CRASHES)),
    st.tuples(st.just("turn"), st.sampled_from([0.0, 3.0, 30.0])),
    st.tuples(st.just("turn"), st.sampled_from([0.0, 3.0, 30.0])),
    st.tuples(st.just("stop"), st.integers(0, 2)),
    st.tuples(st.just("pass"), st.sampled_from([0.5, 7.0, 60.0])),
    st.tuples(st.just("jump"), st.sampled_from([-3600.0, -5.0, 5.0, 3600.0])),
)


class SkippingClock(FakeClock):
    """A clock that knows where it has been: timers that were due there may wake after it was set back."""

    def __init__(self) -> None:
        super().__init__()
        self._latest_s = 0.0

    @property
    def latest_ms(self) -> float:
        """The latest time that it has ever said."""
        return 1000 * max(self._latest_s, self.now_s())

    def set(self, now_s: float) -> None:
        self._latest_s = max(self._latest_s, self.now_s())
        super().set(now_s)


class Telling(Middle):
    """Mixed into a service: yields one line for each call, with all that the call has returned."""

    clock: ClassVar[SkippingClock]

    def transform(self, message: Message) -> Iterator[Message]:
        message = message._replace(topic=short(message.topic))
        yield self._line("took", message, super().transform(message))

    def wake(self, message: Message[str]) -> Iterator[Message]:
        yield self._line(WOKEN, message, super().wake(message))

    def _line(self, what: str, message: Message, returned: Iterable[Message]) -> Message:
        times = [message.event_ms, self.clock.now_s(), self.clock.latest_ms]
        return message.derive([what, message.id, message.value, times, returned_of(returned)])


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
    """A topology of one node with timers, and its instances.

    prefix  of all names on a broker that others use, too
    node    what it is declared with, beside its topics
    """

    def __init__(
        self,
        service: str,
        platform: Platform,
        reads: Sequence[str],
        instances: int = 2,
        prefix: str = "",
        **node: Any,
    ) -> None:
        self.reads = reads
        self._prefix = prefix
        topics, out, bells = [prefix + each for each in reads], prefix + OUT, prefix + BELLS
        declared = Node("stormy", service, topics, out, timers=bells, batch_records=5, **node)
        name = f"demo{prefix.removesuffix('-')}"
        self.topology = Topology(name, (declared,), partitions=3, external=(*topics, out))
        self.platform = platform
        assert isinstance(platform.clock, FakeClock)
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

        place = Place(self.topology, self.topology.nodes[0], f"stormy-{slot}", {})
        metrics = NodeMetrics(self.topology.name, "stormy", CollectorRegistry())
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

    def write(self, topic: str, key: str, value: Any, event_s: float) -> None:
        headers = Message(None).at(START_MS + round(1000 * event_s)).headers
        data, headers = CODEC.encode(topic, value, headers)
        self.platform.broker.append([Record(self._prefix + topic, encode_key(key), data, headers)])

    def rest(self) -> None:
        """Step until nothing has moved for a few rounds: a partition takes two to change hands."""
        still = 0
        for _ in range(MOST_ROUNDS):
            steps = [self.step(slot) for slot in list(self.instances)]
            still = still + 1 if set(steps) <= {Step.IDLE} else 0
            if still == 4:
                return
        raise AssertionError("it never comes to rest")

    def end(self) -> None:
        """Let days pass, in which everything wakes that ever will."""
        for _ in range(4):
            self.rest()
            self.clock.advance(50_000)
        self.rest()

    def records(self, *topics: str) -> list[Record]:
        broker = self.platform.broker
        return [
            each._replace(topic=topic)
            for topic in topics
            for number, span in enumerate(broker.spans(self._prefix + topic))
            for each in broker.read(self._prefix + topic, number, 0, span.end)
        ]

    def lines(self) -> dict[str, list[Any]]:
        """Return by key what the service has told, in its order."""
        lines: defaultdict[str, list[Any]] = defaultdict(list)
        for each in self.records(OUT):
            lines[(each.key or b"").decode()].append(CODEC.decode(each))
        return lines

    def is_empty(self) -> bool:
        """Say whether no State has a value of any key."""
        found = (StateRecord.unpacked(entry.value) for _, entry in self.kept())
        return all(value_of(each.value) is None for each in found)

    def kept(self) -> list[tuple[str, Entry]]:
        """Return what the store has of all State."""
        store = self.platform.store
        return [each for name in store.namespaces() if name.count(".") > 1 for each in store.scan(name)]


def play(world: World, acts: Sequence[Any]) -> None:
    """Do to a world what `acts` say."""
    for act, *rest in acts:
        match act:
            case "write":
                world.write(*rest)
            case "step":
                world.step(*rest)
            case "turn":
                world.clock.advance(*rest)
                for slot in list(world.instances):
                    world.step(slot)
            case "stop":
                world.stop(*rest)
            case "pass":
                world.clock.sleep(*rest)
            case "jump":
                world.clock.set(world.clock.now_s() + rest[0])


def opened(stack: ExitStack, clock: FakeClock, store: Store | None = None) -> Platform:
    """Return a broker and a store in memory."""
    broker = stack.enter_context(closing(open_broker("embedded:", clock)))
    return Platform(broker, store or stack.enter_context(closing(open_store("embedded:"))), None, clock)


def short(topic: str) -> str:
    """Return a topic's name without the prefix."""
    return topic.rpartition("-")[2]


def returned_of(returned: Iterable[Message]) -> list[Any]:
    return [[each.value, each.rejected] for each in returned]


def require_as_if_alone(world: World, alone: Callable[[MemoryTimers], Middle]) -> None:
    """Fail unless every message was handled once and every timer woke once, with what they come to alone.

    alone  gives the service, on a State of its own and these timers
    """
    lines = world.lines()
    taken = [each[1] for some in lines.values() for each in some if each[0] != WOKEN]
    assert sorted(taken) == sorted(each.id for each in world.records(*world.reads))
    assert world.records(*(f"{topic}.dead" for topic in (*world.reads, BELLS))) == []
    for key, some in lines.items():
        _require_as_if_alone(key, some, alone)


def _require_as_if_alone(key: str, lines: Sequence[Any], alone: Callable[[MemoryTimers], Middle]) -> None:
    timers = MemoryTimers()
    service = alone(timers)
    seen: list[tuple[int, float]] = []
    for what, message_id, value, (event_ms, now_s, latest_ms), returned in lines:
        timers.clock.set(now_s)
        given = message(value, key, message_id).at(event_ms)
        if what == WOKEN:
            timer = timers.take(key, value, event_ms)
            assert timer is not None, "it was woken by what is not set"
            assert latest_ms >= (_soonest_ms(event_ms, seen) if timer.is_of_events else timer.due_ms)
            assert returned_of(service.wake(given)) == returned
            if timer.is_of_events:
                seen.append((event_ms, 1000 * now_s))
        else:
            assert returned_of(service.transform(given)) == returned
            seen.append((event_ms, 1000 * now_s))
    timers.clock.advance(10**9)
    assert timers.due() == [], "some never wake"


def _soonest_ms(asked_ms: int, seen: Sequence[tuple[int, float]]) -> float:
    """Return when a timer of event time may wake, after messages of these event times at these moments."""
    return min(at_ms + max(0, asked_ms - event_ms) for event_ms, at_ms in seen)


def told(lines: Mapping[str, Sequence[Any]]) -> list[Any]:
    """Return what all calls have returned, one after the other."""
    return [out for some in lines.values() for *_, returned in some for out in returned]
