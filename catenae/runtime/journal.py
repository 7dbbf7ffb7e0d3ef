"""What a batch is about to write to a store, kept there itself: by it an unfinished batch is taken back.

A node has one journal for all of its State, and in it one entry for each partition number. A batch writes its
entry first, then its State records, and commits last, each once the store or broker has acknowledged the step
before. Whoever takes the partition over reads the entry, and writes a new one: that fences every earlier
owner, for the entry and all the keys it could still write have versions that it does not know then, and an
owner that had not begun yet finds a later generation than its own.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from catenae.codec.packing import pack, unpack
from catenae.errors import Conflict
from catenae.runtime.journal_parts import Extent, JournalParts
from catenae.store import ABSENT, Store, Write

# Keys of authors do not start with it, so that an entry is told from a State record anywhere.
RESERVED = "\0"
# In an entry's place for the batch that wrote a key before, where an earlier release did not say.
UNTOLD = -1

# Of one partition number: by topic, the offset of the next record to be handled.
Offsets = Mapping[str, int]
# By name of the State.
Keys = Mapping[str, Mapping[str, int]]


class JournalEntry(NamedTuple):
    """The last batch that wrote, or was about to write, State of one partition number.

    generation   of the owner
    batch        its number, larger than that of any batch before, also of those that the store has lost
    since        how far all inputs were handled before it
    keys         what it writes, by name of the State, and of each the batch that wrote it before
    repeats      it handles input that was committed before, because the store had lost what came of it
    others       by name of the State, the sum of the batches that wrote all other records of the partition;
                 of a State that is missing nobody has counted them yet
    incarnation  of the store, as of which the sums were right
    """

    generation: int
    batch: int
    since: Offsets
    keys: Keys
    repeats: bool = False
    others: Mapping[str, int] = {}
    incarnation: str = ""

    def sums(self) -> dict[str, int]:
        """Return by State the sum of the batches that wrote the records, once this batch has written its."""
        return {
            name: others + len(self.keys.get(name, ())) * self.batch for name, others in self.others.items()
        }

    def without(self, states: Keys) -> "JournalEntry":
        """Return an entry that does not count these records, which come to what each was written by."""
        gone = {name: sum(batches.values()) for name, batches in states.items()}
        return self._replace(
            others={name: others - gone.get(name, 0) for name, others in self.others.items()}
        )

    def settled(self) -> "JournalEntry":
        """Return an entry that says the same of what is written, and names no key."""
        return self._replace(keys={}, others=self.sums())


class Journal:
    """The entries of the partitions that one instance owns, in a namespace of the store.

    An entry that no record of the store holds is kept in several, see `JournalParts`.
    """

    def __init__(self, store: Store, namespace: str) -> None:
        self._store = store
        self._namespace = namespace
        self._limit_bytes = store.max_value_bytes
        self._parts = JournalParts(store, namespace)
        self._versions: dict[str, int] = {}

    def numbers(self) -> list[int]:
        """Return the partition numbers that have an entry."""
        keys = [key for key, _ in self._store.scan(self._namespace) if is_journal(key)]
        return sorted(_number(key) for key in keys if RESERVED not in key[1:])

    def read(self, numbers: Iterable[int]) -> dict[int, JournalEntry]:
        """Return the entries of these partition numbers, and own no others from now on.

        Raises `StateLost` for an entry of which the store has lost a part.
        """
        keys = [_key(number) for number in numbers]
        found = self._store.get_many(self._namespace, keys)
        self._versions = {key: found[key].version if key in found else ABSENT for key in keys}
        fields = {_number(key): unpack(entry.value) for key, entry in found.items()}
        extents = {number: Extent(*some.pop()) for number, some in fields.items() if len(some) > len(_FIELDS)}
        if self._limit_bytes is not None:
            self._parts.read([_number(key) for key in keys], extents)
        return {number: self._entry(some, extents.get(number), number) for number, some in fields.items()}

    def write(self, entries: Mapping[int, JournalEntry]) -> None:
        """Replace entries; raise `Conflict` if another instance has, or the store has lost them."""
        if not entries:
            return
        packed: dict[int, bytes] = {}
        extents: dict[int, Extent | None] = {}
        for number, entry in entries.items():
            packed[number], extents[number] = self._packed(number, entry)
        versions = self._store.compare_and_put(
            self._namespace,
            [Write(_key(number), data, self._versions[_key(number)]) for number, data in packed.items()],
        )
        if len(versions) < len(packed):
            raise Conflict(f"partitions of {self._namespace!r} were taken over by another instance")
        self._versions.update(versions)
        self._parts.settle(extents)

    def _packed(self, number: int, entry: JournalEntry) -> tuple[bytes, Extent | None]:
        packed = pack(list(entry))
        if self._limit_bytes is None or len(packed) <= self._limit_bytes:
            return packed, None
        extent = self._parts.write(number, entry.batch, pack(entry.keys))
        return pack([*entry._replace(keys={}), list(extent)]), extent

    def _entry(self, fields: list[Any], extent: Extent | None, number: int) -> JournalEntry:
        entry = JournalEntry(*fields)
        if extent is not None:
            entry = entry._replace(keys=unpack(self._parts.joined(number, extent)))
        if len(fields) < len(_FIELDS):
            # Written by an earlier release, which knew neither sums nor predecessors.
            keys = {name: dict.fromkeys(some, UNTOLD) for name, some in entry.keys.items()}
            return entry._replace(keys=keys)
        return entry


_FIELDS = JournalEntry._fields


def is_journal(key: str) -> bool:
    """Say whether a key in the store is a partition's entry, or a part of one."""
    return key.startswith(RESERVED)


def _key(number: int) -> str:
    return f"{RESERVED}{number}"


def _number(key: str) -> int:
    return int(key.removeprefix(RESERVED))
