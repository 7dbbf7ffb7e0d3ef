"""A topology of every kind of link, run as one chain or node by node, with what may happen meanwhile."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from prometheus_client import CollectorRegistry

from catenae import Leaf, Message, Middle, Node, Retry, State, Timers, Topology, TransientError
from catenae.chain import Chain, Part
from catenae.codec import decode_key
from catenae.codec.packing import unpack
from catenae.errors import StoreUnavailable
from catenae.message import EVENT_MS, Record
from catenae.observability.health import Health
from catenae.observability.metrics import NodeMetrics
from catenae.observability.multiprocess import NodeTotals, node_totals
from catenae.operating.forgetting import ask_to_forget
from catenae.running.assembly import Place, assemble_chain
from catenae.runtime.loop import Step
from catenae.runtime.run import Instance
from catenae.runtime.seal import SEAL
from catenae.runtime.state_records import StateRecord
from catenae.testing.stage import Stage

HERE = "tests.unit.runtime.chained"
NAME = "all_of_it"
# Each world has a key of its own to seal with, and lets time pass while a message waits to be tried again.
OF_ONE_WORLD = (SEAL, EVENT_MS)
DEAD_AND_SAME = ("dead-reason", "dead-group", "dead-topic", "dead-error")


class Killed(BaseException):
    """The process is gone."""


def die() -> None:
    """End the process."""
    raise Killed


def fail() -> None:
    """Have a store not answer: no message is to blame, and the step is given up."""
    raise StoreUnavailable("away")


class Fate:
    """What happens at the next calls of handlers and commits, of which each takes one away."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self.ahead: list[Callable[[], None] | None] = []
        self.failures: dict[str, int] = {}

    def strikes(self) -> None:
        """Let happen what is to happen now."""
        if self.ahead and (happens := self.ahead.pop(0)) is not None:
            happens()

    def fails(self, key: str) -> bool:
        """Say whether a message of a key fails now, which it does so often as was said."""
        self.failures[key] = self.failures.get(key, 0) - 1
        return self.failures[key] >= 0


FATE = Fate()


class Split(Middle):
    """Two messages of each; `poison` cannot be handled, `bad` is rejected."""

    def transform(self, message: Message) -> Iterator[Message]:
        FATE.strikes()
        if message.value == "poison":
            raise ValueError("poison")
        if message.value == "bad":
            yield message.reject("bad")
            return
        yield message.derive({"word": message.value, "half": 1})
        yield message.derive({"word": message.value, "half": 2})


class Count(Middle):
    """Numbers messages by key, and says once a key is quiet how many there were."""

    def __init__(self, counts: State[int], timers: Timers) -> None:
        self._counts = counts
        self._timers = timers

    def transform(self, message: Message) -> Iterator[Message]:
        FATE.strikes()
        count = self._counts.get(message.key, 0) + 1
        self._counts[message.key] = count
        self._timers.set(message.key, after_s=30)
        yield message.derive({"n": count, "of": message.value})

    def wake(self, message: Message) -> Iterator[Message]:
        yield message.derive({"n": -self._counts.get(message.key, 0), "of": "quiet"})


class Total(Middle):
    """Adds the numbers up by key, and sends even ones elsewhere; fails for a while where it is to."""

    def __init__(self, totals: State[int]) -> None:
        self._totals = totals

    def transform(self, message: Message) -> Iterator[Message]:
        FATE.strikes()
        if FATE.fails(message.key):
            raise TransientError("not now")
        total = self._totals.get(message.key, 0) + message.value["n"]
        self._totals[message.key] = total
        yield message.derive({"total": total}, to="odd" if total % 2 else "even")


class Swap(Middle):
    """Gives each message another key, mostly of another partition."""

    def transform(self, message: Message) -> Iterator[Message]:
        yield message.derive(message.value, key=f"{message.key}!")


class Last(Leaf):
    """Keeps what came by key."""

    def __init__(self, kept: State[list[int]]) -> None:
        self._kept = kept

    def consume(self, message: Message) -> None:
        FATE.strikes()
        self._kept[message.key] = [*self._kept.get(message.key, []), message.value["total"]]


class Mend(Middle):
    """Makes something else of what the node behind it has set aside."""

    def transform(self, message: Message) -> Iterator[Message]:
        yield message.derive("mended" if message.topic == "words.dead" else message.value)


class Refuse(Middle):
    """Cannot handle `poison`."""

    def transform(self, message: Message) -> Iterator[Message]:
        if message.value == "poison":
            raise ValueError("poison")
        yield message.derive(message.value)


def _node(name: str, service: type, reads: Any, writes: Any = "", **more: Any) -> Node:
    return Node(name, f"{HERE}:{service.__name__}", reads, writes, chain=NAME, **more)


TOPOLOGY = Topology(
    "chained",
    partitions=3,
    external=("texts",),
    nodes=(
        _node("split", Split, "texts", "words"),
        _node("count", Count, "words", "counts", timers="quiet"),
        _node("total", Total, "counts", {"odd": "odds", "even": "evens"}, retry=Retry(0.1, 0.2, attempts=20)),
        _node("swap", Swap, "evens", "swapped"),
        _node("last", Last, "swapped"),
        _node("odd_last", Last, "odds"),
    ),
)


