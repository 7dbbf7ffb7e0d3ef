"""A store in an Aerospike cluster, shared by many machines."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Protocol

from catenae.clock import Clock, SystemClock
from catenae.errors import DataFolderError, StoreUnavailable
from catenae.store import ABSENT, Entry, Store, Write
from catenae.stores import aerospike_record as record
from catenae.stores.aerospike_address import AerospikeAddress
from catenae.stores.aerospike_cluster import AerospikeCluster, Bins
from catenae.stores.aerospike_round import Attempt, Limits, WriteRound, new_version
from catenae.stores.aerospike_status import ROUND_KEYS

ROUND_BYTES = 16 * 1024 * 1024
# What a record takes beside its value: a key of up to 2 KiB, a namespace twice, and Aerospike's own.
BESIDE_VALUE_BYTES = 4096


def open_aerospike(address: str) -> Store:
    """Connect to the cluster of `AerospikeAddress.parse`."""
    clock = SystemClock()
    return AerospikeStore(AerospikeCluster(AerospikeAddress.parse(address), clock), clock)


class Cluster(Protocol):
    """What a store needs of an `AerospikeCluster`."""

    who: str
    limit_bytes: int

    def incarnation(self) -> str: ...
    def send(self, attempts: Sequence[Attempt]) -> Sequence[int]: ...
    def read(self, keys: Sequence[bytearray], bins: Sequence[str]) -> Sequence[tuple[bytearray, Bins]]: ...
    def remove(self, keys: Sequence[bytearray]) -> None: ...
    def scan(self, namespace: str | None, bins: Sequence[str]) -> Iterator[tuple[bytearray, Bins]]: ...
    def close(self) -> None: ...


class AerospikeStore:
    """Aerospike keeps it. `compare_and_put` stores some of a round where it refuses others.

    A namespace is printable text of 1 to 255 bytes (StoreError otherwise), a key any text. A record takes
    what the server's `max-record-size` allows, 1 MiB by default, with the key and about 100 bytes more. A key
    that is removed keeps its place in the cluster's index, unless a namespace that is full was dropped.

    A server without replicas that is killed loses the last second or so of what it had acknowledged: the
    newest first, if its namespace has one device, or one file written with `direct-files`, and no record is
    overwritten in place (see `aerospike_record`). Of `put`s at the same moment two may be of equal size.

    Raises `StoreUnavailable` after a few seconds; a write that raised it may or may not be stored.
    """

    def __init__(self, cluster: Cluster, clock: Clock) -> None:
        self._cluster = cluster
        self._incarnation = cluster.incarnation()
        limits = Limits(cluster.who, cluster.limit_bytes)
        self._round = WriteRound(cluster.send, self._versions, self._still_lives, clock, limits)

    @property
    def max_value_bytes(self) -> int:
        return self._cluster.limit_bytes - BESIDE_VALUE_BYTES

    @property
    def removes_for_good(self) -> bool:
        return False

    def incarnation(self) -> str:
        self._incarnation = self._cluster.incarnation()
        return self._incarnation

    def get(self, namespace: str, key: str) -> Entry | None:
        return self.get_many(namespace, [key]).get(key)

    def get_many(self, namespace: str, keys: Sequence[str]) -> dict[str, Entry]:
        found = (
            (key, record.entry(bins))
            for key, bins in self._read(namespace, keys, [record.VERSION, record.VALUE])
        )
        return {key: entry for key, entry in found if entry is not None}

    def put(self, namespace: str, key: str, value: bytes) -> None:
        self.put_many(namespace, {key: value})

    def put_many(self, namespace: str, values: Mapping[str, bytes]) -> None:
        self._replace(namespace, values)

    def put_if_absent(self, namespace: str, key: str, value: bytes) -> bool:
        return bool(self.compare_and_put(namespace, [Write(key, value, ABSENT)]))

    def compare_and_put(self, namespace: str, writes: Sequence[Write]) -> dict[str, int]:
        return self._write(
            Attempt(namespace, key, value, version, new_version(version)) for key, value, version in writes
        )

    def delete(self, namespace: str, key: str) -> None:
        self._replace(namespace, {key: None})

    def scan(self, namespace: str) -> Iterator[tuple[str, Entry]]:
        for key, bins in self._cluster.scan(namespace, [record.VERSION, record.VALUE]):
            entry = record.entry(bins)
            if entry is not None:
                yield record.key_text(key), entry

    def drop(self, namespace: str) -> None:
        try:
            for keys in self._rounds_of_keys(namespace):
                self._replace(namespace, dict.fromkeys(map(record.key_text, keys)))
        except DataFolderError:
            # Full: there is no room even for emptied records.
            for keys in self._rounds_of_keys(namespace):
                self._cluster.remove(keys)

    def namespaces(self) -> Sequence[str]:
        return sorted({bins[record.NAMESPACE] for _, bins in self._cluster.scan(None, [record.NAMESPACE])})

    def close(self) -> None:
        self._cluster.close()

    def _rounds_of_keys(self, namespace: str) -> Iterator[list[bytearray]]:
        keys = (key for key, _ in self._cluster.scan(namespace, [record.VERSION]))
        while some := list(islice(keys, ROUND_KEYS)):
            yield some

    def _replace(self, namespace: str, values: Mapping[str, bytes | None]) -> None:
        """Store, or remove for None, whatever is there; what that is only says of which size not to be."""
        former = self._versions(namespace, list(values))
        self._write(
            Attempt(namespace, key, value, None, new_version(former.get(key, ABSENT)))
            for key, value in values.items()
        )

    def _write(self, attempts: Iterable[Attempt]) -> dict[str, int]:
        stored: dict[str, int] = {}
        for each in rounds(attempts):
            stored |= self._round.run(each)
        return stored

    def _read(self, namespace: str, keys: Sequence[str], bins: Sequence[str]) -> Iterator[tuple[str, Bins]]:
        for start in range(0, len(keys), ROUND_KEYS):
            wanted = [record.user_key(namespace, key) for key in keys[start : start + ROUND_KEYS]]
            for key, found in self._cluster.read(wanted, bins):
                yield record.key_text(key), found

    def _versions(self, namespace: str, keys: Sequence[str]) -> dict[str, int]:
        found = self._read(namespace, keys, [record.VERSION])
        return {key: bins[record.VERSION] for key, bins in found}

    def _still_lives(self) -> None:
        known = self._incarnation
        if self.incarnation() != known:
            raise StoreUnavailable(
                f"{self._cluster.who} was restarted, or its cluster changed, while it was written to; what "
                "was written before may be lost. Read it again"
            )


def rounds(attempts: Iterable[Attempt]) -> Iterator[list[Attempt]]:
    """Cut attempts into requests of a size that servers take; usually there is one."""
    taken: list[Attempt] = []
    size_bytes = 0
    for attempt in attempts:
        more_bytes = len(attempt.value or b"")
        if taken and (len(taken) == ROUND_KEYS or size_bytes + more_bytes > ROUND_BYTES):
            yield taken
            taken, size_bytes = [], 0
        taken.append(attempt)
        size_bytes += more_bytes
    if taken:
        yield taken
