"""Offsets in a topic that was copied, told from those in its original."""

from array import array
from bisect import bisect_left

from catenae.broker import Broker
from catenae.errors import BrokerError

READ_RECORDS = 1000


class CopiedOffsets:
    """Where each record of one partition is in a whole copy that holds nothing else.

    Counted from the end: the original may lose old records meanwhile, and offsets may be used up by what is
    no record.
    """

    def __init__(self, broker: Broker, original: str, copy: str, partition: int) -> None:
        self._original = _offsets(broker, original, partition)
        self._copy = _offsets(broker, copy, partition)
        self._end = broker.spans(copy)[partition].end
        if len(self._copy) < len(self._original):
            raise BrokerError(
                f"topic {copy!r} has fewer records than {original!r}, of which it should be a copy. Was "
                f"something removed from it? Remove it, and give the command again"
            )

    def at(self, offset: int) -> int:
        """Return the offset in the copy of the first record from `offset` on in the original."""
        left = len(self._original) - bisect_left(self._original, offset)
        return self._copy[len(self._copy) - left] if left else self._end


def _offsets(broker: Broker, topic: str, partition: int) -> "array[int]":
    found = array("q")
    start = broker.spans(topic)[partition].start
    while records := broker.read(topic, partition, start, READ_RECORDS):
        found.extend(record.offset for record in records)
        start = records[-1].offset + 1
    return found
