"""Records on their way into the log: sorted by topic and partition, and encoded before any lock is taken."""

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from zlib import crc32

from catenae.broker import MOST_BATCH_BYTES
from catenae.brokers.bounds import share_of
from catenae.brokers.embedded.layout import compressed, pack_block, pack_columns
from catenae.brokers.embedded.log import Block
from catenae.message import UNASSIGNED, Record

MOST_RECORDS = 2000


def partition_of(key: bytes, partitions: int) -> int:
    """Return where a record with this key goes."""
    return crc32(key) % partitions


class Outbox:
    """Equal keys go to the same partition; records without a key go, call by call, to one after the other."""

    def __init__(self) -> None:
        self._turn = itertools.count()

    def blocks(
        self, records: Sequence[Record], partitions_of: Callable[[str], int]
    ) -> dict[str, list[Block]]:
        """Return the encoded blocks by topic; `partitions_of` gives a topic's partition count."""
        sorted_records: defaultdict[str, defaultdict[int, list[Record]]] = defaultdict(
            lambda: defaultdict(list)
        )
        counts: dict[str, int] = {}
        keyless = next(self._turn)
        for record in records:
            topic, key, partition = record.topic, record.key, record.partition
            count = counts.get(topic)
            if count is None:
                count = counts[topic] = partitions_of(topic)
            if partition == UNASSIGNED:
                partition = keyless % count if key is None else partition_of(key, count)
            sorted_records[topic][partition].append(record)
        return {
            topic: [
                block
                for partition, some in by_partition.items()
                for start in range(0, len(some), MOST_RECORDS)
                for block in _blocks(partition, some[start : start + MOST_RECORDS])
            ]
            for topic, by_partition in sorted_records.items()
        }


def _blocks(partition: int, records: list[Record]) -> Iterator[Block]:
    """Cut what goes to one partition where it is large, because a reader decodes a block as a whole."""
    columns = pack_columns(records)
    if len(columns) <= MOST_BATCH_BYTES or len(records) == 1:
        yield Block(partition, len(records), compressed(columns))
        return
    del columns
    while records:
        count = share_of(records).records
        yield Block(partition, count, pack_block(records[:count]))
        records = records[count:]
