"""Whether a process is alive, and whether it is ready, which means: getting on with its work.

"Alive but not processing" is the commonest outage of stream processors, so being ready is not a state that is
entered once: it lapses unless the runtime says again and again that it gets on.
"""

from collections.abc import Callable
from typing import NamedTuple, Protocol

from catenae.clock import Clock

# A step that takes longer hangs; its broker has given its partitions to others by then.
HANGS_AFTER_S = 600.0
_STARTING = "starting"


class Verdict(NamedTuple):
    """An answer, and the reason in a few words."""

    is_ok: bool
    reason: str


class Probes(Protocol):
    """What `/live` and `/ready` ask. Thread-safe; answers at once."""

    @property
    def live(self) -> Verdict:
        """Say whether the process is worth keeping; if not, restart it."""

    @property
    def ready(self) -> Verdict:
        """Say whether the process gets on with its work."""


class Health:
    """The probes of one process, told by its runtime."""

    def __init__(
        self, clock: Clock, progress_timeout_s: float, tell: Callable[[str], None] = lambda _reason: None
    ) -> None:
        """Start alive and not ready; ready lapses `progress_timeout_s` seconds after the last progress.

        tell  is told what is waited for whenever that changes; "" for nothing any more
        """
        self._clock = clock
        self._progress_timeout_s = progress_timeout_s
        # Each is replaced whole, by one assignment, so that the reader in another thread needs no lock.
        self._obstacle = _STARTING
        self._progressed_at_s = self._heard_at_s = clock.monotonic_s()
        self._failure = ""
        self._tell = tell
        self._told = ""

    def progressed(self) -> None:
        """Say that something was committed, or that there was nothing to do."""
        self._progressed_at_s = self._heard_at_s = self._clock.monotonic_s()
        self._obstacle = ""
        if self._told:
            self._told = ""
            self._tell("")

    def waiting(self, reason: str) -> None:
        """Say that nothing can be done until `reason` is over, such as a broker that does not answer."""
        self._heard_at_s = self._clock.monotonic_s()
        self._obstacle = reason
        if reason != self._told:
            self._told = reason
            self._tell(reason)

    def failed(self, reason: str) -> None:
        """Say that this process will not recover."""
        self._failure = reason

    @property
    def live(self) -> Verdict:
        if self._failure:
            return Verdict(is_ok=False, reason=self._failure)
        step_s = self._clock.monotonic_s() - self._heard_at_s
        if step_s > HANGS_AFTER_S:
            return Verdict(is_ok=False, reason=f"one step has taken {step_s:.0f} s")
        return Verdict(is_ok=True, reason="running")

    @property
    def ready(self) -> Verdict:
        obstacle = self._failure or self._obstacle
        if obstacle:
            return Verdict(is_ok=False, reason=obstacle)
        idle_s = self._clock.monotonic_s() - self._progressed_at_s
        if idle_s > self._progress_timeout_s:
            return Verdict(is_ok=False, reason=f"no progress for {idle_s:.0f} s")
        return Verdict(is_ok=True, reason="progressing")
