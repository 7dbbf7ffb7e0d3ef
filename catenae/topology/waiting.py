"""Waiting for servers that are away: what an instance and the supervisor do when they start."""

import threading
from collections.abc import Callable
from typing import TypeVar

from catenae.errors import CatenaeError
from catenae.runtime.run import UNAVAILABLE, WAIT_FOR_PLATFORM

T = TypeVar("T")


class StoppedWaiting(Exception):
    """Told to stop before the server answered."""


class Waiting:
    """Asks a server again and again, with growing pauses, until it answers.

    stop  ends the waiting
    tell  is told each failure: the error, and how many in a row it is
    """

    def __init__(self, stop: threading.Event, tell: Callable[[CatenaeError, int], None]) -> None:
        self._stop = stop
        self._tell = tell

    def until_answered(self, ask: Callable[[], T]) -> T:
        """Return what `ask` returns once it does not find a server away; raise what else it raises.

        Raises `StoppedWaiting` when told to stop.
        """
        failures = 0
        while not self._stop.is_set():
            try:
                return ask()
            except UNAVAILABLE as error:
                failures += 1
                self._tell(error, failures)
                self._stop.wait(WAIT_FOR_PLATFORM.pause_s(failures))
        raise StoppedWaiting
