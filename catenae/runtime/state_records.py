"""The records of one State as stored, and how those of a batch are taken back."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

from catenae.codec.packing import unpack
from catenae.errors import Conflict, RecordTooLarge
from catenae.store import ABSENT, Entry, Store, Write

# The number of no batch: what a key has that was never written.
NO_BATCH = 0
NOWHERE: Mapping[int, int] = {}
# Of numbers and bytes alone, `packing` makes the same in three times the time.
_PACKER = msgspec.msgpack.Encoder()
# Of a `StateLost`: nobody knows what else is lost then.
OUTLIVED = "the store has kept a record and lost the journal entry that was written before it"


class StateRecord(NamedTuple):
    """One key as stored.

    batch      number of the batch that wrote it, larger than that of the record it replaced
    partition  number of the partition that the batch handled
    value      packed value after that batch, None for none
    before     packed value before that batch, None for none
    elsewhere  the last batch of each other partition that has written the key, by number; none should have
    """

    batch: int
    partition: int
    value: bytes | None
    before: bytes | None
    elsewhere: Mapping[int, int] = NOWHERE

    def packed(self) -> bytes:
        """Return the bytes that `unpacked` reads."""
        return _PACKER.encode(self if self.elsewhere else self[:4])

    @classmethod
    def unpacked(cls, stored: bytes) -> "StateRecord":
        """Read what `packed` wrote."""
        return cls(*unpack(stored))

    def last_of(self, partition: int) -> int:
        """Return the last batch of a partition that has written the key."""
        return self.batch if self.partition == partition else self.elsewhere.get(partition, NO_BATCH)

    def elsewhere_of(self, partition: int) -> Mapping[int, int]:
        """Return the `elsewhere` of what a partition writes in place of this."""
        if self.partition == partition or self.batch == NO_BATCH:
            return self.elsewhere
        batches = {**self.elsewhere, self.partition: self.batch}
        return {number: batch for number, batch in batches.items() if number != partition}


# What a record takes beside its two values, and the key's bytes for which a store has room beside a value.
BESIDE_VALUES_BYTES = 40
KEY_BYTES = 2048

# Records as they were read, by key.
Found = dict[str, Entry]


class StateRecords:
    """The records of one namespace of a store."""

    def __init__(self, store: Store, namespace: str) -> None:
        self._store = store
        self.namespace = namespace
        self._room_bytes = store.max_value_bytes

    def require_fit(self, values: Mapping[str, bytes | None]) -> None:
        """Raise `RecordTooLarge` for the first key whose packed value no record could hold."""
        if self._room_bytes is None:
            return
        for key, value in values.items():
            extra_bytes = len(key.encode("utf-8", "surrogatepass")) - KEY_BYTES
            # A record holds a value twice: as it is now, and as it will be before the next batch.
            limit_bytes = (self._room_bytes - BESIDE_VALUES_BYTES - max(extra_bytes, 0)) // 2
            if len(value or b"") > limit_bytes:
                raise RecordTooLarge(len(value or b"") + max(extra_bytes, 0), max(limit_bytes, 0))

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

    def delete(self, key: str) -> None:
        """Remove a record, and with it what fences it."""
        self._store.delete(self.namespace, key)

    def all(self) -> Iterator[tuple[str, StateRecord]]:
        """Yield every key and its record."""
        for key, entry in self._store.scan(self.namespace):
            yield key, StateRecord.unpacked(entry.value)

    def take_back(self, keys: Mapping[str, int], read: Found, batch: int, partition: int) -> None:
        """Give keys the values they had as of the batches named, and a version no earlier writer knows.

        `batch` is then what has written them. Doing it again, under a higher number, is the same.

        read  the records, as they were before earlier owners were fenced; kept up to date. Raises `Conflict`
              where one has changed since: an owner that is fenced itself must not undo what the next one does
        """
        if not keys:
            return
        writes = [self._taken_back(key, read.get(key), was, batch, partition) for key, was in keys.items()]
        versions = self.put(writes)
        read.update({each.key: Entry(each.value, versions[each.key]) for each in writes})

    @staticmethod
    def _taken_back(key: str, entry: Entry | None, was: int, batch: int, partition: int) -> Write:
        record = StateRecord(NO_BATCH, partition, None, None)
        if entry is not None:
            record = StateRecord.unpacked(entry.value)
        value = record.before if record.last_of(partition) > was else record.value
        taken_back = StateRecord(batch, partition, value, value, record.elsewhere_of(partition))
        return Write(key, taken_back.packed(), ABSENT if entry is None else entry.version)
