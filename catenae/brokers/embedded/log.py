"""Topics, records and positions inside one LMDB transaction."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any, NamedTuple

import lmdb
import msgpack

from catenae.broker import Position, TopicSpec
from catenae.brokers.embedded import layout
from catenae.errors import TopicMismatch, UnknownTopic
from catenae.message import Record, TopicPartition

TOPICS = "topics"
EXTENTS = "extents"
BATCHES = "batches"
POSITIONS = "positions"
GROUPS = "groups"
LEASES = "leases"
# Beside the extents, whose keys are topic numbers.
LAST_TOPIC_ID = b"last topic"
DATABASES = (TOPICS, EXTENTS, BATCHES, POSITIONS, GROUPS, LEASES)


class Topic(NamedTuple):
    """A topic as stored: `id` stands for it in keys and is never used again."""

    id: int
    spec: TopicSpec


class Block(NamedTuple):
    """Encoded records on their way into one partition."""

    partition: int
    records: int
    block: bytes


class Log:
    """One transaction's view of the log; writing methods need a write transaction."""

    def __init__(self, transaction: "lmdb.Transaction[bytes]", databases: Mapping[str, Any]) -> None:
        self._transaction = transaction
        self._databases = databases

    @property
    def transaction_id(self) -> int:
        """Of a write transaction: a number larger than that of every one before, never given out twice."""
        return self._transaction.id()

    def get(self, database: str, key: bytes) -> bytes | None:
        """Return a value, or None."""
        return self._transaction.get(key, db=self._databases[database])

    def put(self, database: str, key: bytes, value: bytes) -> None:
        """Store a value."""
        self._transaction.put(key, value, db=self._databases[database])

    def delete(self, database: str, key: bytes) -> None:
        """Remove a value; an absent key is fine."""
        self._transaction.delete(key, db=self._databases[database])

    def under(self, database: str, prefix: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Yield the entries whose key starts with `prefix`, in key order."""
        with self._transaction.cursor(db=self._databases[database]) as cursor:
            if cursor.set_range(prefix):
                for key, value in cursor:
                    if not key.startswith(prefix):
                        return
                    yield key, value

    def topics(self) -> dict[str, Topic]:
        """Return every topic by name."""
        return {key.decode(): _unpack_topic(value) for key, value in self.under(TOPICS, b"")}

    def topic(self, name: str) -> Topic:
        """Return one topic; raise `UnknownTopic`."""
        stored = self.get(TOPICS, name.encode())
        if stored is None:
            raise UnknownTopic(name, self.topics())
        return _unpack_topic(stored)

    def create_topic(self, spec: TopicSpec) -> None:
        """Create a topic, or renew the bounds of the one there; raise `TopicMismatch` on other partitions."""
        stored = self.get(TOPICS, spec.name.encode())
        if stored is None:
            topic_id = self._next_topic_id()
            self.put(
                EXTENTS,
                layout.TOPIC_ID.pack(topic_id),
                layout.pack_extents([layout.Extent(0, 0, 0)] * spec.partitions),
            )
        else:
            topic_id, existing = _unpack_topic(stored)
            if existing.partitions != spec.partitions:
                raise TopicMismatch(spec.name, existing.partitions, spec.partitions)
        topic = Topic(topic_id, spec)
        self.put(TOPICS, spec.name.encode(), msgpack.packb((topic_id, _stored(spec))))
        for group in spec.readers:
            for partition, extent in enumerate(self.extents(topic)):
                if self.position(group, topic, partition) is None:
                    self.put_position(group, topic, partition, Position(extent.start))

    def add_partitions(self, name: str, partitions: int) -> None:
        """Add empty partitions up to so many; raise `TopicMismatch` where there are more, `UnknownTopic`."""
        topic_id, spec = self.topic(name)
        if spec.partitions > partitions:
            raise TopicMismatch(name, spec.partitions, partitions)
        topic = Topic(topic_id, replace(spec, partitions=partitions))
        more = [layout.Extent(0, 0, 0)] * (partitions - spec.partitions)
        self.put_extents(topic, [*self.extents(topic), *more])
        self.put(TOPICS, name.encode(), msgpack.packb((topic_id, _stored(topic.spec))))
        for group in spec.readers:
            for partition in range(spec.partitions, partitions):
                self.put_position(group, topic, partition, Position(0))

    def delete_topic(self, name: str) -> None:
        """Delete a topic, its records and every group's positions in it; an unknown name is fine."""
        stored = self.get(TOPICS, name.encode())
        if stored is None:
            return
        topic_id = _unpack_topic(stored).id
        prefix = layout.TOPIC_ID.pack(topic_id)
        for key in [key for key, _ in self.under(BATCHES, prefix)]:
            self.delete(BATCHES, key)
        for key in [key for key, _ in self.under(POSITIONS, b"") if _topic_of(key) == prefix]:
            self.delete(POSITIONS, key)
        self.delete(EXTENTS, prefix)
        self.delete(TOPICS, name.encode())

    def extents(self, topic: Topic) -> list[layout.Extent]:
        """Return what each partition of `topic` holds."""
        stored = self.get(EXTENTS, layout.TOPIC_ID.pack(topic.id))
        return layout.unpack_extents(stored or b"")

    def put_extents(self, topic: Topic, extents: Sequence[layout.Extent]) -> None:
        """Store what each partition of `topic` holds."""
        self.put(EXTENTS, layout.TOPIC_ID.pack(topic.id), layout.pack_extents(extents))

    def append(self, topic: Topic, blocks: Sequence[Block], timestamp_ms: int, logged_ms: int) -> None:
        """Append one batch per block; both times as in `Batch`."""
        extents = self.extents(topic)
        for partition, records, block in blocks:
            start, end, size_bytes = extents[partition]
            key = layout.BATCH_KEY.pack(topic.id, partition, end)
            self.put(BATCHES, key, layout.pack_batch(block, records, timestamp_ms, logged_ms))
            extents[partition] = layout.Extent(start, end + records, size_bytes + len(block))
        self.put_extents(topic, extents)

    def batches(self, topic: Topic, partition: int, offset: int) -> Iterator[layout.Batch]:
        """Yield the batches of a partition from the one that holds `offset`, or the first after it, on."""
        prefix = layout.BATCH_KEY.pack(topic.id, partition, 0)[: -layout.OFFSET.size]
        with self._transaction.cursor(db=self._databases[BATCHES]) as cursor:
            if not _seek(cursor, layout.BATCH_KEY.pack(topic.id, partition, offset), prefix):
                return
            for key, value in cursor:
                if not key.startswith(prefix):
                    return
                batch = layout.unpack_batch(layout.BATCH_KEY.unpack(key)[2], value)
                if batch.base_offset + batch.records > offset:
                    yield batch

    def replace(self, topic: Topic, partition: int, batch: layout.Batch, records: Sequence[Record]) -> None:
        """Store other records, as many, in place of a batch's."""
        block = layout.pack_block(records)
        key = layout.BATCH_KEY.pack(topic.id, partition, batch.base_offset)
        packed = layout.pack_batch(block, batch.records, batch.timestamp_ms, batch.logged_ms)
        self.put(BATCHES, key, packed)
        extents = self.extents(topic)
        start, end, size_bytes = extents[partition]
        extents[partition] = layout.Extent(start, end, size_bytes + len(block) - len(batch.block))
        self.put_extents(topic, extents)

    def position(self, group: str, topic: Topic, partition: int) -> Position | None:
        """Return how far a group is in a partition; None where it never was."""
        stored = self.get(POSITIONS, layout.position_key(group, topic.id, partition))
        return None if stored is None else layout.unpack_position(stored)

    def put_position(self, group: str, topic: Topic, partition: int, position: Position) -> None:
        """Store how far a group is in a partition."""
        key = layout.position_key(group, topic.id, partition)
        self.put(POSITIONS, key, layout.pack_position(position))

    def positions(self, group: str) -> dict[TopicPartition, Position]:
        """Return every position of a group."""
        # Of each topic its id alone: a Source that waits asks for a dozen groups each time it looks up.
        names = {_topic_id(stored): name.decode() for name, stored in self.under(TOPICS, b"")}
        return {
            TopicPartition(
                names[layout.TOPIC_ID.unpack(_topic_of(key))[0]], layout.TOPIC_ID.unpack(key[-4:])[0]
            ): layout.unpack_position(value)
            for key, value in self.under(POSITIONS, group.encode() + b"\0")
        }

    def offsets(self, groups: Iterable[str], topic: Topic, partition: int) -> Iterator[int]:
        """Yield how far those of these groups are in a partition that ever were in it."""
        for group in groups:
            position = self.position(group, topic, partition)
            if position is not None:
                yield position.offset

    def forget_group(self, group: str) -> None:
        """Remove every position of a group, and its membership; an unknown one is fine."""
        for key in [key for key, _ in self.under(POSITIONS, group.encode() + b"\0")]:
            self.delete(POSITIONS, key)
        self.delete(GROUPS, group.encode())

    def _next_topic_id(self) -> int:
        """Count on. Logs of earlier releases took numbers of transactions, which may lie anywhere ahead."""
        stored = self.get(EXTENTS, LAST_TOPIC_ID)
        topic_id = 1 + (0 if stored is None else layout.TOPIC_ID.unpack(stored)[0])
        used = {topic.id for topic in self.topics().values()}
        while topic_id in used:
            topic_id += 1
        self.put(EXTENTS, LAST_TOPIC_ID, layout.TOPIC_ID.pack(topic_id))
        return topic_id


def _stored(spec: TopicSpec) -> dict[str, object]:
    """Return what is kept of a spec; nobody else has topics in this log."""
    fields = asdict(spec)
    del fields["is_ours"]
    return fields


def _unpack_topic(stored: bytes) -> Topic:
    topic_id, fields = msgpack.unpackb(stored, use_list=False)
    return Topic(topic_id, TopicSpec(**fields))


def _topic_id(stored: bytes) -> int:
    topic_id: int = msgpack.unpackb(stored)[0]
    return topic_id


def _topic_of(position_key: bytes) -> bytes:
    """The topic id in a position's key, whose last eight bytes are topic id and partition."""
    return position_key[-8:-4]


def _seek(cursor: "lmdb.Cursor[bytes]", key: bytes, prefix: bytes) -> bool:
    """Stand on the batch that may hold the offset in `key`: the last at or before it, else the next."""
    if not cursor.set_range(key):
        return bool(cursor.last()) and cursor.key().startswith(prefix)
    if cursor.key() != key and cursor.prev() and not cursor.key().startswith(prefix):
        cursor.next()
    return True
