"""Changes that give a new name: what went by the old one follows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from catenae.deployment.control_log import topics_of
from catenae.deployment.manifest import KeptNode, Manifest, source_topic
from catenae.deployment.replay import DROP_GROUP, REPLAY_GROUP
from catenae.operating.migrations.changes import Planned, node_of, require_free, require_topic, states_of
from catenae.operating.migrations.copy_journal import CopyJournal
from catenae.operating.migrations.copy_letters import CopyLetters
from catenae.operating.migrations.copy_state import CopyState
from catenae.operating.migrations.copy_topic import CopyTopic
from catenae.operating.migrations.create_topic import CreateTopic
from catenae.operating.migrations.drop_state import DropState
from catenae.operating.migrations.drop_topic import DropTopic
from catenae.operating.migrations.follow_topic import FollowTopic
from catenae.operating.migrations.forget_group import ForgetGroup
from catenae.operating.migrations.leave_name import LeaveName
from catenae.operating.migrations.move_positions import MovePositions
from catenae.operating.migrations.rebase_journal import RebaseJournal
from catenae.operating.migrations.rename_states import RenameStates
from catenae.operating.migrations.steps import Step
from catenae.runtime.dead_letters import SUFFIX, dead_topic
from catenae.runtime.history import grown_group


@dataclass(frozen=True)
class RenameNode:
    """A node: its group, State and, of a Source, position follow."""

    old: str
    new: str

    def __str__(self) -> str:
        return f"rename node {self.old} to {self.new}"

    def plan(self, manifest: Manifest) -> Planned:
        node_of(manifest, self.old)
        require_free("node", self.new, manifest.nodes)
        return _with_names(manifest, manifest.topology, {self.old: self.new})


@dataclass(frozen=True)
class RenameTopology:
    """The topology: the groups, State and positions of all of its nodes follow.

    planned_on  id of the revision of the manifest under the old name
    """

    old: str
    new: str
    planned_on: str

    def __str__(self) -> str:
        return f"rename topology {self.old} to {self.new}"

    def plan(self, manifest: Manifest) -> Planned:
        steps, result = _with_names(manifest, self.new, {})
        # What was asked of it was asked under the old name.
        asked: list[Step] = [DropTopic(each) for each in topics_of(self.old)]
        old, new = grown_group(self.old), grown_group(self.new)
        kept = {topic: topic for topic in manifest.topics}
        grown: list[Step] = [MovePositions(old, new, kept), ForgetGroup(old)]
        return Planned([LeaveName(self.old, self.new, self.planned_on), *steps, *grown, *asked], result)


@dataclass(frozen=True)
class RenameState:
    """A constructor parameter that holds State."""

    node: str
    old: str
    new: str

    def __str__(self) -> str:
        return f"rename State {self.old} of node {self.node} to {self.new}"

    def plan(self, manifest: Manifest) -> Planned:
        states = states_of(manifest, self.node, self.old)
        require_free(f"State of node {self.node!r}", self.new, states)
        journal = manifest.group(self.node)
        renamed = {self.new if name == self.old else name: version for name, version in states.items()}
        node = replace(manifest.nodes[self.node], states=renamed)
        return Planned(
            [
                CopyState(f"{journal}.{self.old}", f"{journal}.{self.new}"),
                RenameStates(journal, {self.old: self.new}),
                DropState(f"{journal}.{self.old}"),
            ],
            replace(manifest, nodes={**manifest.nodes, self.node: node}),
        )


@dataclass(frozen=True)
class RenameTopic:
    """A topic: its records, dead letters and everybody's position in it follow."""

    old: str
    new: str

    def __str__(self) -> str:
        return f"rename topic {self.old} to {self.new}"

    def plan(self, manifest: Manifest) -> Planned:
        require_topic(manifest, self.old)
        both = {self.old: self.new, dead_topic(self.old): dead_topic(self.new)}
        names = {old: new for old, new in both.items() if old in manifest.topics}
        for new in names.values():
            require_free("topic", new, manifest.topics)
        result = replace(
            manifest,
            topics={names.get(name, name): topic for name, topic in manifest.topics.items()},
            nodes={name: _with_topics(node, names) for name, node in manifest.nodes.items()},
        )
        return Planned(list(self._steps(manifest, result, names)), result)

    def _steps(self, manifest: Manifest, result: Manifest, names: Mapping[str, str]) -> Iterator[Step]:
        copier = f"{manifest.topology}.migration"
        for new in names.values():
            kept = result.topics[new]
            yield CreateTopic(
                new, kept.partitions, kept.retention_bytes, kept.retention_s, result.readers(new)
            )
        yield CopyTopic(self.old, self.new, copier)
        if len(names) > 1:
            yield CopyLetters(self.old, self.new, copier)
        for old, new in names.items():
            replays = [REPLAY_GROUP, DROP_GROUP] if old.endswith(SUFFIX) else []
            for group in (*manifest.readers(old), *replays, grown_group(manifest.topology)):
                yield FollowTopic(group, old, new)
            for name, node in manifest.nodes.items():
                if node.states and old in node.reads:
                    yield RebaseJournal(manifest.group(name), old, new)
        # The letters go first: what becomes of them is told by the topic that they came from.
        for old in reversed(list(names)):
            yield DropTopic(old)
        yield ForgetGroup(copier)


def _with_names(manifest: Manifest, topology: str, names: Mapping[str, str]) -> Planned:
    """Plan a new name for the topology, or for some of its nodes."""
    steps: list[Step] = []
    nodes, topics = {}, dict(manifest.topics)
    for name, node in manifest.nodes.items():
        new = names.get(name, name)
        if (topology, new) == (manifest.topology, name):
            nodes[name] = node
            continue
        old_group, new_group = manifest.group(name), f"{topology}.{new}"
        own = {source_topic(manifest.topology, name): source_topic(topology, new)}
        nodes[new] = replace(_with_topics(node, own), former=(*node.former, old_group))
        topics = {own.get(topic, topic): kept for topic, kept in topics.items()}
        steps += _move_node(node, own, old_group, new_group)
    return Planned(steps, replace(manifest, topology=topology, nodes=nodes, topics=topics))


def _move_node(node: KeptNode, own: Mapping[str, str], old_group: str, new_group: str) -> Iterator[Step]:
    """Yield what moves a node; the journal is copied last, so that a store that loses that part loses it."""
    position = [(old, new) for old, new in own.items() if old in node.reads]
    for _, new in position:
        yield CreateTopic(new, 1, readers=())
    yield MovePositions(old_group, new_group, {topic: own.get(topic, topic) for topic in node.reads})
    states = list(node.states or {})
    for state in states:
        yield CopyState(f"{old_group}.{state}", f"{new_group}.{state}")
    if states:
        yield CopyJournal(old_group, new_group)
        for namespace in (*(f"{old_group}.{state}" for state in states), old_group):
            yield DropState(namespace)
    yield ForgetGroup(old_group)
    for old, _ in position:
        yield DropTopic(old)


def _with_topics(node: KeptNode, names: Mapping[str, str]) -> KeptNode:
    return replace(
        node,
        reads={names.get(topic, topic): delay_s for topic, delay_s in node.reads.items()},
        writes=tuple(names.get(topic, topic) for topic in node.writes),
        reached=tuple(names.get(topic, topic) for topic in node.reached),
    )
