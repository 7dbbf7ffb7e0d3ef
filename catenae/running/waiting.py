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
    tell  is told each failure, and whether it is the first of this server: one that comes back answers one
          question, and a moment later not the next, or not in time
    """

    def __init__(self, stop: threading.Event, tell: Callable[[CatenaeError, bool], None]) -> None:
        self._stop = stop
        self._tell = tell
        self._told: set[type[CatenaeError]] = set()

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
                server = next(each for each in UNAVAILABLE if isinstance(error, each))
                self._tell(error, server not in self._told)
                self._told.add(server)
                self._stop.wait(WAIT_FOR_PLATFORM.pause_s(failures))
        raise StoppedWaiting
