"""A model of an Aerospike cluster of one server: what it writes where, and what it loses when it is killed.

A device has a buffer in memory. A record goes to its end, unless its former version is in the buffer and
takes as many units: then it takes the place of that one. The buffer is flushed from front to back, so that a
server killed meanwhile has on its device what was in front.
"""

import zlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from catenae.store import ABSENT
from catenae.stores import aerospike_record as record
from catenae.stores.aerospike_round import Attempt
from catenae.stores.aerospike_status import Status

Bins = dict[str, Any]
LIMIT_BYTES = 64 * 1024
UNIT_BYTES = 16
# Of a record, beside its bins' values.
BESIDE_BYTES = 60


class _Device:
    def __init__(self) -> None:
        self._flushed: dict[bytes, Bins] = {}
        self._buffer: list[tuple[bytes, Bins]] = []
        # Where in the buffer the newest version of a record is.
        self._places: dict[bytes, int] = {}

    def held(self) -> list[bytes]:
        return list({**self._flushed, **self._places})

    def get(self, key: bytes) -> Bins | None:
        place = self._places.get(key)
        return self._flushed.get(key) if place is None else self._buffer[place][1]

    def write(self, key: bytes, bins: Bins) -> None:
        place = self._places.get(key)
        if place is not None and _units(self._buffer[place][1]) == _units(bins):
            self._buffer[place] = (key, bins)
        else:
            self._places[key] = len(self._buffer)
            self._buffer.append((key, bins))

    def flush(self, records: int | None = None) -> None:
        """Write what is in front of the buffer, or all of it; the rest is gone then."""
        self._flushed.update(self._buffer[:records])
        self._buffer, self._places = [], {}

    def remove(self, key: bytes) -> None:
        self._flushed.pop(key, None)
        if key in self._places:
            self._buffer = [(held, bins) for held, bins in self._buffer if held != key]
            self._places = {held: place for place, (held, _) in enumerate(self._buffer)}


def _units(bins: Mapping[str, Any]) -> int:
    size_bytes = BESIDE_BYTES + sum(len(each) if isinstance(each, bytes) else 8 for each in bins.values())
    return -(-size_bytes // UNIT_BYTES)


class FlushingCluster:
    """What `AerospikeStore` takes for its cluster.

    is_full     it takes no writes, and only removes
    dies_in     requests to write until the server is killed and is back; None for never
    keeps       how many records each device has flushed of its buffer then
    unanswered  requests to write that get lost from now on
    """

    who = "Aerospike at model:3000"
    limit_bytes = LIMIT_BYTES

    def __init__(self, devices: int = 1) -> None:
        self._devices = [_Device() for _ in range(devices)]
        self._starts = 0
        self.is_full = False
        self.dies_in: int | None = None
        self.keeps: Sequence[int] = ()
        self.unanswered = 0
        self.reads = 0

    def incarnation(self) -> str:
        return f"{self._starts}"

    def send(self, attempts: Sequence[Attempt]) -> list[int]:
        if self.dies_in is not None:
            self.dies_in -= 1
            if self.dies_in < 0:
                self.dies_in = None
                self.kill(self.keeps)
        if self.unanswered:
            self.unanswered -= 1
            return [Status.TIMEOUT] * len(attempts)
        return [Status.SERVER_FULL if self.is_full else self._write(each) for each in attempts]

    def read(self, keys: Sequence[bytearray], bins: Sequence[str]) -> list[tuple[bytearray, Bins]]:
        self.reads += 1
        found = ((key, self._device(key).get(bytes(key))) for key in keys)
        return [(key, {each: held[each] for each in bins}) for key, held in found if held is not None]

    def remove(self, keys: Sequence[bytearray]) -> None:
        for key in keys:
            self._device(key).remove(bytes(key))

    def scan(self, namespace: str | None, bins: Sequence[str]) -> Iterator[tuple[bytearray, Bins]]:
        for device in self._devices:
            for key in device.held():
                found = device.get(key) or {}
                if found[record.VERSION] > 0 and namespace in (None, found[record.NAMESPACE]):
                    yield bytearray(key), {each: found[each] for each in bins}

    def close(self) -> None:
        """Keep all, for the next one to open it."""

    def flush(self) -> None:
        """Write everything to the devices."""
        for device in self._devices:
            device.flush()

    def kill(self, keeps: Sequence[int]) -> None:
        """Kill the server while it flushes, after so many records on each device, and start it again."""
        self._starts += 1
        for device, records in zip(self._devices, keeps, strict=False):
            device.flush(records)

    def _write(self, attempt: Attempt) -> int:
        key = bytes(record.user_key(attempt.namespace, attempt.key))
        device = self._device(key)
        there = device.get(key)
        version = ABSENT if there is None else max(there[record.VERSION], ABSENT)
        if attempt.expected not in (None, version):
            return Status.NOT_FOUND if there is None else Status.FILTERED_OUT
        if attempt.value is None and there is None:
            return Status.NOT_FOUND
        ops = record.write(("test", "model"), attempt).ops
        device.write(key, {each["bin"]: each["val"] for each in ops})
        return Status.OK

    def _device(self, key: bytes | bytearray) -> _Device:
        return self._devices[zlib.crc32(key) % len(self._devices)]
