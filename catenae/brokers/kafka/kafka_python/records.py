"""From kafka-python's records to ours."""

from collections.abc import Mapping, Sequence
from typing import Any

from catenae.message import NO_HEADERS, Headers, Record, TopicPartition


def records_of(
    found: Mapping[Any, Sequence[Any]], ends: dict[TopicPartition, int] | None = None
) -> list[Record]:
    """Return the records that a poll has found; neighbours with equal headers share one mapping.

    ends  is told, for each partition with a record, the offset after its last one
    """
    records: list[Record] = []
    last_given: object = None
    headers: Headers = NO_HEADERS
    for (topic, partition), some in found.items():
        for each in some:
            given = each.headers
            if given != last_given:
                last_given = given
                headers = {name: value or b"" for name, value in given} if given else NO_HEADERS
            records.append(
                Record(topic, each.key, each.value, headers, partition, each.offset, each.timestamp)
            )
        if some and ends is not None:
            ends[TopicPartition(topic, partition)] = some[-1].offset + 1
    return records
