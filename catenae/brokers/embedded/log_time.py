"""The log's own time: milliseconds that no setting of the machine's clock moves.

Leases, delays and retention go by it. It counts with the monotonic clock, which all processes of a machine
share, from what the wall clock said when the log was first used. After a boot, where the monotonic clock
begins anew, it goes on from the wall clock again, but never from earlier than it had reached.
"""

from pathlib import Path

import msgpack

from catenae.brokers.embedded.log import LEASES, Log
from catenae.clock import Clock

# Where the lease of a member without a name of a group without a name would be.
ANCHOR = b"\0\0time"
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


class LogTime:
    """What is added to the monotonic clock, for one process: one boot, so it never changes."""

    def __init__(self, log: Log, clock: Clock, boot: str) -> None:
        """Go on from what the log, in a write transaction, says it has reached."""
        self._clock = clock
        self._boot = boot
        stored = log.get(LEASES, ANCHOR)
        self._ahead_ms: int
        then, self._ahead_ms, reached_ms = (None, 0, 0) if stored is None else msgpack.unpackb(stored)
        # Where boots have no id, a monotonic clock that is behind tells of one.
        if then != boot or self.now_ms() < reached_ms:
            self._ahead_ms += max(_wall_ms(clock), reached_ms) - self.now_ms()
            self.keep(log)

    def now_ms(self) -> int:
        """Return the log's time."""
        return int(self._clock.monotonic_s() * 1000) + self._ahead_ms

    def keep(self, log: Log) -> None:
        """Write down, in a write transaction, what it has reached, for the next boot."""
        log.put(LEASES, ANCHOR, bytes(msgpack.packb((self._boot, self._ahead_ms, self.now_ms()))))


def this_boot() -> str:
    """Return a text that is another one after each boot; empty where the system has none."""
    try:
        return BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return ""


def _wall_ms(clock: Clock) -> int:
    return int(clock.now_s() * 1000)
