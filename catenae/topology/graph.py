"""A topology: the graph of nodes and topics. Frozen data, checked when built; no service is imported for it.

Every topic that a node reads or a Source writes has a second one, `<topic>.dead`, for the messages set aside.
A node may read it like any other.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from catenae.broker import AS_THE_BROKER_HAS_IT, Delivery, Replication, TopicSpec
from catenae.config import read_settings
from catenae.errors import ConfigError, TopologyError
from catenae.runtime.dead_letters import dead_topic
from catenae.suggestion import suggestion
from catenae.topology.node import NAME_RULE, Node, bad_choice, bad_topic, is_name

Format = Literal["msgpack", "json", "text", "bytes", "pickle"]

_DAY_S = 86_400.0


@dataclass(frozen=True)
class Retention:
    """How much is kept of a topic beyond what its readers have yet to see; None keeps all.

    age_s       seconds since written
    size_bytes  per partition, compressed
    """

    age_s: float | None = 7 * _DAY_S
    size_bytes: int | None = 256 * 2**20

    def __post_init__(self) -> None:
        for name, value in (("age_s", self.age_s), ("size_bytes", self.size_bytes)):
            if value is not None and not value > 0:
                raise TopologyError(
                    f"Retention has {name}={value!r}; it needs more than 0, or None to keep all"
                )


_DEAD_LETTER_RETENTION = Retention(age_s=30 * _DAY_S)
_KEEP_ALL = Retention(age_s=None, size_bytes=None)


@dataclass(frozen=True)
class Topology:
    """Nodes that together do one job. Raises `TopologyError` when the declaration contradicts itself.

    partitions   of every topic: the most instances of one node that share the work
    external     topics that somebody outside writes, and may read; control headers of theirs are ignored.
                 As a mapping with the partitions of each, where somebody has made it with other ones
    exported     topics that somebody outside reads, and only nodes write
    formats      of what is written to a topic; "msgpack" unless said. "pickle" runs code on receipt: it is
                 for topics that nobody else can write
    retention    of a topic; `Retention()` unless said
    replication  of topics that are created, where the broker's URL does not say it
    is_traced    give every message the id of the one it came from, in the header `trace`; about 1 µs per hop
    settings     defaults of `catenae.config.Settings`, below flags and environment

    A topic that nobody reads is no mistake; `catenae check` warns of it unless somebody outside may.
    """

    name: str
    nodes: Sequence[Node]
    partitions: int = 12
    delivery: Delivery = "exactly-once"
    external: Sequence[str] | Mapping[str, int] = ()
    exported: Sequence[str] = ()
    formats: Mapping[str, Format] = field(default_factory=dict)
    retention: Mapping[str, Retention] = field(default_factory=dict)
    replication: Replication = AS_THE_BROKER_HAS_IT
    is_traced: bool = False
    settings: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for mistake in _mistakes(self):
            raise TopologyError(f"topology {self.name!r} {mistake}")

    def node(self, name: str) -> Node:
        """Return a node by name. Raises `TopologyError` if there is none."""
        for node in self.nodes:
            if node.name == name:
                return node
        raise TopologyError(
            f"topology {self.name!r} has no node {name!r}; "
            f"{suggestion(name, (node.name for node in self.nodes))}"
        )

    def readers(self, topic: str) -> tuple[Node, ...]:
        """Return the nodes that read a topic."""
        return tuple(node for node in self.nodes if any(each.topic == topic for each in node.inputs))

    def writers(self, topic: str) -> tuple[Node, ...]:
        """Return the nodes that write a topic by their outputs or timers; a dead-letter topic has none."""
        return tuple(node for node in self.nodes if topic in (*node.outputs.values(), node.timers))

    def downstream_of(self, node: Node) -> tuple[tuple[str, Node], ...]:
        """Return the (topic, reading node) pairs that a node's messages reach, nearest first.

        Delayed inputs are left out with all behind them: they are meant to be long, and in a cycle a Source
        would wait for what waits for it.
        """
        reached: list[tuple[str, Node]] = []
        waiting = [node]
        for writer in waiting:
            for topic in dict.fromkeys(writer.outputs.values()):
                for reader in self.readers(topic):
                    delays_s = {each.topic: each.delay_s for each in reader.inputs}
                    if delays_s[topic] == 0 and (topic, reader) not in reached:
                        reached.append((topic, reader))
                        waiting.extend([reader] if reader not in waiting else [])
        return tuple(reached)

    def passes(self, node: Node) -> tuple[str, ...]:
        """Return the ports by which a request to forget goes on: of topics that are not the node's alone."""
        ports: dict[str, str] = {}
        for port, topic in node.outputs.items():
            readers = self.readers(topic)
            if topic in self.shared or any(each is not node for each in readers):
                ports.setdefault(topic, port)
        return tuple(ports.values())

    def returns(self, node: Node) -> tuple[str, ...]:
        """Return the ports of topics that the node alone reads: what waits there comes back to it."""
        alone = {t: port for port, t in node.outputs.items() if self.readers(t) == (node,)}
        return tuple(port for topic, port in alone.items() if topic not in self.shared)

    def data_topics(self) -> tuple[str, ...]:
        """Return the topics that the nodes name, in the order in which they do."""
        named = (t for node in self.nodes for t in (*(i.topic for i in node.inputs), *node.outputs.values()))
        return tuple(dict.fromkeys(named))

    def topics(self) -> tuple[str, ...]:
        """Return every topic: data, dead letters, and the positions of Sources."""
        return tuple(spec.name for spec in self.topic_specs())

    @property
    def shared(self) -> frozenset[str]:
        """The topics that are not this topology's alone: external ones and exported ones."""
        return frozenset((*self.external, *self.exported))

    def unread_topics(self) -> tuple[str, ...]:
        """Return the topics that nobody reads, neither a node nor somebody outside."""
        return tuple(t for t in self.data_topics() if not self.readers(t) and t not in self.shared)

    def partitions_of(self, topic: str) -> int:
        """Return how many partitions a data or dead-letter topic has; one of timers as what sets them."""
        for node in self.nodes:
            if node.timers and topic in (node.timers, dead_topic(node.timers)):
                return self.partitions_of(next(i.topic for i in node.inputs if i.topic != node.timers))
        return _counts(self.external).get(topic, self.partitions)

    def most_instances(self, node: Node) -> int | None:
        """Return how many instances of a node can share its work; None for a Source or Server."""
        return max((self.partitions_of(each.topic) for each in node.inputs), default=None)

    def group(self, node: Node) -> str:
        """Return the name of the group in which a node's instances share their inputs."""
        return f"{self.name}.{node.name}"

    def position_topic(self, node: Node) -> str:
        """Return the hidden topic of one partition that holds a Source's position."""
        return f"{self.group(node)}.position"

    def topics_held(self, node: Node) -> tuple[str, ...]:
        """Return the topics in which a node has positions: its inputs, or that of a Source's own."""
        return (self.position_topic(node),) if node.is_source else tuple(i.topic for i in node.inputs)

    def topic_specs(self) -> tuple[TopicSpec, ...]:
        """Return every topic to be created, each once."""
        data = self.data_topics()
        dead = tuple(t for t in _dead_letter_topics(self) if t not in data)
        positions = tuple(self.position_topic(node) for node in self.nodes if node.is_source)
        kept = {topic: _kept(self, topic) for topic in (*data, *dead)} | dict.fromkeys(positions, _KEEP_ALL)
        return tuple(
            TopicSpec(
                topic,
                1 if topic in positions else self.partitions_of(topic),
                keep.size_bytes,
                keep.age_s,
                readers=tuple(self.group(node) for node in self.readers(topic)),
                is_ours=topic not in self.external or topic in self.retention,
            )
            for topic, keep in kept.items()
        )


