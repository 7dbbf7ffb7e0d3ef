"""How many records a poll hands over at once, by what they hold."""

from collections.abc import Sequence

from catenae.broker import MOST_BATCH_BYTES
from catenae.message import Record


def values_bytes(records: Sequence[Record]) -> int:
    """Return what the values of records take."""
    return sum(len(each.value) for each in records if each.value)


def fitting(records: Sequence[Record], taken_bytes: int = 0) -> int:
    """Return how many of these records to hand over with `taken_bytes` of others: up to the one too much."""
    for place, each in enumerate(records):
        if taken_bytes >= MOST_BATCH_BYTES:
            return place
        if each.value:
            taken_bytes += len(each.value)
    return len(records)
