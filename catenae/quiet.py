"""How long to pause between two looks at what nobody tells of: the longer, the longer nothing has come."""

from catenae.clock import Clock

FIRST_S = 0.001
BRIEF_S = 0.005
LONGEST_S = 0.025
# Of the time that nothing has come in for.
SHARE_OF_QUIET = 0.02


class Quiet:
    """The pauses of one that waits: a millisecond, then twice that, up to five.

    Once nothing has come for a while, a fiftieth of that, up to 25. So who idles costs next to nothing, and
    what comes waits by no more than two per cent longer than it was waited for.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._since_s = clock.monotonic_s()
        self._brief_s = FIRST_S

    def ends(self) -> None:
        """Be told that something has come."""
        self._since_s = self._clock.monotonic_s()

    def begins(self) -> None:
        """Begin to look anew, soon again at first."""
        self._brief_s = FIRST_S

    def pause_s(self) -> float:
        """Return how long to pause now."""
        quiet_s = self._clock.monotonic_s() - self._since_s
        pause_s = min(max(self._brief_s, quiet_s * SHARE_OF_QUIET), LONGEST_S)
        self._brief_s = min(2 * pause_s, BRIEF_S)
        return pause_s
