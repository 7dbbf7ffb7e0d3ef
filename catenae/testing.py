"""The kit for testing microservices and topologies: no broker, no server, no waiting.

message()      a message as a handler receives it
MemoryState    a State in a dict
MemoryTimers   Timers in one
FakeClock      time that passes when told
drain()        a whole topology, in one thread, until nothing moves any more
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any, TypeVar

from prometheus_client import CollectorRegistry

from catenae.broker import Broker
from catenae.brokers import open_broker
from catenae.clock import Clock
from catenae.codec import Codec, decode_key, encode_key
from catenae.errors import CatenaeError, CodecError
from catenae.message import NO_HEADERS, Headers, Key, Message, Record
from catenae.observability.health import Health
from catenae.observability.metrics import NodeMetrics
from catenae.packing import pack, unpack
from catenae.runtime.dead_letters import ERROR, GROUP, ORIGIN, SUFFIX, TRACEBACK
from catenae.runtime.encoder import message_headers
from catenae.runtime.keyed_state import NOTHING, KeyedState
from catenae.runtime.loop import Step
from catenae.runtime.run import Instance
from catenae.runtime.state_names import key_of
from catenae.runtime.timers import StateTimers, moments
from catenae.store import Documents
from catenae.stores import open_documents, open_store
from catenae.topology.assembly import Place, Platform, assemble
from catenae.topology.graph import Topology

V = TypeVar("V")

__all__ = ["FakeClock", "MemoryState", "MemoryTimers", "Unhandled", "drain", "message"]

EPOCH_S = 1_700_000_000.0
MOST_ROUNDS = 100_000
# A message that failed is tried again after a pause, of which so much is let pass at a time, and in all.
STANDSTILLS = frozenset({Step.WAITING, Step.OUTAGE})
PAUSE_S = 0.1
MOST_PAUSES_S = 600.0


def message(
    value: Any = None,
    key: Key = None,
    id: str = "topic[0]@0",  # noqa: A002  it is called what a message calls it
    headers: Headers = NO_HEADERS,
) -> Message:
    """Return a message as a handler receives it; `id` is where it was written, `topic[partition]@offset`."""
    topic, _, place = id.partition("[")
    partition, _, offset = place.partition("]@")
    return Message(
        value,
        key,
        headers=headers,
        topic=topic,
        partition=int(partition),
        offset=int(offset),
        timestamp_ms=int(EPOCH_S * 1000),
    )


class MemoryState(KeyedState[V]):
    """A `State` in a dict, as strict as a real one: keys are text, values are packed and got anew."""

    def __init__(self, values: Mapping[Any, V] | None = None) -> None:
        self._packed: dict[str, bytes] = {}
        for key, value in (values or {}).items():
            self[key] = value

    @property
    def values(self) -> dict[Any, V]:
        """Everything that is in it, by key, or key and sub-key."""
        keys = (key_of(name) for name in self._packed)
        return {key: self[key] for key in keys if key is not None}

    def look_up(self, name: str) -> Any:
        packed = self._packed.get(name)
        return NOTHING if packed is None else unpack(packed)

    def change(self, name: str, value: Any) -> None:
        if value is NOTHING:
            del self._packed[name]
        else:
            self._packed[name] = pack(value)


class MemoryTimers(StateTimers):
    """`Timers` on a `MemoryState` and a clock that a test lets pass; `due()` is what `wake` is given then."""

    def __init__(self, clock: "FakeClock | None" = None) -> None:
        self.clock = clock or FakeClock()
        self._pending: MemoryState[dict[str, Any]] = MemoryState()
        super().__init__(self._pending, self.clock)

    def due(self) -> list[Message[str]]:
        """Return the timers that are due, in their order; they are set no longer."""
        now_ms = self.clock.now_s() * 1000
        every = [(each, key) for key, pending in self._pending.values.items() for each in moments(pending)]
        due = sorted((each.due_ms, key, each) for each, key in every if each.due_ms <= now_ms)
        taken = [(key, self.take(key, each.name, each.asked_ms)) for _, key, each in due]
        return [message(each.name, key).at(each.asked_ms) for key, each in taken if each is not None]


class FakeClock:
    """A clock that stands still until `sleep` or `advance` moves it."""

    def __init__(self, now_s: float = EPOCH_S) -> None:
        self._now_s = self._monotonic_s = now_s

    def now_s(self) -> float:
        return self._now_s

    def monotonic_s(self) -> float:
        return self._monotonic_s

    def sleep(self, seconds: float) -> None:
        self.advance(max(0.0, seconds))

    def advance(self, seconds: float) -> None:
        """Let time pass; less than none only sets the clock back, as `set` does."""
        self._now_s += seconds
        self._monotonic_s += max(0.0, seconds)

    def set(self, now_s: float) -> None:
        """Set the clock, as people and NTP do: no time passes."""
        self._now_s = now_s


def drain(
    topology: Topology,
    inputs: Mapping[str, Sequence[Any]] | None = None,
    options: Mapping[str, Mapping[str, Any]] | None = None,
    *,
    documents: Documents | None = None,
    for_s: float = 0.0,
    expect_errors: bool = False,
) -> dict[str, list[Message]]:
    """Run a topology in this thread until nothing moves, and return the messages of every topic.

    inputs     topic → values, Messages (value, key and headers count) or Records, as others may write
               them, that are there before it starts
    options    node → options that replace the declared ones
    documents  where the nodes keep documents; in memory unless given
    for_s      seconds of the topology's own time that pass while it runs: delayed inputs need them
    expect_errors  a message that cannot be handled is a dead letter, as in life; else it raises `Unhandled`

    Everything real but the servers: the runtime, an embedded broker and store in memory. Sources run until
    they are exhausted, Servers not at all. A topic's dead letters are those of `<topic>.dead`. Messages come
    partition by partition, in the order in which they were written; the value of one that cannot be decoded
    is its bytes.
    """
    clock = FakeClock()
    with (
        closing(open_broker("embedded:", clock)) as broker,
        closing(open_store("embedded:")) as store,
        closing(open_documents("sqlite:")) as own_documents,
    ):
        broker.create_topics(topology.topic_specs())
        codec = Codec(topology.formats)
        broker.append(
            [_record(codec, topic, each) for topic, some in (inputs or {}).items() for each in some]
        )
        platform = Platform(broker, store, documents or own_documents, clock)
        instances = _assemble_all(topology, platform, options or {})
        try:
            _step_until_still(instances, clock, for_s)
        finally:
            for instance in instances:
                instance.service.teardown()
                instance.loop.close()
        if not expect_errors:
            _require_no_errors(broker, topology)
        return {topic: _messages(broker, codec, topic) for topic in topology.topics()}


class Unhandled(AssertionError):
    """A message that a node could not handle; the text has the error and the lines it came through."""


def _require_no_errors(broker: Broker, topology: Topology) -> None:
    for topic in topology.topics():
        for partition, span in enumerate(broker.spans(topic)):
            for letter in broker.read(topic, partition, span.start, span.end - span.start):
                if topic.endswith(SUFFIX) and ERROR in letter.headers:
                    origin, group, error, lines = (
                        letter.headers.get(name, b"").decode(errors="replace")
                        for name in (ORIGIN, GROUP, ERROR, TRACEBACK)
                    )
                    raise Unhandled(
                        f"{group} could not handle {origin}: {error}. Mend it, or drain with "
                        f"expect_errors=True and look at {topic!r}\n\n{lines}"
                    )


def _assemble_all(
    topology: Topology, platform: Platform, options: Mapping[str, Mapping[str, Any]]
) -> list[Instance]:
    instances = []
    for node in (each for each in topology.nodes if not each.is_server):
        place = Place(topology, node, f"{node.name}-0", {**node.options, **options.get(node.name, {})})
        metrics = NodeMetrics(topology.name, node.name, CollectorRegistry())
        instances.append(assemble(place, platform, metrics, Health(platform.clock, 30.0)))
    for instance in instances:
        instance.service.setup()
    return instances


def _step_until_still(instances: Sequence[Instance], clock: Clock, for_s: float) -> None:
    until_s = clock.now_s() + for_s
    given_up_s = until_s + MOST_PAUSES_S
    finished: set[int] = set()
    for _ in range(MOST_ROUNDS):
        steps = {
            place: instance.loop.step(0.0)
            for place, instance in enumerate(instances)
            if place not in finished
        }
        finished.update(place for place, step in steps.items() if step is Step.FINISHED)
        if set(steps.values()) <= {Step.IDLE, *STANDSTILLS} and not STANDSTILLS.isdisjoint(steps.values()):
            if clock.now_s() > given_up_s:
                raise CatenaeError(
                    f"nothing has moved for {MOST_PAUSES_S:,.0f} s of the topology's own time, and something "
                    f"waits. Does a handler raise TransientError for ever?"
                )
            clock.sleep(PAUSE_S)
            continue
        if (
            all(step in (Step.IDLE, Step.FINISHED) for step in steps.values())
            and Step.FINISHED not in steps.values()
        ):
            remaining_s = until_s - clock.now_s()
            if remaining_s <= 0:
                return
            clock.sleep(min(1.0, remaining_s))
    raise CatenaeError(
        f"the topology still moves after {MOST_ROUNDS:,} rounds. Does a cycle send every message round again?"
    )


def _record(codec: Codec, topic: str, given: Any) -> Record:
    if isinstance(given, Record):
        return given._replace(topic=topic)
    each = given if isinstance(given, Message) else Message(given)
    value, headers = codec.encode(topic, each.value, each.headers)
    return Record(topic, encode_key(each.key), value, headers)


def _messages(broker: Broker, codec: Codec, topic: str) -> list[Message]:
    by_partition: defaultdict[int, list[Message]] = defaultdict(list)
    for partition, span in enumerate(broker.spans(topic)):
        for record in broker.read(topic, partition, span.start, span.end - span.start):
            by_partition[partition].append(
                Message(
                    _decoded(codec, record),
                    decode_key(record.key),
                    headers=message_headers(record.headers),
                    topic=topic,
                    partition=partition,
                    offset=record.offset,
                    timestamp_ms=record.timestamp_ms,
                )
            )
    return [each for partition in sorted(by_partition) for each in by_partition[partition]]


def _decoded(codec: Codec, record: Record) -> Any:
    try:
        return codec.decode(record)
    except CodecError:
        return record.value
