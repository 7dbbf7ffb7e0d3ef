r"""How long State keeps an entry of a node with `ttl_s`: so long after it was last written, by the clock.

What is kept of such an entry has a stamp in front that says when it was written. A bare stamp is an entry
that has no value any more, and says since when. No packed value begins as a stamp does, so what was written
before the State had a lifetime can be told from it, and is read once it has none any more:

    c1 milliseconds since 1970 (8 bytes) packed value or nothing
"""

import struct

from catenae.clock import Clock

_STAMP = struct.Struct(">Bq")
# What msgpack never uses.
_MARK = 0xC1


def value_of(kept: bytes | None) -> bytes | None:
    """Return the packed value of what is kept, None for none."""
    if kept is None or kept[0] != _MARK:
        return kept
    return kept[_STAMP.size :] or None


def stamp_of(kept: bytes | None) -> int | None:
    """Return when it was written, in milliseconds since 1970; None where nobody knows."""
    if kept is None or kept[0] != _MARK:
        return None
    written_ms: int = _STAMP.unpack_from(kept)[1]
    return written_ms


class Lifetime:
    """Of the entries of one State."""

    def __init__(self, ttl_s: float, clock: Clock) -> None:
        self.ttl_s = ttl_s
        self._ttl_ms = 1000 * ttl_s
        self._clock = clock

    def now_ms(self) -> int:
        """Return what time it is."""
        return int(1000 * self._clock.now_s())

    def stamped(self, packed: bytes | None, written_ms: int) -> bytes:
        """Return what is to be kept of a value written then; None is that it was removed then."""
        return _STAMP.pack(_MARK, written_ms) + (packed or b"")

    def is_over(self, kept: bytes | None, now_ms: int) -> bool:
        """Say whether what is kept has a value that nobody is to read any more."""
        written_ms = stamp_of(kept)
        return written_ms is not None and now_ms >= written_ms + self._ttl_ms and value_of(kept) is not None
