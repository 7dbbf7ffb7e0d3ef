"""One place of a node: the process in it, and when the next one may be started."""

import signal
import subprocess
from collections.abc import Callable
from enum import Enum, auto

from catenae.clock import Clock
from catenae.retry import Retry

RESTART = Retry(first_pause_s=0.2, longest_pause_s=10.0)
# A process that ran this long has got over what ended the ones before it.
HEALED_AFTER_S = 30.0

Process = subprocess.Popen[bytes]


class SlotState(Enum):
    """What a slot is doing."""

    RUNNING = auto()
    """There is a process, or there will be one after a pause."""
    STOPPING = auto()
    """Its process was told to stop."""
    STOPPED = auto()
    """It has no process because it was told to stop."""
    FINISHED = auto()
    """Its Source is exhausted."""


class Slot:
    """One instance of a node, over all its processes.

    complaint     why the last of these has failed, in its own words
    failures      how many processes in a row have failed
    start         starts a process
    may_finish    whether exit status 0 means that the work is done: so it is for a Source
    """

    def __init__(self, member: str, start: Callable[[], Process], clock: Clock, *, may_finish: bool) -> None:
        self.member = member
        self.state = SlotState.RUNNING
        self.restarts = 0
        self.failures = 0
        self.complaint = ""
        self._start = start
        self._clock = clock
        self._may_finish = may_finish
        self._process: Process | None = None
        self._is_told_to_stop = False
        self._started_at_s = 0.0
        self._start_at_s = self._ended_at_s = clock.monotonic_s()

    @property
    def gone_s(self) -> float:
        """Seconds since its process ended because it was told to; 0 while one is wanted."""
        return self._clock.monotonic_s() - self._ended_at_s if self.state is SlotState.STOPPED else 0.0

    @property
    def pid(self) -> int | None:
        """The process id, while there is a process."""
        return self._process.pid if self._process is not None else None

    @property
    def pause_s(self) -> float:
        """Seconds until the next process is started; 0 if there is one."""
        return max(0.0, self._start_at_s - self._clock.monotonic_s()) if self._process is None else 0.0

    @property
    def failing(self) -> int:
        """How often in a row it has failed of late; 0 once a process has run for a while."""
        has_healed = self._process is not None and self._age_s() >= HEALED_AFTER_S
        return 0 if has_healed else self.failures

    def step(self) -> int | None:
        """Start a process that is due; return the exit status of one that has ended, else None."""
        if self._process is None:
            if self.state is SlotState.RUNNING and self._clock.monotonic_s() >= self._start_at_s:
                self._process = self._start()
                self._is_told_to_stop = False
                self._started_at_s = self._clock.monotonic_s()
            return None
        status = self._process.poll()
        if status is not None:
            self._ended(status)
        return status

    def stop(self) -> None:
        """Tell the process to finish its batch and end."""
        if self._process is not None:
            self.state = SlotState.STOPPING
            if not self._is_told_to_stop:
                self._is_told_to_stop = True
                self._process.send_signal(signal.SIGTERM)
        elif self.state is not SlotState.FINISHED:
            self.state = SlotState.STOPPED

    def resume(self) -> None:
        """Run again after `stop`; a process still stopping is followed by a new one."""
        if self.state in (SlotState.STOPPING, SlotState.STOPPED):
            self.state = SlotState.RUNNING
            self._start_at_s = self._clock.monotonic_s()

    def kill(self) -> None:
        """End the process at once."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def _ended(self, status: int) -> None:
        now_s = self._ended_at_s = self._clock.monotonic_s()
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
        self._process = None
        if self.state is SlotState.STOPPING:
            self.state = SlotState.STOPPED
        elif self._is_told_to_stop:
            self._start_at_s = now_s
        elif status == 0 and self._may_finish:
            self.state = SlotState.FINISHED
        else:
            self.failures = 1 if self._age_s() >= HEALED_AFTER_S else self.failures + 1
            self._start_at_s = now_s + RESTART.pause_s(self.failures)
            self.restarts += 1

    def _age_s(self) -> float:
        return self._clock.monotonic_s() - self._started_at_s
