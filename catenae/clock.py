"""The contract of time, so that no test needs to wait for it."""

import time
from typing import Protocol


class Clock(Protocol):
    """What time it is, and waiting for it to pass. Thread-safe."""

    def now_s(self) -> float:
        """Return seconds since 1970 UTC; may jump when the machine's clock is set."""

    def monotonic_s(self) -> float:
        """Return seconds since some moment; never jumps, so durations are measured with it."""

    def sleep(self, seconds: float) -> None:
        """Return after `seconds`; at once when they are 0 or less."""


class SystemClock:
    """The machine's clock."""

    def now_s(self) -> float:
        return time.time()

    def monotonic_s(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        if seconds > 0:
            time.sleep(seconds)
