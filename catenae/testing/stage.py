"""A topology on its own: the real runtime, a broker and a store in memory, and a clock that a test moves."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, closing
from typing import Any

from prometheus_client import CollectorRegistry

from catenae.broker import Broker, Session
from catenae.brokers import open_broker
from catenae.codec import Codec, decode_key, encode_key
from catenae.errors import CatenaeError, CodecError
from catenae.message import Message, Record
from catenae.observability.health import Health
from catenae.observability.metrics import NodeMetrics
from catenae.running.assembly import Place, Platform, assemble
from catenae.runtime.dead_letters import ERROR, GROUP, ORIGIN, SUFFIX, TRACEBACK
from catenae.runtime.encoder import message_headers
from catenae.runtime.loop import Step
from catenae.runtime.run import Instance
from catenae.store import Documents
from catenae.stores import open_documents, open_store
from catenae.testing.doubles import FakeClock
from catenae.topology.graph import Topology

Join = Callable[[], Session]

MOST_ROUNDS = 100_000
# A message that failed is tried again after a pause, of which so much is let pass at a time, and in all.
STANDSTILLS = frozenset({Step.WAITING, Step.OUTAGE})
PAUSE_S = 0.1
MOST_PAUSES_S = 600.0
# Of time that is let pass, so much at a time.
HOP_S = 1.0


class Unhandled(AssertionError):
    """A message that a node could not handle; the text has the error and the lines it came through."""


class Stage:
    """Everything real but the servers. Sources run until they are exhausted, Servers not at all.

    options    node → options that replace the declared ones
    documents  where the nodes keep documents; in memory unless given
    """

    def __init__(
        self,
        topology: Topology,
        options: Mapping[str, Mapping[str, Any]] | None = None,
        documents: Documents | None = None,
    ) -> None:
        self.topology = topology
        self.clock = FakeClock()
        self._options = options or {}
        self._codec = Codec(topology.formats)
        self._finished: set[str] = set()
        self._instances: dict[str, Instance] = {}
        self.registries: dict[str, CollectorRegistry] = {}
        with ExitStack() as opened:
            self.broker = opened.enter_context(closing(open_broker("embedded:", self.clock)))
            self.store = opened.enter_context(closing(open_store("embedded:")))
            own_documents = opened.enter_context(closing(open_documents("sqlite:")))
            self.broker.create_topics(topology.topic_specs())
            self.documents = documents or own_documents
            self._platform = Platform(self.broker, self.store, self.documents, self.clock)
            self._opened = opened.pop_all()

    def put(self, topic: str, things: Sequence[Any]) -> None:
        """Write values, Messages (value, key and headers count) or Records to a topic, as others may."""
        self.broker.append([_record(self._codec, topic, each) for each in things])

    def start(self) -> None:
        """Start an instance of every node."""
        for node in (each for each in self.topology.nodes if not each.is_server):
            self.place(node.name)

    def place(self, node: str) -> None:
        """Start an instance of a node, under the name of any that there was."""
        self._instances[node] = self._assembled(node)
        self._finished.discard(node)
        self._instances[node].service.setup()

    def joined(self, node: str, join: Join) -> Session:  # noqa: ARG002  who drives it goes by the node
        """Return the session of a node's instance, once its group is joined."""
        return join()

    def close(self) -> None:
        """End all of it."""
        try:
            for name in list(self._instances):
                self.stop(name)
        finally:
            self._opened.close()

    def stop(self, node: str) -> None:
        """End an instance as a signal does."""
        instance = self._instances.pop(node)
        instance.service.teardown()
        instance.loop.close()

    def run(self, for_s: float = 0.0) -> None:
        """Step until nothing moves and so much time has passed."""
        until_s = self.clock.now_s() + for_s
        given_up_s = until_s + MOST_PAUSES_S
        for _ in range(MOST_ROUNDS):
            steps = {name: self.step(name) for name in list(self._instances) if name not in self._finished}
            self._finished.update(name for name, step in steps.items() if step is Step.FINISHED)
            if set(steps.values()) <= {Step.IDLE, *STANDSTILLS} and not STANDSTILLS.isdisjoint(
                steps.values()
            ):
                if self.clock.now_s() > given_up_s:
                    raise CatenaeError(
                        f"nothing has moved for {MOST_PAUSES_S:,.0f} s of the topology's own time, and "
                        f"something waits. Does a handler raise TransientError for ever?"
                    )
                self.clock.sleep(PAUSE_S)
            elif set(steps.values()) <= {Step.IDLE}:
                remaining_s = until_s - self.clock.now_s()
                if remaining_s <= 0:
                    return
                self.clock.sleep(min(HOP_S, remaining_s))
        raise CatenaeError(
            f"the topology still moves after {MOST_ROUNDS:,} rounds. Does a cycle send every message round "
            f"again?"
        )

    def step(self, node: str) -> Step:
        """Let one instance do one step."""
        return self._instances[node].loop.step(0.0)

    def require_no_errors(self) -> None:
        """Raise `Unhandled` for the first message that a node could not handle."""
        for topic in self.topology.topics():
            for partition, span in enumerate(self.broker.spans(topic)):
                for letter in self.broker.read(topic, partition, span.start, span.end - span.start):
                    if topic.endswith(SUFFIX) and ERROR in letter.headers:
                        origin, group, error, lines = (
                            letter.headers.get(name, b"").decode(errors="replace")
                            for name in (ORIGIN, GROUP, ERROR, TRACEBACK)
                        )
                        raise Unhandled(
                            f"{group} could not handle {origin}: {error}. Mend it, or drain with "
                            f"expect_errors=True and look at {topic!r}\n\n{lines}"
                        )

    def messages(self, topic: str) -> list[Message]:
        """Return all of a topic, partition by partition; of what cannot be decoded the bytes."""
        return _messages(self.broker, self._codec, topic)

    def _assembled(self, name: str) -> Instance:
        node = self.topology.node(name)
        options = {**node.options, **self._options.get(name, {})}
        place = Place(self.topology, node, f"{name}-0", options)
        self.registries[name] = registry = CollectorRegistry()
        metrics = NodeMetrics(self.topology.name, name, registry)
        return assemble(
            place, self._platform, metrics, Health(self.clock, 30.0), lambda join: self.joined(name, join)
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
