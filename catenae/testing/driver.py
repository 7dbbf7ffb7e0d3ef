"""A topology step by step, as a test drives it."""

import math
from collections import defaultdict
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from catenae.codec.packing import unpack
from catenae.message import Key, Message, TopicPartition
from catenae.observability.own_metrics import RESERVED
from catenae.operating.forgetting import ask_to_forget, left_of
from catenae.running.injection import timers_parameter
from catenae.running.kept import state_namespace
from catenae.runtime.lifetime import Lifetime, value_of
from catenae.runtime.loop import Step
from catenae.runtime.run import UNAVAILABLE
from catenae.runtime.state_names import key_of
from catenae.runtime.state_records import StateRecord
from catenae.runtime.timers import moments
from catenae.store import Documents
from catenae.testing.doubles import FakeClock, MemoryMetrics
from catenae.testing.stage import Join, Stage
from catenae.testing.trouble import Killed, Point, TroubledSession
from catenae.topology.graph import Topology
from catenae.topology.loading import import_service


class TestDriver:
    """Drives a topology: after each of its calls everything has come to rest. To be used in a `with`.

    Everything is real but the servers and the clock, so what a test sees of kills and failures is what would
    be. A message that cannot be handled raises `Unhandled`, unless errors are expected: then it is a dead
    letter of `<topic>.dead`.

    options    node → options that replace the declared ones
    documents  where the nodes keep documents; in memory unless given
    """

    __test__ = False  # no test of pytest's

    def __init__(
        self,
        topology: Topology,
        options: Mapping[str, Mapping[str, Any]] | None = None,
        *,
        documents: Documents | None = None,
        expect_errors: bool = False,
    ) -> None:
        self._stage = _Driven(topology, options, documents)
        self._expects_errors = expect_errors
        self._read: defaultdict[TopicPartition, int] = defaultdict(int)

    @property
    def clock(self) -> FakeClock:
        """The clock of all nodes; `advance` lets it go on, `clock.set` sets it."""
        return self._stage.clock

    def send(self, topic: str, *values: Any, key: Key = None) -> None:
        """Write to a topic, as somebody outside would: values, all of one key, or Messages."""
        self._stage.put(topic, [each if isinstance(each, Message) else Message(each, key) for each in values])
        self.advance(0.0)

    def forget(self, key: str) -> None:
        """Have every node forget a key, by a request wherever messages come in."""
        ask_to_forget(self._stage.topology, self._stage.broker, self.clock, key)
        self.advance(0.0)

    def left_of(self, key: str) -> list[str]:
        """Return where State, timers or personal documents still have something of a key; [] for nowhere."""
        stage = self._stage
        return list(left_of(stage.topology, stage.broker, stage.store, stage.documents, self.clock, key))

    def advance(self, seconds: float) -> None:
        """Let time pass, and everything happen that does meanwhile."""
        self._stage.run(seconds)
        if not self._expects_errors:
            self._stage.require_no_errors()

    def read(self, topic: str) -> list[Message]:
        """Return what has come to a topic since the last time, partition by partition."""
        fresh = []
        for each in self._stage.messages(topic):
            place = TopicPartition(topic, each.partition)
            if each.offset >= self._read[place]:
                self._read[place] = each.offset + 1
                fresh.append(each)
        return fresh

    def state(self, node: str, name: str) -> dict[Any, Any]:
        """Return a State of a node, by key, or key and sub-key; `name` is the constructor's parameter."""
        topology = self._stage.topology
        declared = topology.node(node)
        namespace = state_namespace(topology, declared, name)
        lifetime = Lifetime(declared.ttl_s.get(name, math.inf), self.clock)
        found = {}
        for stored, entry in self._stage.store.scan(namespace):
            key, kept = key_of(stored), StateRecord.unpacked(entry.value).value
            packed = None if lifetime.is_over(kept, lifetime.now_ms()) else value_of(kept)
            if key is not None and packed is not None:
                found[key] = unpack(packed)
        return found

    def timers(self, node: str) -> dict[tuple[str, str], int]:
        """Return the timers of a node: for which moment each is set, by key and name."""
        parameter = timers_parameter(import_service(self._stage.topology.node(node).service))
        pending = {} if parameter is None else self.state(node, parameter)
        return {(key, each.name): each.asked_ms for key, some in pending.items() for each in moments(some)}

    def metrics(self, node: str) -> dict[str, float]:
        """Return what the service of a node has counted since it was last started, as `MemoryMetrics`."""
        values = MemoryMetrics(registry=self._stage.registries[node]).values
        return {name: value for name, value in values.items() if not name.startswith(RESERVED)}

    def restart(self, node: str) -> None:
        """Stop a node as a signal does, and start it again."""
        self._stage.restart(node)
        self.advance(0.0)

    def kill(self, node: str, at: Point | None = None) -> None:
        """Kill a node with `kill -9` and start it again: now, or in its next step, at a point of it."""
        if at is None:
            self._stage.kill(node)
            self.advance(0.0)
        else:
            self._stage.sessions[node].expect(at, is_deadly=True)

    def fail(self, node: str, at: Point, times: int = 1) -> None:
        """Have the broker not answer a node, at a point of its next steps; after a commit, it was written."""
        self._stage.sessions[node].expect(at, times)

    def __enter__(self) -> Self:
        self._stage.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stage.close()


class _Driven(Stage):
    """A stage on which things happen to instances."""

    sessions: dict[str, TroubledSession]

    def start(self) -> None:
        self.sessions = {}
        super().start()

    def restart(self, node: str) -> None:
        self.stop(node)
        self.place(node)

    def kill(self, node: str) -> None:
        """Start an instance in the place of one that finds out nothing any more."""
        self.place(node)

    def step(self, node: str) -> Step:
        try:
            return super().step(node)
        except Killed:
            self.kill(node)
            return Step.MOVED
        except UNAVAILABLE:
            return Step.WAITING

    def joined(self, node: str, join: Join) -> TroubledSession:
        self.sessions[node] = TroubledSession(join())
        return self.sessions[node]
