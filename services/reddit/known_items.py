"""What is remembered of each item passed on: its number and when it was written, never a word of it."""

import struct
from collections.abc import Iterator, Mapping


class KnownItems:
    """Items by number, packed into 12 bytes each. Times are seconds since 1970, until 2106."""

    def __init__(self, created_utc: Mapping[int, int] | None = None) -> None:
        self._created_utc = dict(created_utc or {})

    @classmethod
    def unpacked(cls, packed: bytes) -> "KnownItems":
        """Read what `packed` wrote."""
        count = len(packed) // 12
        fields = struct.unpack(f"<{count}Q{count}I", packed)
        return cls(dict(zip(fields[:count], fields[count:], strict=True)))

    def packed(self) -> bytes:
        """Return bytes, the same for the same items."""
        numbers = sorted(self._created_utc)
        times = [self._created_utc[number] for number in numbers]
        return struct.pack(f"<{len(numbers)}Q{len(numbers)}I", *numbers, *times)

    def __contains__(self, number: int) -> bool:
        return number in self._created_utc

    def __len__(self) -> int:
        return len(self._created_utc)

    def __iter__(self) -> Iterator[int]:
        return iter(self._created_utc)

    def add(self, number: int, created_utc: int) -> None:
        """Remember an item."""
        self._created_utc[number] = min(max(created_utc, 0), 2**32 - 1)

    def remove(self, number: int) -> None:
        """Forget an item; an unknown one is fine."""
        self._created_utc.pop(number, None)

    def ages_s(self, now_s: float) -> list[float]:
        """Return how long ago each was written."""
        return [now_s - created_utc for created_utc in self._created_utc.values()]
