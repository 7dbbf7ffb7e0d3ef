"""How far a group is: what Kafka says, compared with what is there, and kept where Kafka never forgets it.

Kafka forgets the positions of a group some days after its last member has left: offsets.retention.minutes.
And one that was killed may take over its groups twice, and go through all their commits from the first on
while it already answers (seen with 4.3.1; its log: "Ignored load completion"). So each commit writes them a
second time, in the same transaction, to a compacted topic of the group's own: what is read there is not old.
"""

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import groupby
from operator import itemgetter

from catenae.broker import Input, Position, Span
from catenae.brokers.kafka.client import Admin, Positions
from catenae.brokers.kafka.stored import Stored
from catenae.brokers.kafka.topic_settings import NewTopic, compacted
from catenae.brokers.kafka.transaction import Writer
from catenae.brokers.losses import losses, made_again, taken_back
from catenae.errors import Loss, RecordsLost, TopicMismatch
from catenae.message import Record, TopicPartition

logger = logging.getLogger(__name__)

KEPT_SUFFIX = ".kept-positions"
READ_RECORDS = 1000

Read = Callable[[str, int, int, int], list[Record]]


def kept_topic(group: str) -> str:
    """Return the topic in which a group's positions are kept once more."""
    return f"{group}{KEPT_SUFFIX}"


class KeptPositions:
    """The second copy of a group's positions.

    read  reads records as `Broker.read` does
    """

    def __init__(self, group: str, spans: Callable[[str], Sequence[Span]], read: Read) -> None:
        self._topic = kept_topic(group)
        self._spans = spans
        self._read = read
        self._begin()

    def _begin(self) -> None:
        self._found: dict[TopicPartition, Stored] = {}
        self._next = 0

    @property
    def topic(self) -> NewTopic:
        """The topic, to be created."""
        return NewTopic(self._topic, 1, compacted())

    @property
    def place(self) -> TopicPartition:
        """Its only partition."""
        return TopicPartition(self._topic, 0)

    def records(self, positions: Positions) -> list[Record]:
        """Return what a commit of these positions writes beside them."""
        return [self._record(each, _packed(stored)) for each, stored in positions.items()]

    def forgetting(self, partitions: Collection[TopicPartition]) -> list[Record]:
        """Return the records after which no position in these is kept."""
        return [self._record(each, None) for each in partitions]

    def _record(self, where: TopicPartition, value: bytes | None) -> Record:
        return Record(self._topic, f"{where.topic}:{where.partition}".encode(), value, partition=0)

    def all(self) -> dict[TopicPartition, Stored]:
        """Return the last copy of each position; what was read before is not read again."""
        (span,) = self._spans(self._topic)
        while self._next < span.end:
            records = self._read(self._topic, 0, self._next, READ_RECORDS)
            if not records:
                break
            for each in records:
                topic, _, number = (each.key or b"").decode().rpartition(":")
                where = TopicPartition(topic, int(number))
                if each.value is None:
                    self._found.pop(where, None)
                else:
                    self._found[where] = _unpacked(each.value)
            self._next = records[-1].offset + 1
        return self._found

    def further(self, found: Positions) -> dict[TopicPartition, Stored]:
        """Return the copies of positions which are further than those that were found."""
        if self._further(found):
            # What was read before may have been lost since.
            self._begin()
        return self._further(found)

    def _further(self, found: Positions) -> dict[TopicPartition, Stored]:
        kept = self.all()
        return {each: kept[each] for each, stored in found.items() if _is_behind(stored, kept.get(each))}


