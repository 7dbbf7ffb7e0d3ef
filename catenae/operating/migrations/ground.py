"""What a step of a migration stands on."""

from collections.abc import Callable, Mapping
from functools import cached_property

from catenae.broker import Broker, Position
from catenae.clock import Clock
from catenae.message import TopicPartition
from catenae.store import Store


class Ground:
    """The broker, and the store once a step asks for it.

    joined_after_s  how long after `join` a broker may take to count a member
    """

    def __init__(
        self, broker: Broker, open_store: Callable[[], Store], clock: Clock, joined_after_s: float = 0.0
    ) -> None:
        self.broker = broker
        self.clock = clock
        self.joined_after_s = joined_after_s
        self._open_store = open_store

    def positions(self, group: str) -> Mapping[TopicPartition, Position]:
        """Return how far a group is, right after a kill of its broker too. Raises as `Broker.settle`."""
        self.broker.settle(group)
        return self.broker.positions(group)

    @cached_property
    def store(self) -> Store:
        """The store that holds the topology's State."""
        return self._open_store()
