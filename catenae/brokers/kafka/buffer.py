"""Records fetched and not yet handed over: limits per topic, turns among partitions, delays.

A client delivers records in its own order, and more than a poll may ask for of one topic. What is left over
waits here; a partition of which much waits is paused until it has been handed over.
"""

from collections import deque
from collections.abc import Collection, Container, Mapping, Sequence
from itertools import groupby, islice
from operator import itemgetter

from catenae.brokers.bounds import share_of, values_bytes
from catenae.message import Record, TopicPartition

# A partition with so many records waiting is paused, and resumed when it has fewer than the second number.
# Both are well apart, because what a client has fetched ahead of a paused partition is fetched again.
FULL_RECORDS = 2000
HUNGRY_RECORDS = 500
FULL_BYTES = 8 * 2**20
NEVER_MS = 1 << 62

_place = itemgetter(0, 4)  # topic and partition of a Record


class _Queue:
    """What waits of one partition, never empty between calls."""

    def __init__(self) -> None:
        self.records: deque[Record] = deque()
        self._written_ms: deque[int] = deque()
        self._size_bytes = 0

    @property
    def is_full(self) -> bool:
        return len(self.records) >= FULL_RECORDS or self._size_bytes >= FULL_BYTES

    def put(self, records: Sequence[Record], now_ms: int) -> None:
        self.records.extend(records)
        # A record was written no later than it was seen, however far ahead its writer's clock is.
        self._written_ms.extend(min(each.timestamp_ms, now_ms) for each in records)
        self._size_bytes += values_bytes(records)

    def take(self, count: int) -> list[Record]:
        records = [self.records.popleft() for _ in range(count)]
        for _ in records:
            self._written_ms.popleft()
        self._size_bytes -= values_bytes(records)
        return records

    def due(self, most: int, written_until_ms: int) -> int:
        """Return how many of the next `most` records, all there, were written by then."""
        nexts = enumerate(islice(self._written_ms, most))
        return next((place for place, each in nexts if each > written_until_ms), most)

    def written_ms(self, place: int) -> int:
        """Return when a record was written."""
        return self._written_ms[place]


class Buffer:
    """The records of some partitions, in offset order. `due_ms` says when the first one held back is due."""

    def __init__(self, delays_ms: Mapping[str, int]) -> None:
        self._delays_ms = {topic: delay_ms for topic, delay_ms in delays_ms.items() if delay_ms}
        self._queues: dict[TopicPartition, _Queue] = {}
        self._turns: deque[TopicPartition] = deque()
        self.due_ms = NEVER_MS

    @property
    def is_empty(self) -> bool:
        """Whether no record waits."""
        return not self._queues

    def holds(self, partition: TopicPartition) -> bool:
        """Say whether a record of the partition waits."""
        return partition in self._queues

    def put(self, records: Sequence[Record], now_ms: int) -> None:
        """Add what was fetched by now."""
        for place, run in groupby(records, _place):
            partition = TopicPartition(*place)
            queue = self._queues.get(partition)
            if queue is None:
                queue = self._queues[partition] = _Queue()
                self._turns.append(partition)
            queue.put(list(run), now_ms)

    def take(
        self, limits: Mapping[str, int], now_ms: int, paused: Collection[TopicPartition] = ()
    ) -> list[Record]:
        """Remove and return the next records, at most `limits[topic]` of each topic, none of `paused`."""
        self.due_ms = NEVER_MS
        room = dict(limits)
        taken: list[Record] = []
        taken_bytes = 0
        for partition in tuple(self._turns):
            wanted = room.get(partition.topic, 0)
            if wanted > 0 and partition not in paused:
                some = self._take_from(partition, wanted, now_ms, taken_bytes)
                taken_bytes += values_bytes(some)
                room[partition.topic] = wanted - len(some)
                taken += some
        return taken

    def keep(self, partitions: Container[TopicPartition]) -> None:
        """Drop what waits of all other partitions."""
        self._queues = {each: queue for each, queue in self._queues.items() if each in partitions}
        self._turns = deque(each for each in self._turns if each in partitions)

    def drop(self, partitions: Container[TopicPartition]) -> None:
        """Drop what waits of these partitions."""
        self.keep([each for each in self._turns if each not in partitions])

    def full(self) -> set[TopicPartition]:
        """Return the partitions of which so much waits that no more should be fetched."""
        return {each for each, queue in self._queues.items() if queue.is_full}

    def hungry(self, paused: Collection[TopicPartition]) -> set[TopicPartition]:
        """Return which of these paused partitions should be fetched again."""
        return {
            each
            for each in paused
            if each not in self._queues or len(self._queues[each].records) < HUNGRY_RECORDS
        }

    def _take_from(
        self, partition: TopicPartition, wanted: int, now_ms: int, taken_bytes: int
    ) -> list[Record]:
        queue = self._queues[partition]
        waiting = len(queue.records)
        count = min(wanted, waiting)
        delay_ms = self._delays_ms.get(partition.topic)
        if delay_ms is not None:
            count = queue.due(count, now_ms - delay_ms)
            if count < waiting:
                self.due_ms = min(self.due_ms, queue.written_ms(count) + delay_ms)
        count = share_of(list(islice(queue.records, count)), taken_bytes).records
        if count:
            self._turns.remove(partition)
            if count < waiting:
                self._turns.append(partition)
            else:
                del self._queues[partition]
        return queue.take(count)
