"""What broker and store hold for the nodes of a topology, looked up only when a question turns on it."""

from collections.abc import Callable, Mapping

from catenae.broker import Broker, Position
from catenae.codec.packing import unpack
from catenae.message import TopicPartition
from catenae.runtime.journal import Journal
from catenae.runtime.state_records import NO_BATCH
from catenae.store import Store


class Evidence:
    """Looks at one topology. Not for long: what was asked for once is remembered.

    open_store  opens the store, or returns it where it is open; called when State is asked for
    """

    def __init__(self, broker: Broker, topology: str, open_store: Callable[[], Store]) -> None:
        self._broker = broker
        self._topology = topology
        self._open_store = open_store
        self._positions: dict[str, Mapping[TopicPartition, Position]] = {}

    def positions(self, node: str) -> Mapping[TopicPartition, Position]:
        """Return how far a node's group is."""
        if node not in self._positions:
            self._positions[node] = self._broker.positions(f"{self._topology}.{node}")
        return self._positions[node]

    def reached(self, node: str) -> set[str]:
        """Return the topics in which a node has a position."""
        return {each.topic for each in self.positions(node)}

    def has_moved(self, node: str) -> bool:
        """Say whether a node has ever gone past a record, or a Source generated one."""
        return any(each.offset or each.note for each in self.positions(node).values())

    def waits(self, node: str, topic: str) -> bool:
        """Say whether a topic has a record that the node has yet to handle."""
        if topic not in self._broker.topics():
            return False
        for partition, span in enumerate(self._broker.spans(topic)):
            position = self.positions(node).get(TopicPartition(topic, partition), Position(span.start))
            # An offset may be taken by what is no record.
            if position.offset < span.end and self._broker.read(topic, partition, position.offset, 1):
                return True
        return False

    def last_batch_is_known_without(self, node: str, topic: str) -> bool:
        """Say whether the positions of the other inputs tell which of the node's batches was the last."""
        found, without = (
            last_batches({each: p for each, p in self.positions(node).items() if each.topic not in left_out})
            for left_out in ((), (topic,))
        )
        return all(without.get(number, NO_BATCH) == batch for number, batch in found.items())

    def states(self, node: str) -> list[str]:
        """Return the names of the States that the store keeps for a node."""
        prefix = f"{self._topology}.{node}."
        return [
            each.removeprefix(prefix) for each in self._open_store().namespaces() if _is_below(each, prefix)
        ]

    def keeps(self, node: str, state: str) -> bool:
        """Say whether there is anything in a State."""
        return next(self._open_store().scan(f"{self._topology}.{node}.{state}"), None) is not None

    def has_journal(self, node: str, partitions: int) -> bool:
        """Say whether State of a node was ever written to the store."""
        return bool(Journal(self._open_store(), f"{self._topology}.{node}").read(range(partitions)))


def last_batches(positions: Mapping[TopicPartition, Position]) -> dict[int, int]:
    """Return, by partition number, the number of the last batch that positions tell of."""
    found: dict[int, int] = {}
    for each, position in positions.items():
        batch = unpack(position.note) if position.note else NO_BATCH
        found[each.partition] = max(found.get(each.partition, NO_BATCH), batch)
    return found


def _is_below(namespace: str, prefix: str) -> bool:
    return namespace.startswith(prefix) and "." not in namespace.removeprefix(prefix)
