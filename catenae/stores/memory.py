"""A store in memory, for tests and for what need not outlive the process."""

import secrets
import threading
from collections.abc import Iterator, Mapping, Sequence
from itertools import count

from catenae.store import ABSENT, Entry, Write


class MemoryStore:
    """Dictionaries behind a lock, for the threads of one process. `compare_and_put` is all or nothing."""

    def __init__(self) -> None:
        self._entries: dict[str, dict[str, Entry]] = {}
        self._versions = count(ABSENT + 1)
        self._incarnation = secrets.token_hex(8)
        self._lock = threading.Lock()

    @property
    def max_value_bytes(self) -> None:
        return None

    @property
    def removes_for_good(self) -> bool:
        return True

    def incarnation(self) -> str:
        return self._incarnation

    def get(self, namespace: str, key: str) -> Entry | None:
        with self._lock:
            return self._entries.get(namespace, {}).get(key)

    def get_many(self, namespace: str, keys: Sequence[str]) -> dict[str, Entry]:
        with self._lock:
            entries = self._entries.get(namespace, {})
            return {key: entries[key] for key in keys if key in entries}

    def put(self, namespace: str, key: str, value: bytes) -> None:
        self.put_many(namespace, {key: value})

    def put_many(self, namespace: str, values: Mapping[str, bytes]) -> None:
        with self._lock:
            for key, value in values.items():
                self._put(namespace, key, value)

    def put_if_absent(self, namespace: str, key: str, value: bytes) -> bool:
        return bool(self.compare_and_put(namespace, [Write(key, value, ABSENT)]))

    def compare_and_put(self, namespace: str, writes: Sequence[Write]) -> dict[str, int]:
        with self._lock:
            if any(self._version(namespace, write.key) != write.version for write in writes):
                return {}
            return {write.key: self._put(namespace, write.key, write.value) for write in writes}

    def delete(self, namespace: str, key: str) -> None:
        with self._lock:
            self._entries.get(namespace, {}).pop(key, None)

    def scan(self, namespace: str) -> Iterator[tuple[str, Entry]]:
        with self._lock:
            entries = list(self._entries.get(namespace, {}).items())
        yield from entries

    def drop(self, namespace: str) -> None:
        with self._lock:
            self._entries.pop(namespace, None)

    def namespaces(self) -> Sequence[str]:
        with self._lock:
            return sorted(namespace for namespace, entries in self._entries.items() if entries)

    def close(self) -> None:
        with self._lock:
            self._entries.clear()

    def _version(self, namespace: str, key: str) -> int:
        entry = self._entries.get(namespace, {}).get(key)
        return ABSENT if entry is None else entry.version

    def _put(self, namespace: str, key: str, value: bytes) -> int:
        version = next(self._versions)
        self._entries.setdefault(namespace, {})[key] = Entry(bytes(value), version)
        return version
