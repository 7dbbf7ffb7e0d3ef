"""A store in an Aerospike cluster, shared by many machines."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from catenae.clock import Clock, SystemClock
from catenae.store import ABSENT, Entry, Store, Write
from catenae.stores import aerospike_record as record
from catenae.stores.aerospike_address import AerospikeAddress
from catenae.stores.aerospike_cluster import AerospikeCluster
from catenae.stores.aerospike_round import Attempt, WriteRound, new_version

# So many at most in one request, below the 5,000 that servers take.
ROUND_KEYS = 2000
ROUND_BYTES = 16 * 1024 * 1024
# What a record takes beside its value: a key of up to 2 KiB, a namespace twice, and Aerospike's own.
BESIDE_VALUE_BYTES = 4096


def open_aerospike(address: str) -> Store:
    """Connect to the cluster of `AerospikeAddress.parse`."""
    return AerospikeStore(AerospikeAddress.parse(address), SystemClock())


class AerospikeStore:
    """Aerospike keeps it. `compare_and_put` stores some of a round where it refuses others.

    A namespace is printable text of 1 to 255 bytes (StoreError otherwise), a key any text. A record takes
    what the server's `max-record-size` allows, 1 MiB by default, with the key and about 100 bytes more. A key
    that is removed keeps its place in the cluster's index. A server without replicas that is killed loses the
    last second or so of what it had acknowledged: in order, if its namespace has one device or file and that
    keeps up with the writes.

    Raises `StoreUnavailable` after a few seconds; a write that raised it may or may not be stored.
    """

    def __init__(self, address: AerospikeAddress, clock: Clock) -> None:
        self._cluster = AerospikeCluster(address, clock)
        self._round = WriteRound(self._cluster.send, self._versions, clock, self._cluster.limit_bytes)

    @property
    def max_value_bytes(self) -> int:
        return self._cluster.limit_bytes - BESIDE_VALUE_BYTES

    def get(self, namespace: str, key: str) -> Entry | None:
        return self.get_many(namespace, [key]).get(key)

    def get_many(self, namespace: str, keys: Sequence[str]) -> dict[str, Entry]:
        found = ((key, record.entry(bins)) for key, bins in self._read(namespace, keys))
        return {key: entry for key, entry in found if entry is not None}

    def put(self, namespace: str, key: str, value: bytes) -> None:
        self.put_many(namespace, {key: value})

    def put_many(self, namespace: str, values: Mapping[str, bytes]) -> None:
        self._write(Attempt(namespace, key, value, None, new_version()) for key, value in values.items())

    def put_if_absent(self, namespace: str, key: str, value: bytes) -> bool:
        return bool(self.compare_and_put(namespace, [Write(key, value, ABSENT)]))

    def compare_and_put(self, namespace: str, writes: Sequence[Write]) -> dict[str, int]:
        return self._write(
            Attempt(namespace, key, value, version, new_version()) for key, value, version in writes
        )

    def delete(self, namespace: str, key: str) -> None:
        self._remove(namespace, [key])

    def scan(self, namespace: str) -> Iterator[tuple[str, Entry]]:
        for key, bins in self._cluster.scan(namespace, [record.VERSION, record.VALUE]):
            entry = record.entry(bins)
            if entry is not None:
                yield record.key_text(key), entry

    def drop(self, namespace: str) -> None:
        keys = (record.key_text(key) for key, _ in self._cluster.scan(namespace, [record.VERSION]))
        self._remove(namespace, keys)

    def namespaces(self) -> Sequence[str]:
        return sorted({bins[record.NAMESPACE] for _, bins in self._cluster.scan(None, [record.NAMESPACE])})

    def close(self) -> None:
        self._cluster.close()

    def _remove(self, namespace: str, keys: Iterable[str]) -> None:
        self._write(Attempt(namespace, key, None, None, new_version()) for key in keys)

    def _write(self, attempts: Iterable[Attempt]) -> dict[str, int]:
        stored: dict[str, int] = {}
        for each in rounds(attempts):
            stored |= self._round.run(each)
        return stored

    def _read(self, namespace: str, keys: Sequence[str]) -> Iterator[tuple[str, dict[str, Any]]]:
        for start in range(0, len(keys), ROUND_KEYS):
            wanted = [record.user_key(namespace, key) for key in keys[start : start + ROUND_KEYS]]
            for key, bins in self._cluster.read(wanted):
                yield record.key_text(key), bins

    def _versions(self, namespace: str, keys: Sequence[str]) -> dict[str, int]:
        return {key: bins[record.VERSION] for key, bins in self._read(namespace, keys)}


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
