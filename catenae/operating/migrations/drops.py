"""Changes by which something is gone for good."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from catenae.deployment.control_log import topics_of
from catenae.deployment.manifest import KeptNode, Manifest, source_topic
from catenae.errors import ConfigError
from catenae.operating.migrations.carry_batches import CarryBatches
from catenae.operating.migrations.changes import Planned, node_of, require_topic, states_of
from catenae.operating.migrations.drop_state import DropState as DropNamespace
from catenae.operating.migrations.drop_topic import DropTopic as RemoveTopic
from catenae.operating.migrations.forget_group import ForgetGroup
from catenae.operating.migrations.rebase_journal import RebaseJournal
from catenae.operating.migrations.rename_states import RenameStates
from catenae.operating.migrations.steps import Step
from catenae.runtime.dead_letters import dead_topic
from catenae.runtime.history import grown_group
from catenae.suggestion import suggestion


@dataclass(frozen=True)
class DropNode:
    """A node, with its State and positions; what it wrote stays."""

    node: str

    def __str__(self) -> str:
        return f"drop node {self.node}"

    def plan(self, manifest: Manifest) -> Planned:
        node_of(manifest, self.node)
        own = source_topic(manifest.topology, self.node)
        result = replace(
            manifest,
            nodes={name: node for name, node in manifest.nodes.items() if name != self.node},
            topics={name: topic for name, topic in manifest.topics.items() if name != own},
        )
        return Planned(list(_dropped(manifest, self.node)), result)


@dataclass(frozen=True)
class DropState:
    """What a node remembers under one name."""

    node: str
    state: str

    def __str__(self) -> str:
        return f"drop State {self.state} of node {self.node}"

    def plan(self, manifest: Manifest) -> Planned:
        states = states_of(manifest, self.node, self.state)
        left = {name: version for name, version in states.items() if name != self.state}
        journal = manifest.group(self.node)
        return Planned(
            [RenameStates(journal, {self.state: ""}), DropNamespace(f"{journal}.{self.state}")],
            _with_node(manifest, self.node, replace(manifest.nodes[self.node], states=left)),
        )


@dataclass(frozen=True)
class DropInput:
    """What a node has yet to handle of a topic, and that it ever read it; the topic stays."""

    node: str
    topic: str

    def __str__(self) -> str:
        return f"drop input {self.topic} of node {self.node}"

    def plan(self, manifest: Manifest) -> Planned:
        node = node_of(manifest, self.node)
        if self.topic not in node.reads:
            raise ConfigError(
                f"node {self.node!r} has read no topic {self.topic!r}; {suggestion(self.topic, node.reads)}"
            )
        left = replace(
            node,
            reads={topic: delay_s for topic, delay_s in node.reads.items() if topic != self.topic},
            reached=tuple(topic for topic in node.reached if topic != self.topic),
        )
        steps: list[Step] = [CarryBatches(manifest.group(self.node), self.topic)] if node.states else []
        return Planned(steps, _with_node(manifest, self.node, left))


@dataclass(frozen=True)
class DropTopic:
    """A topic with its records and dead letters; nodes that read it begin anew if it comes again."""

    topic: str

    def __str__(self) -> str:
        return f"drop topic {self.topic}"

    def plan(self, manifest: Manifest) -> Planned:
        require_topic(manifest, self.topic)
        gone = [each for each in (dead_topic(self.topic), self.topic) if each in manifest.topics]
        steps: list[Step] = []
        nodes = dict(manifest.nodes)
        for name, node in manifest.nodes.items():
            for topic in (each for each in gone if each in node.reads and node.states):
                steps += [
                    CarryBatches(manifest.group(name), topic),
                    RebaseJournal(manifest.group(name), topic),
                ]
            nodes[name] = replace(node, reached=tuple(each for each in node.reached if each not in gone))
        steps += [RemoveTopic(topic) for topic in gone]
        topics = {name: kept for name, kept in manifest.topics.items() if name not in gone}
        return Planned(steps, replace(manifest, nodes=nodes, topics=topics))


@dataclass(frozen=True)
class DropTopology:
    """All of it: State, positions, and every topic that is not shared with others."""

    def __str__(self) -> str:
        return "drop the topology"

    def plan(self, manifest: Manifest) -> Planned:
        steps = [step for name in manifest.nodes for step in _dropped(manifest, name)]
        removed = {step.topic for step in steps if isinstance(step, RemoveTopic)}
        shared = {name for name, topic in manifest.topics.items() if topic.is_external}
        kept = {*shared, *map(dead_topic, shared), *removed}
        steps += [RemoveTopic(name) for name in manifest.topics if name not in kept]
        steps += [RemoveTopic(name) for name in topics_of(manifest.topology)]
        steps += [ForgetGroup(grown_group(manifest.topology))]
        return Planned(steps, None)


def _dropped(manifest: Manifest, name: str) -> Iterator[Step]:
    """Yield what removes all that goes by the name of a node."""
    node, group = manifest.nodes[name], manifest.group(name)
    for state in node.states or {}:
        yield DropNamespace(f"{group}.{state}")
    if node.states:
        yield DropNamespace(group)
    yield ForgetGroup(group)
    if source_topic(manifest.topology, name) in node.reads:
        yield RemoveTopic(source_topic(manifest.topology, name))


def _with_node(manifest: Manifest, name: str, node: KeptNode) -> Manifest:
    return replace(manifest, nodes={**manifest.nodes, name: node})