def _counts(external: Sequence[str] | Mapping[str, int]) -> Mapping[str, int]:
    return external if isinstance(external, Mapping) else {}


def _dead_letter_topics(topology: Topology) -> tuple[str, ...]:
    read = (each.topic for node in topology.nodes for each in node.inputs)
    generated = (topic for node in topology.nodes if node.is_source for topic in node.outputs.values())
    return tuple(dict.fromkeys(dead_topic(topic) for topic in (*read, *generated)))


def _longest_delay_s(topology: Topology, topic: str) -> float:
    return max((i.delay_s for node in topology.nodes for i in node.inputs if i.topic == topic), default=0.0)


def _kept(topology: Topology, topic: str) -> Retention:
    """Return how long a topic is kept: one that is read with a delay longer than that, however large."""
    if topic in topology.retention:
        return topology.retention[topic]
    delay_s = _longest_delay_s(topology, topic)
    if delay_s > 0:
        return Retention(age_s=delay_s + 7 * _DAY_S, size_bytes=None)
    return _DEAD_LETTER_RETENTION if topic in _dead_letter_topics(topology) else Retention()


def _mistakes(topology: Topology) -> Iterator[str]:
    """Yield what is wrong, in an order in which each check may rely on those before it."""
    if not is_name(topology.name):
        yield f"needs another name: {NAME_RULE}"
    if isinstance(topology.nodes, Node) or not all(isinstance(node, Node) for node in topology.nodes):
        yield "has something else than Nodes in nodes; write nodes=(Node(...),), with its comma"
    if not topology.nodes:
        yield "has no nodes; give at least one"
    if type(topology.partitions) is not int or topology.partitions < 1:
        yield f"has partitions={topology.partitions!r}; it needs a whole number of at least 1"
    yield from _external_mistakes(topology.external)
    if isinstance(found := topology.exported, str):
        yield f"has exported={found!r}; write it as a list: exported=[{found!r}]"
    replication: object = topology.replication
    if not isinstance(replication, Replication):
        yield f"has replication={replication!r}; give it a Replication(factor=3, least_in_sync=2)"
    yield from bad_choice("delivery", topology.delivery, get_args(Delivery))
    yield from _node_mistakes(topology)
    yield from _wiring_mistakes(topology)
    yield from _topic_mistakes(topology)
    try:
        read_settings({}, topology=topology.settings)
    except ConfigError as error:
        yield f"has a setting that cannot be used: {error}"


