"""How far the readers of a Source's messages are behind: what back-pressure looks at."""

from catenae.broker import Broker
from catenae.deployment.lag import behind
from catenae.topology.graph import Topology
from catenae.topology.node import Node


class Backlog:
    """Watches every topic that a node's messages reach, at once or through others; not delayed inputs."""

    def __init__(self, broker: Broker, topology: Topology, node: Node) -> None:
        self._broker = broker
        self._watched = [(topic, topology.group(reader)) for topic, reader in topology.downstream_of(node)]

    def records(self) -> int:
        """Return the most records that any one group still has to read of one topic."""
        return max((behind(self._broker, topic, group) for topic, group in self._watched), default=0)
