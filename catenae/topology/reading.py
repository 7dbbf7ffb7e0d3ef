"""The records of a whole topic, outside of any group: for looking, never for work."""

import heapq
from collections.abc import Iterator, Sequence

from catenae.broker import Broker, Span
from catenae.message import Record

READ_RECORDS = 1000


def read_spans(broker: Broker, topic: str, spans: Sequence[Span]) -> Iterator[Record]:
    """Yield the records in these spans, one for each partition, by the time at which they were written.

    Those of one partition keep their order. Only a few are held at a time, however many there are.
    """
    partitions = (_read(broker, topic, partition, span) for partition, span in enumerate(spans))
    return heapq.merge(*partitions, key=lambda record: record.timestamp_ms)


def _read(broker: Broker, topic: str, partition: int, span: Span) -> Iterator[Record]:
    start = span.start
    while start < span.end:
        records = broker.read(topic, partition, start, min(READ_RECORDS, span.end - start))
        if not records:
            return
        yield from records
        start = records[-1].offset + 1
