"""How many records a poll hands over at once, by what they hold."""

from collections.abc import Sequence
from operator import itemgetter
from typing import NamedTuple

from catenae.broker import MOST_BATCH_BYTES
from catenae.message import Record

_VALUE = itemgetter(2)  # of a Record


def values_bytes(records: Sequence[Record]) -> int:
    """Return what the values of records take."""
    return sum(map(len, filter(None, map(_VALUE, records))))


class Share(NamedTuple):
    """How many of some records fit into a batch, and what their values take."""

    records: int
    size_bytes: int


def share_of(records: Sequence[Record], taken_bytes: int = 0) -> Share:
    """Return what to hand over of these records with `taken_bytes` of others: up to the one too much."""
    size_bytes = values_bytes(records)
    if taken_bytes + size_bytes < MOST_BATCH_BYTES:
        return Share(len(records), size_bytes)
    size_bytes = 0
    for place, each in enumerate(records):
        if taken_bytes + size_bytes >= MOST_BATCH_BYTES:
            return Share(place, size_bytes)
        size_bytes += len(each.value or b"")
    return Share(len(records), size_bytes)