class GroupPositions:
    """What a member of a group asks of its positions, and what it commits of them.

    counts  how many partitions each of the inputs has had so far
    admin   asks Kafka
    kept    the second copy
    """

    def __init__(
        self,
        group: str,
        inputs: Sequence[Input],
        counts: Mapping[str, int],
        admin: Callable[[], Admin],
        kept: KeptPositions,
    ) -> None:
        self._group = group
        self._read = {each.topic for each in inputs if each.is_read}
        self._counts = counts
        self._admin = admin
        self._kept = kept
        self._ids: dict[str, str] = {}
        # By what was stored too: where the group goes on is decided once, whatever is written meanwhile, and
        # only while nobody else has moved it.
        self._told: dict[tuple[TopicPartition, Stored], Loss] = {}
        self._reached: dict[TopicPartition, Stored] = {}
        # What was taken back, and told by any of the members: it is kept beside what they commit.
        self._furthest: dict[TopicPartition, int] = {}

    @property
    def aside(self) -> TopicPartition:
        """A partition that the group may have a position in, which means nothing."""
        return self._kept.place

    def committed(self, partitions: Collection[TopicPartition]) -> dict[TopicPartition, Stored]:
        """Return from where on the group reads each partition: the oldest record where it never was.

        Raises `RecordsLost` where it cannot go on; told once, it returns from where on it can. Raises
        `TopicMismatch` where somebody has added partitions: keys may be in others now, away from their State.
        """
        self._require_no_more(partitions)
        found = self._admin().committed(self._group, partitions)
        forgotten = set(partitions) - found.keys()
        found |= self._remembered(forgotten) | self._caught_up(found)
        spans = self._spans(partitions)
        self._ids |= {
            name: each.id for name, each in self._admin().described(set(_topics(partitions))).items()
        }
        again = self._made_again(found)
        self._furthest |= {
            where: 0 if where in again else max(stored.furthest, self._reached.get(where, stored).offset)
            for where, stored in found.items()
        }
        told = {
            where: self._told[where, stored]
            for where, stored in found.items()
            if self._is_told(where, stored, spans[where])
        }
        lost = {TopicPartition(each.topic, each.partition): each for each in self._lost(found, again, spans)}
        new = {where: each for where, each in lost.items() if where not in told}
        if new:
            self._told |= {(where, found[where]): each for where, each in new.items()}
            raise RecordsLost(self._group, list(new.values()))
        for where, each in told.items():
            if found[where].offset != each.goes_on_at:
                found[where] = Stored.of(Position(each.goes_on_at), found[where].generation)
            self._reached.pop(where, None)
        never = {each: Stored(spans[each].start) for each in forgotten - found.keys()}
        return found | never

    def committing(self, positions: Positions) -> tuple[Positions, list[Record]]:
        """Return positions as they are committed, and the records that go with them."""
        named = {
            each: stored.of_topic(self._ids[each.topic], self._furthest.get(each, 0))
            if each.topic in self._ids
            else stored
            for each, stored in positions.items()
        }
        return named, self._kept.records(named)

    def has_committed(self, positions: Positions) -> None:
        """Note that a commit has returned."""
        self._reached |= positions

    def _require_no_more(self, partitions: Collection[TopicPartition]) -> None:
        for topic, number in partitions:
            if number >= self._counts[topic]:
                there = self._admin().partitions()
                raise TopicMismatch(topic, there.get(topic, number + 1), self._counts[topic])

    def _is_told(self, where: TopicPartition, stored: Stored, span: Span) -> bool:
        """Say whether it was told where the group goes on from there, and there it still can."""
        told = self._told.get((where, stored))
        return told is not None and span.start <= told.goes_on_at <= span.end

    def _remembered(self, forgotten: Collection[TopicPartition]) -> dict[TopicPartition, Stored]:
        kept = self._kept.all()
        found = {each: kept[each] for each in forgotten if each in kept}
        if found:
            logger.warning(
                "kafka has forgotten positions of the group, going on from those kept beside",
                extra={"group": self._group, "partitions": len(found)},
            )
        return found

    def _caught_up(self, found: Positions) -> dict[TopicPartition, Stored]:
        further = self._kept.further(found)
        if further:
            logger.warning(
                "kafka answers with positions from before later commits, going on from those kept beside",
                extra={"group": self._group, "partitions": len(further)},
            )
        return further

    def _spans(self, partitions: Collection[TopicPartition]) -> dict[TopicPartition, Span]:
        return {
            TopicPartition(topic, number): span
            for topic, some in groupby(sorted(partitions), itemgetter(0))
            for number, span in enumerate(
                self._admin().spans(topic, 1 + max(each.partition for each in some))
            )
        }

    def _made_again(self, found: Positions) -> set[TopicPartition]:
        """Return what belongs to a topic that was deleted, and of whose name there is another one."""
        return {
            each
            for each, stored in found.items()
            if stored.topic_id and stored.topic_id != self._ids.get(each.topic, stored.topic_id)
        }

    def _lost(
        self, found: Positions, again: Collection[TopicPartition], spans: Mapping[TopicPartition, Span]
    ) -> list[Loss]:
        read = {
            each: stored.offset
            for each, stored in found.items()
            if each not in again and each.topic in self._read
        }
        back = {each: self._reached[each].offset for each in read if self._is_taken_back(each, found[each])}
        return [
            *(made_again(each, found[each].offset, spans[each]) for each in sorted(again)),
            *losses({each: offset for each, offset in read.items() if each not in back}, spans),
            *(taken_back(each, reached, read[each]) for each, reached in sorted(back.items())),
        ]

    def _is_taken_back(self, where: TopicPartition, stored: Stored) -> bool:
        """Say whether what was committed here is not there any more, and no later member has told so."""
        reached = self._reached.get(where, stored)
        is_known = stored.generation > reached.generation and stored.furthest >= reached.offset
        return stored.offset < reached.offset and not is_known


class Remembering:
    """A `GroupWriter` that keeps the positions it commits a second time."""

    def __init__(self, writer: Writer, positions: GroupPositions) -> None:
        self._writer = writer
        self._positions = positions
        self.start = writer.start
        self.stage = writer.stage
        self.forget = writer.forget
        self.close = writer.close

    def freshen(self) -> None:
        # A broker that was killed answers, when it is back, from what it had reached some time before, or as
        # if there were nothing, until it knows that more is committed: for which a commit waits.
        self._writer.write((), {self._positions.aside: Stored(0)})

    def write(self, outputs: Sequence[Record], positions: Positions) -> None:
        named, copies = self._positions.committing(positions)
        self._writer.write([*outputs, *copies], named)
        self._positions.has_committed(named)


def _topics(partitions: Collection[TopicPartition]) -> list[str]:
    return [each.topic for each in partitions]


def _is_behind(stored: Stored, kept: Stored | None) -> bool:
    """Say whether a position is from before the last commit; one that is not ours is somebody's decision."""
    if kept is None or not stored.generation or stored.topic_id != kept.topic_id:
        return False
    return stored.generation <= kept.generation and stored.offset < kept.offset


def _packed(stored: Stored) -> bytes:
    return f"{stored.offset} {stored.text}".encode()


def _unpacked(value: bytes) -> Stored:
    offset, _, text = value.decode().partition(" ")
    return Stored(int(offset), text)
