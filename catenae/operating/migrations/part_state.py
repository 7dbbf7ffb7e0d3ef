"""A step: the State of a node, parted anew among more partitions."""

from collections import Counter
from itertools import islice

import msgspec

from catenae.codec import encode_key
from catenae.deployment.evidence import last_batches
from catenae.errors import Conflict, StoreUnavailable
from catenae.operating.migrations.ground import Ground
from catenae.runtime.journal import Journal, JournalEntry
from catenae.runtime.state_names import owner_of
from catenae.runtime.state_records import NO_BATCH, StateRecord, StateRecords
from catenae.store import Entry, Write

CHUNK_KEYS = 500


class PartState(msgspec.Struct, frozen=True, tag="part state"):
    """Have each record of these States of `group` say to which of so many partitions its key belongs.

    As it was committed: what a batch had written that never was is gone. All of it is as written by one
    batch, and the journal of the node says so. Raises `StoreUnavailable` where the store was restarted
    meanwhile, and may have lost some of it: it can be done again.
    """

    group: str
    states: tuple[str, ...]
    partitions: int
    batch: int

    def says(self) -> str:
        """Return in words what it does."""
        names = ", ".join(self.states)
        return f"part what {self.group} keeps in State ({names}) among {self.partitions} partitions"

    def do(self, ground: Ground) -> None:
        """Do it."""
        incarnation = ground.store.incarnation()
        committed = last_batches(ground.positions(self.group))
        counts = {}
        for name in self.states:
            records = StateRecords(ground.store, f"{self.group}.{name}")
            self._part(ground, records, committed)
            counts[name] = Counter(record.partition for _, record in records.all() if self._is_parted(record))
        if ground.store.incarnation() != incarnation:
            raise StoreUnavailable(
                f"the store was restarted while the State of {self.group!r} was parted, and may have lost "
                f"some of it; do it again with catenae migrate TOPOLOGY --resume"
            )
        journal = Journal(ground.store, self.group)
        before = journal.read(range(self.partitions))
        generation = max((entry.generation for entry in before.values()), default=0)
        journal.write(
            {
                number: JournalEntry(
                    generation,
                    self.batch,
                    {},
                    {},
                    others={name: self.batch * found[number] for name, found in counts.items()},
                    incarnation=incarnation,
                )
                for number in range(self.partitions)
            }
        )

    def _part(self, ground: Ground, records: StateRecords, committed: dict[int, int]) -> None:
        found = ground.store.scan(records.namespace)
        while chunk := list(islice(found, CHUNK_KEYS)):
            writes = []
            for key, entry in chunk:
                record = StateRecord.unpacked(entry.value)
                if self._is_parted(record):
                    continue
                write = self._parted(ground, key, entry, record, committed)
                if write is None:
                    records.delete(key)
                else:
                    writes.append(write)
            records.put(writes)

    def _is_parted(self, record: StateRecord) -> bool:
        return record.batch == self.batch

    def _parted(
        self, ground: Ground, key: str, entry: Entry, record: StateRecord, committed: dict[int, int]
    ) -> Write | None:
        if record.batch > self.batch:
            raise Conflict(f"State of {self.group!r} was written by an instance that runs; stop it")
        is_ahead = record.batch > committed.get(record.partition, NO_BATCH)
        value = record.before if is_ahead else record.value
        if value is None:
            return None
        number = ground.broker.partition_of(encode_key(owner_of(key)) or b"", self.partitions)
        return Write(key, StateRecord(self.batch, number, value, value).packed(), entry.version)
