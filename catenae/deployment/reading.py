"""The records of a whole topic, outside of any group: for looking, never for work."""

import heapq
import json
from collections.abc import Iterator, Sequence
from typing import Any

from catenae.broker import Broker, Span
from catenae.codec import Codec
from catenae.errors import CodecError
from catenae.message import Record

READ_RECORDS = 1000


def read_spans(broker: Broker, topic: str, spans: Sequence[Span]) -> Iterator[Record]:
    """Yield the records in these spans, one for each partition, by the time at which they were written.

    Those of one partition keep their order. Only a few are held at a time, however many there are.
    """
    partitions = (_read(broker, topic, partition, span) for partition, span in enumerate(spans))
    return heapq.merge(*partitions, key=lambda record: record.timestamp_ms)


def value_told(record: Record, codec: Codec) -> Any:
    """Return the value of a record; of a line as a Source refused it, what JSON it holds.

    Raises CodecError for whatever cannot be read: anybody may have written it.
    """
    value = codec.decode(record)
    if not isinstance(value, bytes | str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError) as error:
        raise CodecError(f"{len(value):,} characters are not JSON ({type(error).__name__})") from error


def _read(broker: Broker, topic: str, partition: int, span: Span) -> Iterator[Record]:
    start = span.start
    while start < span.end:
        records = broker.read(topic, partition, start, min(READ_RECORDS, span.end - start))
        if not records:
            return
        yield from records
        start = records[-1].offset + 1
