"""What a batch is about to write to a store, kept there itself: by it an unfinished batch is taken back.

Each partition number of a State has one entry: its owner's generation, the number of the batch that wrote
last, the positions it went on to commit, and the keys it wrote. A batch writes its entry first. Whoever
takes the partition over reads it: positions ahead of the committed ones tell that the batch never finished,
and its keys which records to take back. Then the entry is written anew, which fences every earlier owner:
the entry and all the keys it could still write have versions that it does not know, and an owner that had not
begun yet finds a later generation than its own.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catenae.broker import Position
from catenae.errors import Conflict
from catenae.message import TopicPartition
from catenae.packing import pack, unpack
from catenae.store import ABSENT, Entry, Store, Write

# Keys of authors do not start with it.
RESERVED = "\0"


@dataclass(frozen=True, slots=True)
class StateRecord:
    """One key as stored.

    batch   number of the batch that wrote it
    value   packed value after that batch, None for none
    before  packed value before that batch, None for none
    """

    batch: int
    value: bytes | None
    before: bytes | None

    def packed(self) -> bytes:
        """Return the bytes that `unpacked` reads."""
        return pack([self.batch, self.value, self.before])

    @classmethod
    def unpacked(cls, stored: bytes) -> "StateRecord":
        """Read what `packed` wrote."""
        return cls(*unpack(stored))


class Journal:
    """The entries of the partitions that one instance owns, in one namespace of a store."""

    def __init__(self, store: Store, namespace: str) -> None:
        self._store = store
        self._namespace = namespace
        self._generation = 0
        self._batches: dict[int, int] = {}
        self._versions: dict[int, int] = {}

    def take_over(self, committed: Mapping[TopicPartition, Position], generation: int) -> None:
        """Own the partitions of `committed`: take back what never finished, and fence earlier owners.

        generation  of the session at which it read `committed`

        Raises `Conflict` if an instance of a later generation owns one of them, or takes it over right now;
        nothing is lost by trying again.
        """
        numbers = sorted({each.partition for each in committed})
        self._generation, self._batches, self._versions = generation, {}, {}
        entries = self._store.get_many(self._namespace, [_key(number) for number in numbers])
        for number in numbers:
            entry = entries.get(_key(number))
            owner, batch, reached, keys = (0, 0, [], []) if entry is None else unpack(entry.value)
            if owner > generation:
                raise Conflict(f"partition {number} of {self._namespace!r} has a later owner")
            if _is_ahead(reached, committed):
                self._take_back(keys, batch)
            self._batches[number] = batch
            self._versions[number] = ABSENT if entry is None else entry.version
        self.announce(dict.fromkeys(numbers, ()), committed)

    def announce(
        self, keys: Mapping[int, Sequence[str]], positions: Mapping[TopicPartition, Position]
    ) -> dict[int, int]:
        """Say which keys are about to be written by partition number, and what will be committed then.

        Returns the number of the batch by partition number; raises `Conflict` if another instance owns one.
        """
        batches = {number: self._batches[number] + 1 for number in keys}
        self._put(
            [
                Write(
                    _key(number),
                    pack([self._generation, batches[number], _reached(number, positions), list(some)]),
                    self._versions[number],
                )
                for number, some in keys.items()
            ]
        )
        self._batches.update(batches)
        return batches

    def _take_back(self, keys: Sequence[str], batch: int) -> None:
        """Give each key the value it had before `batch`, and a version the batch's writer does not know."""
        entries = self._store.get_many(self._namespace, keys)
        writes = [_taken_back(key, entries.get(key), batch) for key in keys]
        if len(self._store.compare_and_put(self._namespace, writes)) < len(writes):
            raise Conflict(f"keys in {self._namespace!r} are being written by another instance; try again")

    def _put(self, writes: Sequence[Write]) -> None:
        if not writes:
            return
        versions = self._store.compare_and_put(self._namespace, writes)
        if len(versions) < len(writes):
            raise Conflict(f"partitions of {self._namespace!r} were taken over by another instance")
        self._versions.update((_number(key), version) for key, version in versions.items())


def is_journal(key: str) -> bool:
    """Say whether a key of a State's namespace is a partition's entry."""
    return key.startswith(RESERVED)


def without_keys(entry: bytes, is_meant: Callable[[str], bool]) -> bytes:
    """Return an entry that no longer names the keys that are meant; their records must be gone."""
    generation, batch, reached, keys = unpack(entry)
    return pack([generation, batch, reached, [key for key in keys if not is_meant(key)]])


def _taken_back(key: str, entry: Entry | None, batch: int) -> Write:
    if entry is None:
        return Write(key, StateRecord(batch, None, None).packed(), ABSENT)
    record = StateRecord.unpacked(entry.value)
    value = record.before if record.batch == batch else record.value
    return Write(key, StateRecord(batch, value, value).packed(), entry.version)


def _is_ahead(reached: Sequence[Any], committed: Mapping[TopicPartition, Position]) -> bool:
    """Say whether any of these positions, [topic, partition, offset], is ahead of the committed one."""
    return any(
        offset > committed[TopicPartition(topic, partition)].offset
        for topic, partition, offset in reached
        if TopicPartition(topic, partition) in committed
    )


def _reached(number: int, positions: Mapping[TopicPartition, Position]) -> list[list[Any]]:
    return [
        [topic, partition, position.offset]
        for (topic, partition), position in positions.items()
        if partition == number
    ]


def _key(number: int) -> str:
    return f"{RESERVED}{number}"


def _number(key: str) -> int:
    return int(key.removeprefix(RESERVED))
