"""State that survives a crash in step with the messages: what makes a replay exact.

The store and the broker cannot commit together. So a batch's writes keep the value before the batch beside
the one after it, and the journal says which batch wrote and what it went on to commit: a new owner of the
partition takes back what never finished. All writes are compare-and-puts on the version that was read, so an
instance that lost its partition without knowing it is refused, and its batch is abandoned.
"""

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, overload

from catenae.broker import Position
from catenae.errors import Conflict
from catenae.message import TopicPartition
from catenae.packing import pack, unpack
from catenae.runtime.journal import RESERVED, Journal, StateRecord
from catenae.store import ABSENT, Entry, Store, Write

V = TypeVar("V")

DEFAULT_CACHE_BYTES = 32 * 1024 * 1024
# What a cached key takes beside its packed value, about.
CELL_BYTES = 500
_NOTHING: Any = object()


@dataclass(slots=True)
class _Cell:
    """One key as this instance knows it; values are packed, None for none.

    version    of the record in the store, ABSENT for none
    settled    the value as of the committed positions
    value      the value as the next handler call sees it
    partition  number of the partition that last changed it
    """

    version: int
    settled: bytes | None
    value: bytes | None
    partition: int = -1


class _Scope(threading.local):
    """The handler call that this thread is in: its partition, and what it has changed so far."""

    partition: int = -1

    def __init__(self) -> None:
        self.changes: dict[str, Any] = {}
        self.packed: dict[str, bytes | None] = {}

    def clear(self) -> None:
        self.changes = {}
        self.packed = {}


class FencedState(Generic[V]):
    """A `State` on a store's namespace, for one instance of a node.

    The runtime calls `begin` when it has taken partitions over; `enter` before a handler, and after it
    `prepare` and `keep`, or `undo`; `flush` before the commit and `settle` after it, or `abandon` and `begin`
    instead of both. Handlers may run in several threads, with all of the calls around them; the rest is for
    one.
    """

    def __init__(self, store: Store, namespace: str, cache_bytes: int = DEFAULT_CACHE_BYTES) -> None:
        self._store = store
        self._namespace = namespace
        self._journal = Journal(store, namespace)
        self._cache_bytes = cache_bytes
        self._cached_bytes = 0
        self._cells: dict[str, _Cell] = {}
        self._changed: dict[str, _Cell] = {}
        self._scope = _Scope()
        self._lock = threading.Lock()

    # What authors call.

    @overload
    def get(self, key: str) -> V | None: ...
    @overload
    def get(self, key: str, default: V) -> V: ...
    def get(self, key: str, default: V | None = None) -> V | None:
        value = self._look_up(key)
        return default if value is _NOTHING else value

    def get_many(self, keys: Sequence[str]) -> dict[str, V]:
        self._fetch(keys)
        found = ((key, self._look_up(key)) for key in keys)
        return {key: value for key, value in found if value is not _NOTHING}

    def __getitem__(self, key: str) -> V:
        value: V = self._look_up(key)
        if value is _NOTHING:
            raise KeyError(key)
        return value

    def __setitem__(self, key: str, value: V) -> None:
        self._scope.changes[checked_key(key)] = value

    def __delitem__(self, key: str) -> None:
        if self._look_up(key) is _NOTHING:
            raise KeyError(key)
        self._scope.changes[key] = _NOTHING

    def __contains__(self, key: str) -> bool:
        return self._look_up(key) is not _NOTHING

    # What the runtime calls.

    def begin(self, committed: Mapping[TopicPartition, Position], generation: int) -> None:
        """Start from what the session read as committed at `generation`; raise `Conflict` to try again."""
        self._journal.take_over(committed, generation)

    def enter(self, partition: int) -> None:
        """Start a handler call on messages of this partition number, in this thread."""
        self._scope.clear()
        self._scope.partition = partition

    def prepare(self) -> None:
        """Do all of `keep` that may fail; raises CodecError for a value that cannot be packed."""
        changes = self._scope.changes
        if changes:
            self._scope.packed = {key: _pack_value(value) for key, value in changes.items()}
            self._fetch(changes)

    def keep(self) -> None:
        """Make what the call changed visible to the next ones; cannot fail."""
        with self._lock:
            for key, value in self._scope.packed.items():
                cell = self._cells[key]
                cell.value = value
                cell.partition = self._scope.partition
                self._changed[key] = cell
        self._scope.clear()

    def undo(self) -> None:
        """Forget what the call changed."""
        self._scope.clear()

    def flush(self, positions: Mapping[TopicPartition, Position]) -> None:
        """Write what the batch changed, to be believed once `positions` are committed; raise `Conflict`."""
        if not self._changed:
            return
        keys: dict[int, list[str]] = {}
        for key, cell in self._changed.items():
            keys.setdefault(cell.partition, []).append(key)
        batches = self._journal.announce(keys, positions)
        versions = self._store.compare_and_put(
            self._namespace,
            [
                Write(
                    key, StateRecord(batches[cell.partition], cell.value, cell.settled).packed(), cell.version
                )
                for key, cell in self._changed.items()
            ],
        )
        if len(versions) < len(self._changed):
            refused = len(self._changed) - len(versions)
            raise Conflict(
                f"{refused} of {len(self._changed)} keys in {self._namespace!r} were changed by another "
                f"instance; the batch is abandoned"
            )
        for key, cell in self._changed.items():
            self._cached_bytes += len(cell.value or b"") - len(cell.settled or b"")
            cell.version = versions[key]
            cell.settled = cell.value

    def settle(self) -> None:
        """Take the batch as committed."""
        self._changed = {}
        if self._cached_bytes > self._cache_bytes:
            self._forget()

    def abandon(self) -> None:
        """Forget everything that is not certain: the running batch, and what other instances may change."""
        self._scope.clear()
        self._changed = {}
        self._forget()

    def _forget(self) -> None:
        self._cells = {}
        self._cached_bytes = 0

    def _fetch(self, keys: Iterable[str]) -> None:
        """Read what is not yet known of `keys` in one round."""
        unknown = [checked_key(key) for key in keys if key not in self._cells]
        if unknown:
            entries = self._store.get_many(self._namespace, unknown)
            with self._lock:
                for key in unknown:
                    self._remember(key, entries.get(key))

    def _look_up(self, key: str) -> Any:
        changes = self._scope.changes
        if key in changes:
            return changes[key]
        cell = self._cells.get(key)
        if cell is None:
            entry = self._store.get(self._namespace, checked_key(key))
            with self._lock:
                cell = self._remember(key, entry)
        return _unpack_value(cell.value)

    def _remember(self, key: str, entry: Entry | None) -> _Cell:
        known = self._cells.get(key)
        if known is not None:
            return known
        settled = None if entry is None else StateRecord.unpacked(entry.value).value
        cell = _Cell(ABSENT if entry is None else entry.version, settled, settled)
        self._cells[key] = cell
        self._cached_bytes += CELL_BYTES + len(settled or b"")
        return cell


def checked_key(key: object) -> str:
    """Return a key that a State may have; raise TypeError or ValueError for any other."""
    if not isinstance(key, str):
        raise TypeError(f"a State key is of type {type(key).__name__}. Give messages a key of type str")
    if key.startswith(RESERVED):
        raise ValueError("a State key starts with NUL, which is reserved. Put something before it")
    return key


def _pack_value(value: Any) -> bytes | None:
    return None if value is _NOTHING else pack(value)


def _unpack_value(packed: bytes | None) -> Any:
    return _NOTHING if packed is None else unpack(packed)
