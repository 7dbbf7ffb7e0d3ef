"""The contract of time, so that no test needs to wait for it."""

import time
from typing import Protocol


class Clock(Protocol):
    """What time it is, and waiting for it to pass. Thread-safe."""

    def now_s(self) -> float:
        """Return seconds since 1970 UTC; may jump when the machine's clock is set."""

    def monotonic_s(self) -> float:
        """Return seconds since some moment; never jumps, so durations are measured with it.

        All processes of a machine see the same, until it is booted again; time asleep counts.
        """

    def sleep(self, seconds: float) -> None:
        """Return after `seconds`; at once when they are 0 or less."""


_HAS_BOOTTIME = hasattr(time, "CLOCK_BOOTTIME")


class SystemClock:
    """The machine's clock."""

    def now_s(self) -> float:
        return time.time()

    def monotonic_s(self) -> float:
        # Elsewhere than on Linux the monotonic clock may stand still while the machine sleeps.
        return time.clock_gettime(time.CLOCK_BOOTTIME) if _HAS_BOOTTIME else time.monotonic()

    def sleep(self, seconds: float) -> None:
        if seconds > 0:
            time.sleep(seconds)
