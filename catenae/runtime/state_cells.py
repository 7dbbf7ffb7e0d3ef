"""What an instance knows of a State's keys, and what the running handler call has done to them."""

import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from catenae.runtime.state_records import NO_BATCH

# In place of a partition's number.
NOBODYS = -1


@dataclass(slots=True)
class Cell:
    """One key as this instance knows it; values are packed, None for none.

    version    of the record in the store, ABSENT for none
    batch      that has written this record last, NO_BATCH for none
    writer     number of the partition of that batch
    elsewhere  as in the record
    settled    the value as of the committed positions
    value      the value as the next handler call sees it
    partition  number of the partition that last changed it
    """

    version: int
    batch: int
    writer: int
    elsewhere: Mapping[int, int]
    settled: bytes | None
    value: bytes | None
    partition: int = NOBODYS

    def owner(self) -> int:
        """Return the number of the partition whose messages have written the key, NOBODYS if none have."""
        return self.writer if self.partition == NOBODYS else self.partition

    def predecessor(self) -> int:
        """Return the last batch of the partition that last changed it, of those that are in the store."""
        return self.batch if self.writer == self.partition else self.elsewhere.get(self.partition, NO_BATCH)


class Scope(threading.local):
    """The handler call that this thread is in: its partition and keys, and what it has changed so far."""

    partition: int = -1
    keys: Collection[object] = ()
    now_ms: int | None = None

    def __init__(self) -> None:
        self.changes: dict[str, Any] = {}
        self.packed: dict[str, bytes | None] = {}

    def clear(self) -> None:
        self.changes = {}
        self.packed = {}
        self.now_ms = None
