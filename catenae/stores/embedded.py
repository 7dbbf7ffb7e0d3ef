"""A store in an LMDB folder, shared by the processes of one machine.

One LMDB database holds every namespace. An address (LMDB's key, at most 511 bytes) and a record (its value):

    namespace 00 key                         version, value
    namespace 01 blake2b(key)                version, length of key, key, value    where the key is long

The version is the number of the write transaction, of which LMDB uses none twice; so a key that was removed
and stored again never has a former version.
"""

import re
import struct
from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path

import lmdb

from catenae.errors import StoreError
from catenae.lmdb.environment import LmdbEnvironment
from catenae.lmdb.options import LmdbOptions
from catenae.store import ABSENT, Entry, Store, Write
from catenae.stores.memory import MemoryStore

DATABASE = "store"
# 2: the journal of State counts its records; 1 is read as well.
FORMAT = 2
SHORT, LONG = b"\x00", b"\x01"
NAMESPACE_END = re.compile(b"[\x00\x01]")
MAX_ADDRESS_BYTES = 511
MAX_NAMESPACE_BYTES = 255
VERSION = struct.Struct(">Q")
LENGTH = struct.Struct(">I")
# So many keys are scanned or dropped per transaction: neither readers nor writers wait for long.
CHUNK_KEYS = 1000
# Another text after each start of the machine: what was written outlives all else that may happen.
BOOT = Path("/proc/sys/kernel/random/boot_id")


def open_embedded(address: str) -> Store:
    """Open the folder of `LmdbOptions.parse`, or without an address a store in memory."""
    if not address:
        return MemoryStore()
    return EmbeddedStore(LmdbOptions.parse(address))


