"""How far the readers of a Source's messages are behind: what back-pressure looks at."""

from catenae.broker import Broker
from catenae.topology.graph import Topology
from catenae.topology.node import Node


class Backlog:
    """Watches every topic that a node's messages reach, at once or through others; not delayed inputs."""

    def __init__(self, broker: Broker, topology: Topology, node: Node) -> None:
        self._broker = broker
        self._watched = [(topic, topology.group(reader)) for topic, reader in topology.downstream_of(node)]

    def records(self) -> int:
        """Return the most records that any one group still has to read of one topic."""
        return max((lag(self._broker, topic, group) for topic, group in self._watched), default=0)


def lag(broker: Broker, topic: str, group: str) -> int:
    """Return how many records of a topic a group has not yet handled; all of them where it never was."""
    positions = {
        each.partition: position.offset
        for each, position in broker.positions(group).items()
        if each.topic == topic
    }
    return sum(
        max(0, span.end - max(span.start, positions.get(partition, span.start)))
        for partition, span in enumerate(broker.spans(topic))
    )
