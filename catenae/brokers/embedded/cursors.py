"""Reading owned partitions ahead of the handler: whole batches are decoded, records handed out in turns."""

from collections import deque
from collections.abc import Collection, Mapping

from catenae.broker import MOST_BATCH_BYTES, Position
from catenae.brokers.bounds import Share, share_of
from catenae.brokers.embedded.layout import unpack_records
from catenae.brokers.embedded.log import Log, Topic
from catenae.message import Record, TopicPartition

NEVER_MS = 1 << 62


class _Cursor:
    """Where a partition is read: records decoded and not yet handed out, then the batch at `next_offset`.

    most_bytes  the values of those that are decoded take no more
    """

    def __init__(self, position: Position) -> None:
        self.decoded: list[Record] = []
        self.most_bytes = 0
        self.next_offset = position.offset

    def share(self, wanted: int, taken_bytes: int) -> Share:
        """Say what to hand out of the decoded records: mostly all, which costs nothing to find."""
        if len(self.decoded) <= wanted and taken_bytes + self.most_bytes < MOST_BATCH_BYTES:
            return Share(len(self.decoded), self.most_bytes)
        return share_of(self.decoded[:wanted], taken_bytes)


class Cursors:
    """Hands out the records of some partitions, each once. A delayed topic's batch waits until it is due."""

    def __init__(self, delays_ms: Mapping[str, int]) -> None:
        self._delays_ms = delays_ms
        self._cursors: dict[TopicPartition, _Cursor] = {}
        self._turns: deque[TopicPartition] = deque()
        self.due_ms = NEVER_MS

    def restart(self, positions: Mapping[TopicPartition, Position]) -> None:
        """Read exactly these partitions from now on, from these positions on."""
        self._cursors = {each: _Cursor(position) for each, position in positions.items()}
        self._turns = deque(sorted(self._cursors))

    def seek(self, positions: Mapping[TopicPartition, Position]) -> None:
        """Read some of these partitions from these positions on."""
        self._cursors.update({each: _Cursor(position) for each, position in positions.items()})

    def is_at(self, each: TopicPartition, offset: int) -> bool:
        """Say whether all of a partition before this offset was handed out, and nothing from there on."""
        cursor = self._cursors.get(each)
        return cursor is not None and not cursor.decoded and cursor.next_offset == offset

    def skip(self, ends: Mapping[TopicPartition, int]) -> None:
        """Go on from these offsets in partitions of which nothing is decoded."""
        for each, offset in ends.items():
            self._cursors[each].next_offset = offset

    def take(
        self, log: Log, limits: Mapping[str, int], now_ms: int, paused: Collection[TopicPartition] = ()
    ) -> list[Record]:
        """Return the next records, at most `limits[topic]` of each topic, and none of `paused` partitions.

        `due_ms` says afterwards when the first batch that was held back becomes due.
        """
        self.due_ms = NEVER_MS
        room = {topic: limit for topic, limit in limits.items() if limit > 0 and topic in self._delays_ms}
        # Most looks find nothing, so they must cost little: one entry for all partitions of a topic.
        topics = {name: log.topic(name) for name in room}
        extents = {name: log.extents(topic) for name, topic in topics.items()}
        taken: list[Record] = []
        taken_bytes = 0
        last = None
        for each in self._turns:
            wanted = room.get(each.topic, 0)
            cursor = self._cursors[each]
            if (
                wanted > 0
                and taken_bytes < MOST_BATCH_BYTES
                and each not in paused
                and (cursor.decoded or extents[each.topic][each.partition].end > cursor.next_offset)
            ):
                if len(cursor.decoded) < wanted:
                    self._decode(log, topics[each.topic], each, wanted, now_ms)
                count, size_bytes = cursor.share(wanted, taken_bytes)
                if count:
                    records, cursor.decoded = cursor.decoded[:count], cursor.decoded[count:]
                    cursor.most_bytes -= size_bytes
                    taken_bytes += size_bytes
                    room[each.topic] = wanted - len(records)
                    taken += records
                    last = each
        if last is not None:
            self._turns.rotate(-1 - self._turns.index(last))
        return taken

    def _decode(self, log: Log, topic: Topic, each: TopicPartition, wanted: int, now_ms: int) -> None:
        cursor = self._cursors[each]
        delay_ms = self._delays_ms[each.topic]
        for batch in log.batches(topic, each.partition, cursor.next_offset):
            if delay_ms and batch.logged_ms + delay_ms > now_ms:
                self.due_ms = min(self.due_ms, batch.logged_ms + delay_ms)
                return
            records = unpack_records(batch, each.topic, each.partition)
            some = records[max(0, cursor.next_offset - batch.base_offset) :]
            cursor.decoded += some
            cursor.most_bytes += batch.size_bytes
            cursor.next_offset = batch.base_offset + batch.records
            if len(cursor.decoded) >= wanted or cursor.most_bytes >= MOST_BATCH_BYTES:
                return
