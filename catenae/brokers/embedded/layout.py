"""What the embedded log's bytes look like.

Each commit appends one batch per partition it writes to. A batch's key sorts by topic, partition and first
offset; its value is a header (milliseconds since 1970, number of records) and an lz4 block of one msgpack
array: keys, values, distinct header sets, and for each record which of those sets is its own. Where the
machine's clock was set since the log's own time began, the header says both: the date, and the log's time.
"""

import struct
from collections.abc import Sequence
from operator import itemgetter
from typing import NamedTuple

import lz4.block
import msgpack

from catenae.broker import Position
from catenae.message import Record, record_of

TOPIC_ID = struct.Struct(">I")
BATCH_KEY = struct.Struct(">IIQ")
BATCH_HEADER = struct.Struct("<QI")
# A flag beside the number of records: the log's time follows.
HAS_LOG_TIME = 1 << 31
LOG_TIME = struct.Struct("<Q")
# So far apart both times may be to be written as one: the clock is slowed and hastened a little all the time.
ONE_TIME_MS = 1000
EXTENT = struct.Struct("<QQQ")
OFFSET = struct.Struct("<Q")
# Ahead of each lz4 block.
UNCOMPRESSED = struct.Struct("<I")

_KEY, _VALUE, _HEADERS = itemgetter(1), itemgetter(2), itemgetter(3)  # of a Record


class Batch(NamedTuple):
    """One batch as stored.

    base_offset   offset of the first record
    records       how many there are
    timestamp_ms  when they were written, as the machine's clock said
    logged_ms     the same in the log's own time: delays and retention count from it
    """

    base_offset: int
    records: int
    timestamp_ms: int
    logged_ms: int
    block: memoryview

    @property
    def size_bytes(self) -> int:
        """What its records take, not compressed."""
        size_bytes: int
        (size_bytes,) = UNCOMPRESSED.unpack_from(self.block)
        return size_bytes


class Extent(NamedTuple):
    """What a partition holds: offsets from `start` up to, not including, `end`, in so many bytes."""

    start: int
    end: int
    size_bytes: int


def pack_block(records: Sequence[Record]) -> bytes:
    """Encode what the records of one partition carry; where and when they are written comes later."""
    return compressed(pack_columns(records))


def compressed(columns: bytes) -> bytes:
    """Make a block of what `pack_columns` made."""
    return bytes(lz4.block.compress(columns))


def pack_columns(records: Sequence[Record]) -> bytes:
    """Encode what records carry, not yet compressed."""
    headers = list(map(_HEADERS, records))
    identities = list(map(id, headers))
    distinct = dict(zip(identities, headers, strict=True))
    numbers = {identity: number for number, identity in enumerate(distinct)}
    columns = (
        list(map(_KEY, records)),
        list(map(_VALUE, records)),
        list(map(dict, distinct.values())),
        [numbers[each] for each in identities] if len(distinct) > 1 else None,
    )
    return bytes(msgpack.packb(columns))


def unpack_records(batch: Batch, topic: str, partition: int) -> list[Record]:
    """Decode a batch into records that share their header mappings."""
    keys, values, header_sets, choices = msgpack.unpackb(lz4.block.decompress(batch.block))
    headers = header_sets * len(keys) if choices is None else [header_sets[choice] for choice in choices]
    count = batch.records
    offsets = range(batch.base_offset, batch.base_offset + count)
    topics, partitions, timestamps = ([each] * count for each in (topic, partition, batch.timestamp_ms))
    fields = zip(topics, keys, values, headers, partitions, offsets, timestamps, strict=True)
    return list(map(record_of, fields))


def pack_batch(block: bytes, records: int, timestamp_ms: int, logged_ms: int) -> bytes:
    """Put the header before the block."""
    if abs(timestamp_ms - logged_ms) <= ONE_TIME_MS:
        return BATCH_HEADER.pack(timestamp_ms, records) + block
    return BATCH_HEADER.pack(timestamp_ms, records | HAS_LOG_TIME) + LOG_TIME.pack(logged_ms) + block


def unpack_batch(base_offset: int, stored: bytes) -> Batch:
    """Split what `pack_batch` made; the block is not decoded yet."""
    timestamp_ms, records = BATCH_HEADER.unpack_from(stored)
    rest = memoryview(stored)[BATCH_HEADER.size :]
    if not records & HAS_LOG_TIME:
        return Batch(base_offset, records, timestamp_ms, timestamp_ms, rest)
    (logged_ms,) = LOG_TIME.unpack_from(rest)
    return Batch(base_offset, records & ~HAS_LOG_TIME, timestamp_ms, logged_ms, rest[LOG_TIME.size :])


def pack_extents(extents: Sequence[Extent]) -> bytes:
    """Encode the extents of a topic's partitions, in order."""
    return b"".join(EXTENT.pack(*extent) for extent in extents)


def unpack_extents(stored: bytes) -> list[Extent]:
    """Decode what `pack_extents` made."""
    return [Extent(*fields) for fields in EXTENT.iter_unpack(stored)]


def pack_position(position: Position) -> bytes:
    """Encode a position: the offset, then the note."""
    return OFFSET.pack(position.offset) + position.note


def unpack_position(stored: bytes) -> Position:
    """Decode what `pack_position` made."""
    return Position(OFFSET.unpack_from(stored)[0], stored[OFFSET.size :])


def position_key(group: str, topic_id: int, partition: int) -> bytes:
    """Return the key of a group's position; group names hold no NUL."""
    return group.encode() + b"\0" + TOPIC_ID.pack(topic_id) + TOPIC_ID.pack(partition)
