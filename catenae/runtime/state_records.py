"""The records of one State as stored, and how those of a batch are looked at and taken back."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from catenae.errors import Conflict, RecordTooLarge
from catenae.packing import pack, unpack
from catenae.store import ABSENT, Entry, Store, Write

# The number of no batch: what a record has that was given its former value back.
NO_BATCH = 0


class StateRecord(NamedTuple):
    """One key as stored.

    batch      number of the batch that wrote it
    partition  number of the partition that the batch handled
    value      packed value after that batch, None for none
    before     packed value before that batch, None for none
    """

    batch: int
    partition: int
    value: bytes | None
    before: bytes | None

    def packed(self) -> bytes:
        """Return the bytes that `unpacked` reads."""
        return pack(list(self))

    @classmethod
    def unpacked(cls, stored: bytes) -> "StateRecord":
        """Read what `packed` wrote."""
        return cls(*unpack(stored))


# What a record takes beside its two values.
BESIDE_VALUES_BYTES = 40


class StateRecords:
    """The records of one namespace of a store."""

    def __init__(self, store: Store, namespace: str) -> None:
        self._store = store
        self.namespace = namespace
        limit_bytes = store.max_value_bytes
        # A record holds a value twice: as it is now, and as it will be before the next batch.
        self._limit_bytes = None if limit_bytes is None else (limit_bytes - BESIDE_VALUES_BYTES) // 2

    def require_fit(self, values: Iterable[bytes | None]) -> None:
        """Raise `RecordTooLarge` for the first packed value that no record could hold."""
        if self._limit_bytes is not None:
            for value in values:
                if value is not None and len(value) > self._limit_bytes:
                    raise RecordTooLarge(len(value), self._limit_bytes)

    def get(self, key: str) -> Entry | None:
        """Return one as it is stored."""
        return self._store.get(self.namespace, key)

    def get_many(self, keys: Sequence[str]) -> dict[str, Entry]:
        """Return several as they are stored, in one round."""
        return self._store.get_many(self.namespace, keys)

    def put(self, writes: Sequence[Write]) -> dict[str, int]:
        """Store and return the new versions; raise `Conflict` if one is not as it was read."""
        versions = self._store.compare_and_put(self.namespace, writes)
        if len(versions) < len(writes):
            raise Conflict(
                f"{len(writes) - len(versions)} of {len(writes)} keys in {self.namespace!r} were changed by "
                f"another instance; the batch is abandoned"
            )
        return versions

    def batches(self, keys: Sequence[str]) -> dict[str, tuple[int, int]]:
        """Return batch and partition of what there is of `keys`."""
        return {key: StateRecord.unpacked(entry.value)[:2] for key, entry in self.get_many(keys).items()}

    def take_back(self, keys: Sequence[str], batch: int, partition: int) -> None:
        """Give each key the value it had before `batch`, and a version the batch's writer does not know."""
        found = self.get_many(keys)
        self.put([_taken_back(key, found.get(key), batch, partition) for key in keys])

    def require_unchanged(self, versions: Mapping[str, int]) -> None:
        """Raise `Conflict` unless keys still have these versions."""
        found = self.get_many(list(versions))
        if {key: entry.version for key, entry in found.items()} != versions:
            raise Conflict(f"keys in {self.namespace!r} are not as they were written")


def _taken_back(key: str, entry: Entry | None, batch: int, partition: int) -> Write:
    if entry is None:
        return Write(key, StateRecord(NO_BATCH, partition, None, None).packed(), ABSENT)
    record = StateRecord.unpacked(entry.value)
    if record.batch == batch and record.partition == partition:
        record = StateRecord(NO_BATCH, partition, record.before, record.before)
    return Write(key, record.packed(), entry.version)
