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

# The numbers of the sessions that read a topic without a delay.
Readers = Mapping[str, Sequence[int]]


class Overtaken(Fenced):
    """Somebody else has written where a record was to be; nothing was committed."""

    def __init__(self, topic: str) -> None:
        self.topic = topic
        super().__init__(f"others write to topic {topic!r} too; nothing was committed, and all comes again")


class _Lane:
    """The end of one partition.

    start, end  where it was before the commit, and is after what was placed in it so far
    takers      the numbers of those that are handed all of that; is_open while what comes next is, too
    records     what they have not been handed yet of it
    """

    def __init__(self, start: int, takers: Sequence[int]) -> None:
        self.start = self.end = start
        self.takers = takers
        self.is_open = bool(takers)
        self.records: list[Record] = []

    def leave_out(self, link: int) -> None:
        """Hand nothing more to a link that has had its turn, and so to none before it."""
        self.takers = [each for each in self.takers if each > link]
        self.is_open &= bool(self.takers)


class Ahead:
    """The records of one commit, in the partitions of topics that are handed on.

    stamp    when they are written
    readers  by topic; those of one that is not in it are handed nothing of it
    """

    def __init__(self, stamp: Stamp, sessions: Sequence[EmbeddedSession], readers: Readers) -> None:
        self.stamp = stamp
        self._sessions = sessions
        self._readers = readers
        # Of each topic its partitions, as they were when it was first asked for, and lanes in some of them.
        self._extents: dict[str, Sequence[Extent]] = {}
        self._lanes: dict[str, dict[int, _Lane]] = {}

    @property
    def places(self) -> frozenset[tuple[str, int]]:
        """Topic and partition of each that something was handed over of."""
        return frozenset(
            (topic, partition)
            for topic, lanes in self._lanes.items()
            for partition, lane in lanes.items()
            if lane.end > lane.start
        )

    def place(
        self, log: Log, link: int, outputs: Sequence[Record], turn: int
    ) -> tuple[list[Record], dict[int, list[Record]]]:
        """Return all outputs, of topics that are handed on with their partition, and what each session gets.

        turn  says in which partition those without a key are

        As from a poll, records of one partition come in a row: handlers get them together.
        """
        for lane in (lane for lanes in self._lanes.values() for lane in lanes.values()):
            lane.leave_out(link)
        placed: list[Record] = []
        add, stamp_ms, size_bytes = placed.append, self.stamp.timestamp_ms, 0
        last: str | None = None
        lanes: dict[int, _Lane] | None = None
        for record in outputs:
            topic, key, value, headers, partition, _, _ = record
            if topic != last:
                last, lanes = topic, self._of(log, topic)
            if lanes is None:
                add(record)
                continue
            if partition == UNASSIGNED:
                partition = (turn if key is None else crc32(key)) % len(self._extents[topic])
            lane = lanes.get(partition) or self._lane(link, topic, partition)
            if size_bytes >= MOST_BATCH_BYTES:
                lane.is_open = False
            # Of one that is not handed on the offset says nothing; but where it goes, the others must know.
            record = record_of((topic, key, value, headers, partition, lane.end, stamp_ms))  # noqa: PLW2901
            add(record)
            if lane.is_open:
                lane.end += 1
                lane.records.append(record)
                size_bytes += 0 if value is None else len(value)
        return placed, self._handed()

    def require_ends(self, log: Log) -> None:
        """Raise `Overtaken` unless what was handed over will be where it was said to be."""
        for topic, lanes in self._lanes.items():
            extents = log.extents(log.topic(topic))
            for partition, lane in lanes.items():
                if lane.end > lane.start and extents[partition].end != lane.start:
                    raise Overtaken(topic)

    def _handed(self) -> dict[int, list[Record]]:
        handed: dict[int, list[Record]] = {}
        for lane in (lane for lanes in self._lanes.values() for lane in lanes.values() if lane.records):
            for each in lane.takers:
                handed.setdefault(each, []).extend(lane.records)
            lane.records = []
        return handed

    def _of(self, log: Log, topic: str) -> dict[int, _Lane] | None:
        """Return the lanes of a topic; None for one that is not handed on."""
        if topic not in self._readers:
            return None
        if topic not in self._extents:
            self._extents[topic] = log.extents(log.topic(topic))
        return self._lanes.setdefault(topic, {})

    def _lane(self, link: int, topic: str, partition: int) -> _Lane:
        end, place = self._extents[topic][partition].end, TopicPartition(topic, partition)
        takers = [
            each for each in self._readers[topic] if each > link and self._sessions[each].takes_at(place, end)
        ]
        lane = self._lanes[topic][partition] = _Lane(end, takers)
        return lane
