"""What is kept of a topology where it runs, to be compared with its declaration when that has changed.

It says what the broker and the store hold for the topology's nodes: positions go by the names of topology,
node and topic, State goes by those of topology, node and constructor parameter. So a name that changes in
the declaration would otherwise begin anew in silence. Plain data; where it is kept is in `manifest_log`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from catenae.deployment.data_folder import installed_version
from catenae.errors import TopologyError
from catenae.topology.graph import Topology

# 1: the first.
FORMAT = 1
# Of State records as `catenae.runtime.state_records` lays them out.
STATE_VERSION = 2


@dataclass(frozen=True, slots=True)
class KeptNode:
    """One node.

    reads    topic → delay in seconds; of a Source the topic that holds its position
    writes   topics
    states   name of each State → version of its records; None until an instance has said which there are
    reached  those of `reads` in which the group's position has been seen
    former   groups that its instances formed under names it had before
    """

    reads: Mapping[str, float]
    writes: tuple[str, ...] = ()
    states: Mapping[str, int] | None = None
    reached: tuple[str, ...] = ()
    former: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KeptTopic:
    """One topic; None keeps all, as in `TopicSpec`. An external one may be shared with others.

    is_exported  others only read it
    """

    partitions: int
    retention_s: float | None = None
    retention_bytes: int | None = None
    is_external: bool = False
    is_exported: bool = False

    @property
    def is_open(self) -> bool:
        """Whether somebody outside writes it."""
        return self.is_external and not self.is_exported


@dataclass(frozen=True, slots=True)
class Part:
    """One change of a migration: what it is in words, and the steps as `migrations.steps` has them.

    The steps are done from the first whenever the migration goes on: doing some of them and then all is doing
    all.
    """

    change: str
    steps: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Migration:
    """One that was begun.

    groups  whose members must not run meanwhile
    done    so many of its parts are done
    result  the manifest that counts after it, as plain values; None removes it
    """

    parts: tuple[Part, ...]
    groups: tuple[str, ...]
    result: Mapping[str, Any] | None
    done: int = 0


@dataclass(frozen=True, slots=True)
class Manifest:
    """All of it.

    ran_day    the last day on which a part of it was started, in days since 1970 UTC
    moved_to   the name that the topology has now; there is nothing else under this one
    migration  what has to be finished before anything runs
    """

    topology: str
    nodes: Mapping[str, KeptNode] = field(default_factory=dict)
    topics: Mapping[str, KeptTopic] = field(default_factory=dict)
    release: str = ""
    format: int = FORMAT
    ran_day: int = 0
    moved_to: str = ""
    migration: Migration | None = None

    def group(self, node: str) -> str:
        """Return the group of a node's instances, as `Topology.group`."""
        return f"{self.topology}.{node}"

    def readers(self, topic: str) -> tuple[str, ...]:
        """Return the groups that read a topic."""
        return tuple(self.group(name) for name, node in self.nodes.items() if topic in node.reads)

    def reaching(self, node: str, topics: Sequence[str]) -> "Manifest":
        """Return it with a node's positions in these topics noted as seen."""
        kept = self.nodes[node]
        reached = tuple(topic for topic in kept.reads if topic in {*kept.reached, *topics})
        return replace(self, nodes={**self.nodes, node: replace(kept, reached=reached)})

    def data(self) -> dict[str, Any]:
        """Return it as plain values."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return plain


def manifest_of(data: Any) -> Manifest:
    """Return what `Manifest.data` gave; raise `TopologyError` for one that a newer Catenae has written."""
    found = data.get("format", 0) if isinstance(data, Mapping) else 0
    if found != FORMAT:
        raise TopologyError(
            f"the manifest of the topology has format {found}, written by Catenae "
            f"{data.get('release') or 'of another version' if isinstance(data, Mapping) else ''}; this one "
            f"knows {FORMAT}. Use that version"
        )
    return msgspec.convert(data, Manifest)


def declared(topology: Topology, states: Mapping[str, Sequence[str]]) -> Manifest:
    """Return the manifest of a declaration.

    states  node → names of its States, for the nodes whose service was imported
    """
    return Manifest(
        topology.name,
        {
            node.name: KeptNode(
                dict.fromkeys(topology.topics_held(node), 0.0) | {i.topic: i.delay_s for i in node.inputs},
                tuple(dict.fromkeys(node.outputs.values())),
                dict.fromkeys(states[node.name], STATE_VERSION) if node.name in states else None,
            )
            for node in topology.nodes
        },
        {
            spec.name: KeptTopic(
                spec.partitions,
                spec.retention_s,
                spec.retention_bytes,
                is_external=spec.name in topology.shared,
                is_exported=spec.name in topology.exported,
            )
            for spec in topology.topic_specs()
        },
        installed_version(),
    )


def merged(kept: Manifest, wanted: Manifest) -> Manifest:
    """Return what is kept once a declaration is taken over: its names, with what is known of them."""
    nodes = {}
    for name, node in wanted.nodes.items():
        before = kept.nodes.get(name, node)
        nodes[name] = replace(
            node,
            states=before.states if node.states is None else node.states,
            reached=tuple(topic for topic in node.reads if topic in before.reached),
            former=before.former,
        )
    return replace(wanted, nodes=nodes)


def follows(found: Manifest, planned: Manifest) -> bool:
    """Say whether a manifest is still the one that was planned on, as far as names go."""
    return found.nodes == planned.nodes and found.topics == planned.topics


def resembles(kept: KeptNode, new: KeptNode) -> bool:
    """Say whether a node may be another one under a new name: it reads, or as a Source writes, the same."""
    return bool(kept.reads.keys() & new.reads.keys() or set(kept.writes) & set(new.writes))


def source_topic(topology: str, node: str) -> str:
    """Return the topic of a Source's position, as `Topology.position_topic`."""
    return f"{topology}.{node}.position"