MENDING = Topology(
    "mending",
    partitions=1,
    external=("texts",),
    nodes=(
        _node("mend", Mend, ("texts", "words.dead"), "words"),
        _node("refuse", Refuse, "words", "good"),
    ),
)


class World(Stage):
    """The topology as chains of so many processes, or node by node, on one broker and store."""

    def __init__(
        self,
        topology: Topology = TOPOLOGY,
        *,
        options: Mapping[str, Mapping[str, Any]] | None = None,
        processes: int = 1,
        is_chained: bool = True,
    ) -> None:
        super().__init__(topology, options)
        (self.name,) = topology.chains
        self.processes = processes
        self.is_chained = is_chained
        self.start()

    def start(self) -> None:
        if not self.is_chained:
            super().start()
            return
        for slot in range(self.processes):
            self.start_process(slot)

    def start_process(self, slot: int) -> None:
        """Start a chain, in place of the process of that number."""
        self._instances[f"{self.name}-{slot}"] = chain = self._chain(slot)
        chain.service.setup()

    def stop_process(self, slot: int) -> None:
        if f"{self.name}-{slot}" in self._instances:
            self.stop(f"{self.name}-{slot}")

    def change(self) -> None:
        """Stop, and go on the other way: node by node what was chained, or the other way round."""
        for name in list(self._instances):
            self.stop(name)
        self.is_chained = not self.is_chained
        self.start()

    def step(self, node: str) -> Step:
        try:
            return super().step(node)
        except StoreUnavailable:
            return Step.MOVED
        except Killed:
            if self.is_chained:
                self.start_process(int(node.rpartition("-")[2]))
            else:
                self.place(node)
            return Step.MOVED

    def run(self, for_s: float = 0.0) -> None:
        while True:
            super().run(for_s)
            for_s = 0.0
            # What another process gave up is taken at the next look at the latest.
            if all(self.step(each) is Step.IDLE for _ in range(3) for each in list(self._instances)):
                return

    def forget_key(self, key: str) -> None:
        ask_to_forget(self.topology, self.broker, self.clock, key)

    def _chain(self, slot: int) -> Instance:
        places = [
            Place(
                self.topology,
                node,
                f"{node.name}-{slot}",
                {**node.options, **self._options.get(node.name, {})},
            )
            for node in self.topology.chains[self.name]
        ]
        self.registries = {node.name: CollectorRegistry() for node in self.topology.nodes}
        metrics = {
            name: NodeMetrics(self.topology.name, name, registry)
            for name, registry in self.registries.items()
        }
        health = Health(self.clock, 30.0)
        return assemble_chain(places, self._platform, metrics, health, lambda join: mortal(join()))

    def instance(self, slot: int = 0) -> Instance:
        """Return the chain in the process of that number."""
        return self._instances[f"{self.name}-{slot}"]

    def records(self, topic: str) -> list[Record]:
        spans = enumerate(self.broker.spans(topic))
        return [each for n, span in spans for each in self.broker.read(topic, n, span.start, span.end)]

    def told(self) -> dict[tuple[str, Any], list[Any]]:
        """Return by topic and key all that was written, in its order, but for places and times."""
        told: defaultdict[tuple[str, Any], list[Any]] = defaultdict(list)
        # What tells a node of its timers is a hint, which may come twice.
        for topic in (each for each in self.topology.topics() if each != "quiet"):
            for each in self.records(topic):
                headers = {name: value for name, value in each.headers.items() if name not in OF_ONE_WORLD}
                if topic.endswith(".dead"):
                    headers = {name: headers[name] for name in DEAD_AND_SAME if name in headers}
                told[topic, decode_key(each.key) if each.key else None].append((each.value, headers))
        return {
            where: sorted(some, key=str) if where[0].endswith(".dead") else some
            for where, some in told.items()
        }

    def state(self) -> dict[tuple[str, str], Any]:
        """Return what every node keeps by key."""
        kept = {}
        for node in self.topology.nodes:
            for name in ("counts", "totals", "kept"):
                for key, entry in self.store.scan(f"{self.topology.name}.{node.name}.{name}"):
                    packed = StateRecord.unpacked(entry.value).value
                    if packed is not None:
                        kept[node.name, key] = unpack(packed)
        return kept

    def totals(self, node: str) -> NodeTotals:
        """Return what a node has counted, but for times."""
        counted = node_totals(self.registries[node].collect())[node]
        return replace(counted, handler_s=0.0, commit_s=0.0, progress=None)

    @property
    def running(self) -> list[str]:
        """The names of all that runs."""
        return list(self._instances)


def mortal(chain: Chain) -> Chain:
    """Let fate strike ahead of each commit, and after it."""
    commit = chain.commit

    def committed(parts: list[Part]) -> None:
        FATE.strikes()
        commit(parts)
        FATE.strikes()

    chain.commit = committed  # type: ignore[method-assign, assignment]
    return chain
