r"""The keys of a journal's entry that are too many for one record of the store.

They are cut into parts, written before the entry, which says where they are. An entry and the one that it
replaces never share a part: each partition number has two places, and the next entry that is too large takes
the one that the last has not. So the last entry is whole until the moment at which the next one is:

    \0 number                      the entry, with an Extent
    \0 number \0 side \0 index    a part: the batch of its entry, and bytes; none once it is of no more use

As every write names the version that it replaces, an owner of before can spoil neither place.
"""

from collections.abc import Iterable, Mapping
from itertools import count
from typing import NamedTuple

from catenae.codec.packing import pack, unpack
from catenae.errors import Conflict, StateLost
from catenae.store import ABSENT, Store, Write

# What a part takes beside its bytes.
BESIDE_BYTES = 32
SIDES = (0, 1)


class Extent(NamedTuple):
    """Where the keys of an entry are: of which side, in how many parts, written with which batch."""

    side: int
    parts: int
    batch: int


class JournalParts:
    """The parts of the partitions that one instance owns.

    Errors as those of the store, and `Conflict` where another instance has written a part.
    """

    def __init__(self, store: Store, namespace: str) -> None:
        self._store = store
        self._namespace = namespace
        self._extents: dict[int, Extent] = {}
        self._versions: dict[str, int] = {}
        self._found: dict[str, tuple[int, bytes]] = {}
        self._filled: dict[int, set[str]] = {}

    def read(self, numbers: Iterable[int], extents: Mapping[int, Extent]) -> None:
        """Find all parts of these partition numbers, and own no others from now on.

        extents  of those entries that have any
        """
        self._extents, self._versions, self._found, self._filled = dict(extents), {}, {}, {}
        rows = [(number, side) for number in numbers for side in SIDES]
        for index in count():
            names = {_name(number, side, index): (number, side) for number, side in rows}
            entries = self._store.get_many(self._namespace, list(names))
            for name, entry in entries.items():
                self._versions[name] = entry.version
                self._found[name] = found = unpack(entry.value)
                if found[1]:
                    self._filled.setdefault(names[name][0], set()).add(name)
            rows = [names[name] for name in entries]
            if not rows:
                return

    def joined(self, number: int, extent: Extent) -> bytes:
        """Return the bytes that are at this extent; raise `StateLost` if they are not."""
        parts = [self._found.get(name, (0, b"")) for name in _names(number, extent)]
        if any(batch != extent.batch for batch, _ in parts):
            raise StateLost(
                self._namespace, number, "the store has kept a journal entry and lost a part of it"
            )
        return b"".join(data for _, data in parts)

    def write(self, number: int, batch: int, data: bytes) -> Extent:
        """Store the bytes of the next entry, where those of the last one are not; return the extent."""
        room_bytes = (self._store.max_value_bytes or len(data)) - BESIDE_BYTES
        last = self._extents.get(number)
        extent = Extent(0 if last is None else 1 - last.side, -(-len(data) // room_bytes), batch)
        filled = self._filled.setdefault(number, set())
        for index, name in enumerate(_names(number, extent)):
            # One after the other: so those that there are have no gap, and all of them are found.
            self._put(name, batch, data[index * room_bytes : (index + 1) * room_bytes])
            filled.add(name)
        return extent

    def settle(self, extents: Mapping[int, Extent | None]) -> None:
        """Take these as the extents of the entries as written now, and empty all other parts of theirs."""
        for number, extent in extents.items():
            self._extents.pop(number, None)
            used: set[str] = set()
            if extent is not None:
                self._extents[number] = extent
                used.update(_names(number, extent))
            filled = self._filled.get(number, set())
            for name in filled - used:
                self._put(name, 0, b"")
                filled.remove(name)

    def _put(self, name: str, batch: int, data: bytes) -> None:
        write = Write(name, pack([batch, data]), self._versions.get(name, ABSENT))
        versions = self._store.compare_and_put(self._namespace, [write])
        if not versions:
            raise Conflict(f"a part of the journal of {self._namespace!r} was changed by another instance")
        self._versions.update(versions)


def _names(number: int, extent: Extent) -> list[str]:
    return [_name(number, extent.side, index) for index in range(extent.parts)]


def _name(number: int, side: int, index: int) -> str:
    return f"\0{number}\0{side}\0{index}"
