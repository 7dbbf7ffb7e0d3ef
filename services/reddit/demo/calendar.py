"""What the time is in the community: as it passes here, faster, or as a test says."""

import time
from collections.abc import Callable


class Calendar:
    """Seconds since 1970 in the community, which begin at `opens_utc`.

    speed    seconds there per second here; 0 stands still until `advance` or `set_to`
    clock_s  monotonic seconds here
    """

    def __init__(
        self, opens_utc: float, speed: float = 1.0, clock_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock_s = clock_s
        self._speed = speed
        self._then_utc = opens_utc
        self._then_s = clock_s()

    def now_utc(self) -> float:
        """Return the time there."""
        return self._then_utc + (self._clock_s() - self._then_s) * self._speed

    def set_to(self, now_utc: float) -> None:
        """Go on from another moment."""
        self._then_utc, self._then_s = now_utc, self._clock_s()

    def advance(self, seconds: float) -> None:
        """Let time pass at once."""
        self.set_to(self.now_utc() + seconds)

    def run_at(self, speed: float) -> None:
        """Let time pass at another speed from now on."""
        self.set_to(self.now_utc())
        self._speed = speed
