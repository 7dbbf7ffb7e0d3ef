"""The `State` that a microservice is given: what it changes counts with the batch's commit, or not at all."""

import logging
import threading
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from catenae.codec.packing import pack, unpack
from catenae.errors import KeyElsewhere, StateLost
from catenae.runtime.keyed_state import NOTHING, KeyedState
from catenae.runtime.lifetime import Lifetime, stamp_of, value_of
from catenae.runtime.state_cells import NOBODYS, Cell, Scope
from catenae.runtime.state_names import directory_of, is_directory, is_key, key_of, owner_of
from catenae.runtime.state_records import NO_BATCH, NOWHERE, OUTLIVED, StateRecord, StateRecords
from catenae.store import ABSENT, Entry, Store, Write

logger = logging.getLogger(__name__)

V = TypeVar("V")

DEFAULT_CACHE_BYTES = 32 * 1024 * 1024
# What a cached key takes beside its packed value, about.
CELL_BYTES = 500


class FencedState(KeyedState[V]):
    """A `State` on a store's namespace, for one instance of a node.

    The runtime calls `expect` before a batch, `enter` before a handler, and after it `prepare` and `keep`, or
    `undo`; and `take_back` where calls that were kept come again. Handlers may run in several threads, with
    all of these calls but the first around them. The rest is for `NodeState`, in one thread: `begin` when
    partitions were taken over; `write` before the commit and `settle` after it, or `abandon` and `begin`
    instead of both.

    lifetime  of its entries; None for ever
    """

    def __init__(
        self,
        store: Store,
        namespace: str,
        cache_bytes: int = DEFAULT_CACHE_BYTES,
        lifetime: Lifetime | None = None,
    ) -> None:
        self.records = StateRecords(store, namespace)
        self.lifetime = lifetime
        self._cache_bytes = cache_bytes
        self._cached_bytes = 0
        self._cells: dict[str, Cell] = {}
        self._changed: dict[str, Cell] = {}
        self._removed: dict[str, Cell] = {}
        self._written_again: Collection[str] = ()
        self._has_told = False
        self._coming: Collection[object] = ()
        self._expected: Collection[str] | None = None
        self._known: Mapping[int, int] = {}
        self._first_batch = 0
        self._scope = Scope()
        self._lock = threading.Lock()
        self._reading_ahead = threading.Lock()

    # What authors' calls come down to.

    def look_up(self, name: str) -> Any:
        changes = self._scope.changes
        if name in changes:
            return changes[name]
        cell = self._cells.get(name)
        kept = (self._read(name) if cell is None else cell).value
        if self.lifetime is not None and self.lifetime.is_over(kept, self._now_ms(self.lifetime)):
            return NOTHING
        packed = value_of(kept)
        return NOTHING if packed is None else unpack(packed)

    def fetch(self, names: Iterable[str]) -> None:
        unknown = [name for name in names if name not in self._cells]
        if unknown:
            entries = self.records.get_many(unknown)
            with self._lock:
                for name in unknown:
                    self._remember(name, entries.get(name))

    def change(self, name: str, value: Any) -> None:
        self._scope.changes[name] = value

    # What the runtime calls.

    def expect(self, keys: Collection[object]) -> None:
        """Be told the keys of the messages that are handled next.

        The first of them that is looked up and not known yet has all of them read in one round.
        """
        self._coming, self._expected = keys, None

    def enter(self, partition: int, keys: Collection[object] = (), as_of_ms: int | None = None) -> None:
        """Start a handler call on messages of this partition number and with these keys, in this thread.

        as_of_ms  the time that it is, of what is handled once more; None for the clock's
        """
        self._scope.clear()
        self._scope.partition = partition
        self._scope.keys = keys
        if self.lifetime is not None:
            self._scope.now_ms = self.lifetime.now_ms() if as_of_ms is None else as_of_ms

    def prepare(self) -> None:
        """Do all of `keep` that may fail.

        Raises CodecError, RecordTooLarge for a value too long, and KeyElsewhere for what is not of this call.
        """
        changes = self._scope.changes
        if changes:
            packed = {name: self._packed(name, value) for name, value in changes.items()}
            self.records.require_fit(packed)
            self._scope.packed = packed
            self.fetch(changes)
            self._require_own(changes)

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

    def take_back(self, number: int) -> None:
        """Give the keys that messages of this partition number have changed the values as of the commit."""
        with self._lock:
            for key in [key for key, cell in self._changed.items() if cell.partition == number]:
                self._changed[key].value = self._changed[key].settled
                if key not in self._written_again:
                    self._changed.pop(key).partition = NOBODYS

    # What `NodeState` calls.

    def begin(self, known: Mapping[int, int], first_batch: int) -> None:
        """Own these partition numbers.

        known        the last batch of each that the journal knows
        first_batch  the number from which on batches are this instance's own
        """
        self._known = known
        self._first_batch = first_batch

    def changed(self) -> dict[int, dict[str, int]]:
        """Return the keys that the running batch has changed, or the last has removed, by partition number.

        With each comes the last batch of this partition that has written it.
        """
        keys: defaultdict[int, dict[str, int]] = defaultdict(dict)
        for key, cell in self._changed.items():
            keys[cell.partition][key] = cell.predecessor()
        return keys

    def running(self) -> Iterator[tuple[int, str, V | None]]:
        """Return the partition, key and value of what the running batch has changed, None for no value."""
        for key, cell in self._changed.items():
            packed = value_of(cell.value)
            yield cell.partition, key, None if packed is None else unpack(packed)

    def write(self, batch: int) -> None:
        """Store what has changed; raise `Conflict` if somebody else has changed any of it."""
        if not self._changed:
            return
        writes = []
        for key, cell in self._changed.items():
            value, before, partition = cell.value, cell.settled, cell.partition
            if cell.writer != partition and cell.batch != NO_BATCH:
                self._share(cell)
            record = StateRecord(batch, partition, value, before, cell.elsewhere)
            writes.append(Write(key, record.packed(), cell.version))
            self._cached_bytes += len(value or b"") - len(before or b"")
            if value_of(value) is None and value_of(before) is not None:
                self._removed[key] = cell
            cell.batch, cell.writer, cell.settled = batch, partition, value
        for key, version in self.records.put(writes).items():
            self._changed[key].version = version

    def settle(self) -> None:
        """Take the batch as committed."""
        # Written once more with the next batch: then nothing tells any longer what it was that was removed.
        self._changed, self._removed = self._removed, {}
        self._written_again = frozenset(self._changed)
        if self._cached_bytes > self._cache_bytes:
            self._forget()

    def abandon(self) -> None:
        """Forget everything that is not certain: the running batch, and what other instances may change."""
        self._scope.clear()
        self._changed = {}
        self._removed = {}
        self._written_again = ()
        self._forget()

    # What is over.

    def remove_over(self, names: Sequence[str]) -> None:
        """Remove with the running batch what is over of these, and stamp what has no stamp."""
        lifetime = self.lifetime
        if lifetime is None or not names:
            return
        self.fetch(names)
        now_ms = lifetime.now_ms()
        bare = lifetime.stamped(None, now_ms)
        for name in names:
            cell = self._cells[name]
            if name in self._changed or cell.writer not in self._known:
                continue
            if stamp_of(cell.value) is None:
                self._sweep(name, lifetime.stamped(cell.value, now_ms))
            elif lifetime.is_over(cell.value, now_ms):
                self._sweep(name, bare)
                self._unlist(name, bare)

    def bare(self, names: Sequence[str]) -> dict[int, dict[str, int]]:
        """Return those of the names that have no value, as `changed` does its own."""
        self.fetch(names)
        found: defaultdict[int, dict[str, int]] = defaultdict(dict)
        for name in names:
            cell = self._cells[name]
            is_owned = cell.writer in self._known and not cell.elsewhere
            if is_owned and name not in self._changed and value_of(cell.value) is None:
                found[cell.writer][name] = cell.batch
        return found

    def let_go(self, names: Iterable[str]) -> None:
        """Delete the records of names, once the journal says that they are of no more use."""
        for name in names:
            self.records.delete(name)
            del self._cells[name]

    def _sweep(self, name: str, kept: bytes) -> None:
        cell = self._cells[name]
        cell.value, cell.partition = kept, cell.writer
        self._changed[name] = cell

    def _unlist(self, name: str, bare: bytes) -> None:
        """Take a sub-key out of the list of its key."""
        match key_of(name):
            case (str() as key, str() as sub_key):
                directory = directory_of(key)
                self.fetch([directory])
                listed = value_of(self._cells[directory].value)
                if listed is not None:
                    rest = [each for each in unpack(listed) if each != sub_key]
                    self._sweep(directory, pack(rest) if rest else bare)

    def _packed(self, name: str, value: Any) -> bytes | None:
        packed = None if value is NOTHING else pack(value)
        if self.lifetime is None or (packed is not None and is_directory(name)):
            return packed
        return self.lifetime.stamped(packed, self._now_ms(self.lifetime))

    def _now_ms(self, lifetime: Lifetime) -> int:
        """Return the time as of this thread's call; within one it stands still."""
        now_ms = self._scope.now_ms
        return lifetime.now_ms() if now_ms is None else now_ms

    def _require_own(self, names: Iterable[str]) -> None:
        """Raise `KeyElsewhere` for a name that is of no message at hand, and of another partition."""
        scope = self._scope
        for name in names:
            owner = self._cells[name].owner()
            if owner not in (scope.partition, NOBODYS) and owner_of(name) not in scope.keys:
                raise KeyElsewhere(self.records.namespace, owner, scope.partition)

    def _share(self, cell: Cell) -> None:
        """Keep in mind for a record which other partitions have written it; tell of the first such."""
        known = StateRecord(cell.batch, cell.writer, None, None, cell.elsewhere)
        cell.elsewhere = known.elsewhere_of(cell.partition)
        if not self._has_told:
            self._has_told = True
            logger.warning(
                "state key is written by several partitions",
                extra={
                    "state": self.records.namespace,
                    "partitions": f"{cell.writer} and {cell.partition}",
                    "advice": "give the messages that share it one key, or owners undo each other's batches",
                },
            )

    def _forget(self) -> None:
        self._cells = dict(self._changed)
        self._cached_bytes = CELL_BYTES * len(self._cells)

    def _read(self, key: str) -> Cell:
        expected = self._expected
        if expected is None:
            # Not sooner: mostly all is known.
            expected = self._expected = {each for each in self._coming if is_key(each)}
        if key in expected:
            with self._reading_ahead:
                self.fetch(expected)
            return self._cells[key]
        entry = self.records.get(key)
        with self._lock:
            return self._remember(key, entry)

    def _remember(self, key: str, entry: Entry | None) -> Cell:
        known = self._cells.get(key)
        if known is not None:
            return known
        if entry is None:
            cell = Cell(ABSENT, NO_BATCH, NOBODYS, NOWHERE, None, None)
        else:
            record = self._checked(StateRecord.unpacked(entry.value))
            batch, writer, value, _, elsewhere = record
            cell = Cell(entry.version, batch, writer, elsewhere, value, value)
        self._cells[key] = cell
        self._cached_bytes += CELL_BYTES + len(cell.value or b"")
        return cell

    def _checked(self, record: StateRecord) -> StateRecord:
        """Raise `StateLost` for a record that outlived its journal entry: nobody knows what else is lost."""
        for number in (record.partition, *record.elsewhere):
            batch = record.last_of(number)
            if self._known.get(number, batch) < batch < self._first_batch:
                raise StateLost(self.records.namespace, number, OUTLIVED)
        return record
