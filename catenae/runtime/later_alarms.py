"""The alarms that come later than those at hand: in order, in little memory, cheap to put in and take out.

They are not kept up to date. One that is taken was set when it was put in; State says whether it still is.
"""

import heapq
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

import lz4.block
import msgspec

# So many wait as they are; then they are sorted, and packed by so many.
FRESH = 20_000
PACKED = 100
# Of moments, keys, names and what was asked for, column by column: alike, so that little is left of them.
_PACKER = msgspec.msgpack.Encoder()
_COLUMNS = msgspec.msgpack.Decoder(tuple[list[int], list[bytes], list[bytes], list[int], list[int]])


class Alarm(NamedTuple):
    """A timer, in the order in which they are due."""

    due_ms: int
    key: str
    name: str
    asked_ms: int
    partition: int


class LaterAlarms:
    """A queue of alarms, the soonest first. Some 20 bytes each, and a few thousand of them as they are."""

    def __init__(self) -> None:
        self._fresh: list[Alarm] = []
        # Of each run the first alarm, and those after it.
        self._runs: list[tuple[Alarm, int, Iterator[Alarm]]] = []
        self._number = 0
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def first(self) -> Alarm | None:
        """Return the soonest, which stays in."""
        firsts = [*self._fresh[:1], *(run[0] for run in self._runs[:1])]
        return min(firsts, default=None)

    def put(self, alarm: Alarm) -> None:
        """Put one in."""
        heapq.heappush(self._fresh, alarm)
        self._count += 1
        if len(self._fresh) > FRESH:
            self._pack(sorted(self._fresh))
            self._fresh = []

    def take(self) -> Alarm:
        """Take the soonest out; IndexError where there is none."""
        first = self.first()
        if first is None:
            raise IndexError
        self._count -= 1
        if self._fresh and self._fresh[0] is first:
            return heapq.heappop(self._fresh)
        _, number, run = self._runs[0]
        following = next(run, None)
        if following is None:
            heapq.heappop(self._runs)
        else:
            heapq.heapreplace(self._runs, (following, number, run))
        return first

    def _pack(self, alarms: list[Alarm]) -> None:
        chunks = [_packed(alarms[at : at + PACKED]) for at in range(0, len(alarms), PACKED)]
        # In one piece: as many small ones would lie scattered over memory that nothing else can use.
        run = _unpacked(b"".join(chunks), [len(each) for each in chunks])
        self._number += 1
        heapq.heappush(self._runs, (next(run), self._number, run))


def _packed(alarms: list[Alarm]) -> bytes:
    due_ms, keys, names, asked_ms, partitions = zip(*alarms, strict=True)
    columns = (
        due_ms,
        [_bytes(each) for each in keys],
        [_bytes(each) for each in names],
        asked_ms,
        partitions,
    )
    return bytes(lz4.block.compress(_PACKER.encode(columns)))


def _unpacked(chunks: bytes, sizes: Sequence[int]) -> Iterator[Alarm]:
    for start, end in pairwise(accumulate(sizes, initial=0)):
        due_ms, keys, names, asked_ms, partitions = _COLUMNS.decode(lz4.block.decompress(chunks[start:end]))
        texts = [[each.decode("utf-8", "surrogatepass") for each in some] for some in (keys, names)]
        yield from map(Alarm, due_ms, *texts, asked_ms, partitions)


def _bytes(text: str) -> bytes:
    # Half a surrogate pair is no text, but it does occur in keys made from what people wrote.
    return text.encode("utf-8", "surrogatepass")