class EmbeddedStore:
    """LMDB keeps it. `compare_and_put` and `put_many` are all or nothing, also under `kill -9`.

    A namespace is printable text of 1 to 255 bytes (StoreError otherwise), a key any text. There is no limit
    to a record but the folder's map size.
    """

    def __init__(self, options: LmdbOptions) -> None:
        self._environment = LmdbEnvironment(options, {DATABASE: FORMAT})
        self._database = self._environment.database(DATABASE)
        self._incarnation = BOOT.read_text("ascii").strip() if BOOT.exists() else "unknown"

    @property
    def max_value_bytes(self) -> None:
        return None

    @property
    def removes_for_good(self) -> bool:
        return True

    def incarnation(self) -> str:
        return self._incarnation

    def get(self, namespace: str, key: str) -> Entry | None:
        return self.get_many(namespace, [key]).get(key)

    def get_many(self, namespace: str, keys: Sequence[str]) -> dict[str, Entry]:
        prefix, database = _prefix(namespace), self._database
        entries = {}
        with self._environment.read() as transaction:
            for key in keys:
                address, extra = _place(prefix, key)
                record = transaction.get(address, None, database)
                if record is not None:
                    entries[key] = _entry(record, len(extra))
        return entries

    def put(self, namespace: str, key: str, value: bytes) -> None:
        self.put_many(namespace, {key: value})

    def put_many(self, namespace: str, values: Mapping[str, bytes]) -> None:
        prefix = _prefix(namespace)
        with self._environment.write() as transaction:
            self._put(transaction, [(_place(prefix, key), value) for key, value in values.items()])

    def put_if_absent(self, namespace: str, key: str, value: bytes) -> bool:
        return bool(self.compare_and_put(namespace, [Write(key, value, ABSENT)]))

    def compare_and_put(self, namespace: str, writes: Sequence[Write]) -> dict[str, int]:
        prefix, database = _prefix(namespace), self._database
        placed = [(_place(prefix, key), value) for key, value, _ in writes]
        with self._environment.write() as transaction:
            for write, ((address, _), _) in zip(writes, placed, strict=True):
                if _version(transaction.get(address, None, database)) != write.version:
                    return {}
            self._put(transaction, placed)
            return dict.fromkeys((write.key for write in writes), transaction.id())

    def delete(self, namespace: str, key: str) -> None:
        address, _ = _place(_prefix(namespace), key)
        with self._environment.write() as transaction:
            transaction.delete(address, db=self._database)

    def scan(self, namespace: str) -> Iterator[tuple[str, Entry]]:
        prefix = _prefix(namespace)
        for address, record in self._records(prefix + SHORT):
            yield _decoded(address[len(prefix) + 1 :]), _entry(record, 0)
        for _, record in self._records(prefix + LONG):
            start = VERSION.size + LENGTH.size
            key = record[start : start + LENGTH.unpack_from(record, VERSION.size)[0]]
            yield _decoded(key), _entry(record, LENGTH.size + len(key))

    def drop(self, namespace: str) -> None:
        prefix = _prefix(namespace)
        for kind in (SHORT, LONG):
            while chunk := self._chunk(prefix + kind, b""):
                with self._environment.write() as transaction:
                    for address, _ in chunk:
                        transaction.delete(address, db=self._database)

    def namespaces(self) -> Sequence[str]:
        found = []
        with self._environment.read() as transaction, transaction.cursor(self._database) as cursor:
            more = cursor.first()
            while more:
                namespace = NAMESPACE_END.split(cursor.key(), maxsplit=1)[0]
                found.append(namespace.decode())
                more = cursor.set_range(namespace + b"\x02")
        return found

    def close(self) -> None:
        self._environment.close()

    def _put(
        self, transaction: "lmdb.Transaction[bytes]", placed: Sequence[tuple[tuple[bytes, bytes], bytes]]
    ) -> None:
        version = VERSION.pack(transaction.id())
        for (address, extra), value in placed:
            transaction.put(address, version + extra + value, db=self._database)

    def _records(self, prefix: bytes) -> Iterator[tuple[bytes, bytes]]:
        last = b""
        while chunk := self._chunk(prefix, last):
            yield from chunk
            last = chunk[-1][0]

    def _chunk(self, prefix: bytes, last: bytes) -> list[tuple[bytes, bytes]]:
        """Return the next addresses and records under `prefix`, after the address `last`."""
        chunk: list[tuple[bytes, bytes]] = []
        with self._environment.read() as transaction, transaction.cursor(self._database) as cursor:
            if cursor.set_range(last or prefix):
                for address, record in cursor.iternext():
                    if not address.startswith(prefix) or len(chunk) == CHUNK_KEYS:
                        break
                    if address != last:
                        chunk.append((address, record))
        return chunk


def _prefix(namespace: str) -> bytes:
    encoded = _encoded(namespace)
    if not namespace.isprintable() or not 1 <= len(encoded) <= MAX_NAMESPACE_BYTES:
        raise StoreError(
            f"a namespace of {len(encoded)} bytes was given; it must be printable text of 1 to "
            f"{MAX_NAMESPACE_BYTES} bytes"
        )
    return encoded


def _place(prefix: bytes, key: str) -> tuple[bytes, bytes]:
    """Return the address of a key, and what its record holds between version and value."""
    encoded = _encoded(key)
    if len(prefix) + len(encoded) < MAX_ADDRESS_BYTES:
        return prefix + SHORT + encoded, b""
    return prefix + LONG + blake2b(encoded, digest_size=32).digest(), LENGTH.pack(len(encoded)) + encoded


def _version(record: bytes | None) -> int:
    return ABSENT if record is None else int(VERSION.unpack_from(record)[0])


def _entry(record: bytes, extra_bytes: int) -> Entry:
    return Entry(record[VERSION.size + extra_bytes :], VERSION.unpack_from(record)[0])


def _encoded(text: str) -> bytes:
    # Half a surrogate pair is no text, but it does occur in keys made from what people wrote.
    return text.encode("utf-8", "surrogatepass")


def _decoded(encoded: bytes) -> str:
    return encoded.decode("utf-8", "surrogatepass")
