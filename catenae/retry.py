"""How a node deals with what may get better by itself."""

import math
from dataclasses import dataclass

from catenae.errors import TopologyError

# From here on the pauses are the longest in any case; the power would only grow beyond what a float holds.
MOST_DOUBLINGS = 60


@dataclass(frozen=True)
class Retry:
    """How soon and how often a message that failed with a `TransientError` is handed over again.

    first_pause_s    before the second attempt; each pause after it is twice the one before
    longest_pause_s  what the pauses grow to
    attempts         after so many the message is set aside; None: never, its partition waits for ever

    Raises `TopologyError` for a pause or a number that cannot be.
    """

    first_pause_s: float = 0.1
    longest_pause_s: float = 5.0
    attempts: int | None = 5

    def __post_init__(self) -> None:
        if not (0 < self.first_pause_s <= self.longest_pause_s and math.isfinite(self.longest_pause_s)):
            raise TopologyError(
                f"Retry has first_pause_s={self.first_pause_s!r}, longest_pause_s={self.longest_pause_s!r}; "
                f"it needs seconds above 0, the longest no shorter than the first"
            )
        if self.attempts is not None and (type(self.attempts) is not int or self.attempts < 1):
            raise TopologyError(
                f"Retry has attempts={self.attempts!r}; it needs a whole number above 0, or None for ever"
            )

    def pause_s(self, attempt: int) -> float:
        """Return the pause after the `attempt`-th failure, counted from 1."""
        return min(self.longest_pause_s, self.first_pause_s * 2.0 ** min(attempt - 1, MOST_DOUBLINGS))

    def is_over(self, attempt: int) -> bool:
        """Say whether the `attempt`-th failure was the last one allowed."""
        return self.attempts is not None and attempt >= self.attempts
