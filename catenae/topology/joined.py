"""What a node with State asks of its inputs: that equal keys meet in partitions of one number."""

from collections.abc import Iterator

from catenae.topology.graph import Topology
from catenae.topology.node import Node


def unequal_inputs(topology: Topology, node: Node) -> Iterator[str]:
    """Yield that the inputs of a node with State have unequal partitions, if so.

    State belongs to the owner of a partition number. With other counts a key has another number in each of
    the topics, and two instances would keep two States of it.
    """
    counts = {each.topic: topology.partitions_of(each.topic) for each in node.inputs}
    if len(set(counts.values())) > 1:
        found = ", ".join(f"{topic!r} has {partitions}" for topic, partitions in counts.items())
        yield (
            f"joins topics of unequal partitions by State: {found}, so a key would be with two instances. "
            f"Give them one number, or have a Middle pass messages on to a topic of this topology"
        )
