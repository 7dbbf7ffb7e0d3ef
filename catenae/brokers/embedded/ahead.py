"""What one commit hands over before it is written: which record will be where, and who has it by then."""

from collections.abc import Mapping, Sequence
from zlib import crc32

from catenae.broker import MOST_BATCH_BYTES
from catenae.brokers.embedded.layout import Extent
from catenae.brokers.embedded.log import Log
from catenae.brokers.embedded.session import EmbeddedSession
from catenae.brokers.embedded.shared import Stamp
from catenae.errors import Fenced
from catenae.message import UNASSIGNED, Record, TopicPartition, record_of

Readers = Mapping[str, Sequence[EmbeddedSession]]


class Overtaken(Fenced):
    """Somebody else has written where a record was to be; nothing was committed."""

    def __init__(self, topic: str) -> None:
        self.topic = topic
        super().__init__(f"others write to topic {topic!r} too; nothing was committed, and all comes again")


class _Lane:
    """The end of one partition.

    start, end  where it was before the commit, and is after what was placed in it so far
    takers      those that are handed all of that
    """

    def __init__(self, start: int, takers: Sequence[EmbeddedSession]) -> None:
        self.start = self.end = start
        self.takers = takers


class Ahead:
    """The records of one commit, in the partitions of topics that are handed on.

    stamp    when they are written
    readers  topic → the sessions that read it without a delay
    """

    def __init__(self, stamp: Stamp, readers: Readers) -> None:
        self.stamp = stamp
        self._readers = readers
        self._extents: dict[str, Sequence[Extent]] = {}
        self._lanes: dict[tuple[str, int], _Lane] = {}

    @property
    def places(self) -> frozenset[tuple[str, int]]:
        """Topic and partition of each that something was handed over of."""
        return frozenset(place for place, lane in self._lanes.items() if lane.end > lane.start)

    def place(
        self, log: Log, outputs: Sequence[Record], turn: int
    ) -> tuple[list[Record], dict[EmbeddedSession, list[Record]]]:
        """Return all outputs, with the partition where it is known by now, and what each session is handed.

        turn  says in which partition those without a key are
        """
        placed, handed, size_bytes = [], dict[EmbeddedSession, list[Record]](), 0
        lanes, stamp_ms = self._lanes, self.stamp.timestamp_ms
        for record in outputs:
            topic, key, value, headers, partition, *_ = record
            if topic not in self._readers:
                placed.append(record)
                continue
            if partition == UNASSIGNED:
                partition = (turn if key is None else crc32(key)) % len(self._of(log, topic))
            lane = lanes.get((topic, partition))
            if lane is None:
                lane = lanes[topic, partition] = self._lane(log, topic, partition)
            if size_bytes >= MOST_BATCH_BYTES:
                lane.takers = ()
            if lane.takers:
                record = record_of((topic, key, value, headers, partition, lane.end, stamp_ms))  # noqa: PLW2901
                lane.end += 1
                size_bytes += len(value or b"")
                for each in lane.takers:
                    handed.setdefault(each, []).append(record)
            placed.append(record)
        return placed, handed

    def require_ends(self, log: Log) -> None:
        """Raise `Overtaken` unless what was handed over will be where it was said to be."""
        for topic in {topic for topic, _ in self.places}:
            extents = log.extents(log.topic(topic))
            for (name, partition), lane in self._lanes.items():
                if name == topic and lane.end > lane.start and extents[partition].end != lane.start:
                    raise Overtaken(topic)

    def _of(self, log: Log, topic: str) -> Sequence[Extent]:
        """Return what the partitions of a topic hold, as found when it was first asked for."""
        if topic not in self._extents:
            self._extents[topic] = log.extents(log.topic(topic))
        return self._extents[topic]

    def _lane(self, log: Log, topic: str, partition: int) -> _Lane:
        end, place = self._of(log, topic)[partition].end, TopicPartition(topic, partition)
        return _Lane(end, [each for each in self._readers[topic] if each.takes_at(place, end)])
