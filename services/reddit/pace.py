"""When each of some posts is due, so that they come as far apart as they were written."""

import math
from collections.abc import Callable

# However far apart two posts were written, or one of their times is off, nobody waits for longer.
LONGEST_WAIT_S = 60.0


class Pace:
    """Says when posts are due, one after the other.

    speed  seconds of their times per second of the clock; 0 for all at once
    clock  seconds since some moment

    Two posts whose times are so far apart that one would wait for more than LONGEST_WAIT_S seconds wait for
    that long; where time goes back as far, the next one is due at once. From there on the pace goes on.
    """

    def __init__(self, speed: float, clock: Callable[[], float]) -> None:
        self._speed = speed
        self._clock = clock
        self._former_utc: float | None = None
        # Where the time of the posts begins, on the clock; moved by what is left out of a gap.
        self._began_s = 0.0

    def due_s(self, created_utc: float) -> float:
        """Return at what time of the clock the next post, written then, is due."""
        if not self._speed:
            return -math.inf
        if self._former_utc is None:
            self._began_s = self._clock() - created_utc / self._speed
        else:
            gap_s = (created_utc - self._former_utc) / self._speed
            if abs(gap_s) > LONGEST_WAIT_S:
                self._began_s -= gap_s - max(0.0, min(gap_s, LONGEST_WAIT_S))
        self._former_utc = created_utc
        return self._began_s + created_utc / self._speed
