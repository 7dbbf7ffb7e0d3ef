"""What a batch is about to write to a store, kept there itself: by it an unfinished batch is taken back.

A node has one journal for all of its State, and in it one entry for each partition number. A batch writes its
entry first, then its State records, and commits last, each once the store or broker has acknowledged the step
before. Whoever takes the partition over reads the entry, and writes a new one: that fences every earlier
owner, for the entry and all the keys it could still write have versions that it does not know then, and an
owner that had not begun yet finds a later generation than its own.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from catenae.errors import Conflict
from catenae.packing import pack, unpack
from catenae.store import ABSENT, Store, Write

# Keys of authors do not start with it, so that an entry is told from a State record anywhere.
RESERVED = "\0"

# Of one partition number: by topic, the offset of the next record to be handled.
Offsets = Mapping[str, int]


class JournalEntry(NamedTuple):
    """The last batch that wrote, or was about to write, State of one partition number.

    generation  of the owner
    batch       its number, larger than that of any batch before, also of those that the store has lost
    since       how far all inputs were handled before it
    keys        what it writes, by name of the State
    repeats     it handles input that was committed before, because the store had lost what came of it
    """

    generation: int
    batch: int
    since: Offsets
    keys: Mapping[str, Sequence[str]]
    repeats: bool = False


class Journal:
    """The entries of the partitions that one instance owns, in a namespace of the store."""

    def __init__(self, store: Store, namespace: str) -> None:
        self._store = store
        self._namespace = namespace
        self._versions: dict[str, int] = {}

    def read(self, numbers: Iterable[int]) -> dict[int, JournalEntry]:
        """Return the entries of these partition numbers, and own no others from now on."""
        keys = [_key(number) for number in numbers]
        found = self._store.get_many(self._namespace, keys)
        self._versions = {key: found[key].version if key in found else ABSENT for key in keys}
        return {_number(key): JournalEntry(*unpack(entry.value)) for key, entry in found.items()}

    def write(self, entries: Mapping[int, JournalEntry]) -> None:
        """Replace entries; raise `Conflict` if another instance has, or the store has lost them."""
        writes = [
            Write(key, pack(list(entry)), self._versions[key])
            for key, entry in ((_key(number), entry) for number, entry in entries.items())
        ]
        versions = self._store.compare_and_put(self._namespace, writes)
        if len(versions) < len(writes):
            raise Conflict(f"partitions of {self._namespace!r} were taken over by another instance")
        self._versions.update(versions)

    def require_unchanged(self) -> None:
        """Raise `Conflict` unless the entries are as this instance wrote them."""
        found = self._store.get_many(self._namespace, list(self._versions))
        if {key: entry.version for key, entry in found.items()} != self._versions:
            raise Conflict(
                f"partitions of {self._namespace!r} were taken over, or are not as they were written"
            )


def is_journal(key: str) -> bool:
    """Say whether a key in the store is a partition's entry."""
    return key.startswith(RESERVED)


def without_keys(entry: bytes, is_meant: Callable[[str], bool]) -> bytes:
    """Return an entry that no longer names the keys that are meant; their records must be gone."""
    found = JournalEntry(*unpack(entry))
    keys = {state: [key for key in some if not is_meant(key)] for state, some in found.keys.items()}
    return pack(list(found._replace(keys=keys)))


def _key(number: int) -> str:
    return f"{RESERVED}{number}"


def _number(key: str) -> int:
    return int(key.removeprefix(RESERVED))
