"""A change by which what waits for a node waits elsewhere."""

from dataclasses import dataclass, replace

from catenae.deployment.manifest import Manifest
from catenae.errors import ConfigError
from catenae.operating.migrations.changes import Planned, node_of
from catenae.operating.migrations.create_topic import CreateTopic
from catenae.operating.migrations.drops import DropTopic
from catenae.operating.migrations.forget_group import ForgetGroup
from catenae.operating.migrations.move_waiting import MoveWaiting
from catenae.suggestion import suggestion


@dataclass(frozen=True)
class MoveInput:
    """What a node has yet to handle of a topic that it alone reads, to another one; that topic goes."""

    node: str
    old: str
    new: str

    def __str__(self) -> str:
        return f"move what waits for node {self.node} in {self.old} to {self.new}"

    def plan(self, manifest: Manifest) -> Planned:
        node, group = node_of(manifest, self.node), manifest.group(self.node)
        if self.old not in node.reads:
            raise ConfigError(
                f"node {self.node!r} has read no topic {self.old!r}; {suggestion(self.old, node.reads)}"
            )
        if manifest.readers(self.old) != (group,):
            raise ConfigError(
                f"others read topic {self.old!r} too, so nothing was moved; drop the input instead"
            )
        copier = f"{group}.{self.old}.moved"
        gone = DropTopic(self.old).plan(manifest)
        partitions = manifest.topics[self.old].partitions
        steps = [
            CreateTopic(self.new, partitions, readers=(group,)),
            MoveWaiting(group, self.old, self.new, copier),
            *gone.steps,
            # Last: without the topic nothing is written once more, should all of it be done again.
            ForgetGroup(copier),
        ]
        result = gone.result or manifest
        left = result.nodes[self.node]
        reads = {topic: delay_s for topic, delay_s in left.reads.items() if topic != self.old}
        return Planned(steps, replace(result, nodes={**result.nodes, self.node: replace(left, reads=reads)}))