def _external_mistakes(external: Sequence[str] | Mapping[str, int]) -> Iterator[str]:
    if isinstance(external, str):
        yield f"has external={external!r}; write it as a list: external=[{external!r}]"
    for topic, partitions in _counts(external).items():
        if type(partitions) is not int or partitions < 1:
            yield (
                f"has external topic {topic!r} with {partitions!r} partitions; it needs a whole number of at "
                f"least 1"
            )


def _node_mistakes(topology: Topology) -> Iterator[str]:
    names = [node.name for node in topology.nodes]
    for node in topology.nodes:
        if names.count(node.name) > 1:
            yield f"has {names.count(node.name)} nodes named {node.name!r}; give each its own name"
        most = topology.most_instances(node)
        if most is not None and node.replicas > most:
            yield (
                f"gives node {node.name!r} {node.replicas} replicas, but its topics have {most} partitions, "
                f"so some would stand idle; take fewer replicas or more partitions"
            )
        if most is not None and node.scale is not None and node.scale.least > most:
            yield (
                f"gives node {node.name!r} Scale(least={node.scale.least}), but its topics have {most} "
                f"partitions, so some would stand idle; take fewer or more partitions"
            )


def _wiring_mistakes(topology: Topology) -> Iterator[str]:
    timers = {node.timers for node in topology.nodes if node.timers}
    written = {topic for node in topology.nodes for topic in node.outputs.values()}
    known = written | set(topology.external)
    for topic in timers & known or [each for each in timers if len(topology.readers(each)) > 1]:
        yield f"has timers on topic {topic!r}, which others have too; give each node's timers one of its own"
    for node in topology.nodes:
        for each in node.inputs:
            if each.topic not in known | timers | set(_dead_letter_topics(topology)):
                yield (
                    f"has node {node.name!r} read topic {each.topic!r}, which nothing writes; "
                    f"{suggestion(each.topic, known)}. Fix the name, or list it in Topology(external=...)"
                )


def _topic_mistakes(topology: Topology) -> Iterator[str]:
    known = {*topology.data_topics(), *_dead_letter_topics(topology)}
    for name in ("external", "exported", "formats", "retention"):
        for topic in getattr(topology, name):
            yield from bad_topic(f"lists under {name}", topic)
            if topic not in known:
                nearest = suggestion(topic, known)
                yield f"lists under {name} topic {topic!r}, which no node has; {nearest}"
    yield from _sharing_mistakes(topology)
    for topic, wanted in topology.formats.items():
        yield from bad_choice(f"formats[{topic!r}]", wanted, get_args(Format))
    for topic, keep in topology.retention.items():
        delay_s = _longest_delay_s(topology, topic)
        if keep.age_s is not None and keep.age_s <= delay_s:
            yield (
                f"keeps topic {topic!r} for {keep.age_s:g} s, but it is read {delay_s:g} s after it was "
                f"written; keep it longer"
            )


def _sharing_mistakes(topology: Topology) -> Iterator[str]:
    for topic in topology.external:
        if topic in topology.exported:
            yield f"lists topic {topic!r} under external and exported; only nodes write an exported one"
        if topology.formats.get(topic) == "pickle":
            yield (
                f"has format 'pickle' for topic {topic!r}, which outsiders write: reading it would run their "
                f"code. Take another format, or out of external"
            )
    written = {topic for node in topology.nodes for topic in node.outputs.values()}
    for topic in topology.exported:
        if topic not in written | set(_dead_letter_topics(topology)):
            yield f"lists under exported topic {topic!r}, which no node writes; list it under external"
