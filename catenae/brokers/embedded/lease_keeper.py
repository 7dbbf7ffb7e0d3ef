"""Keeps the leases of members whose handlers take longer than a lease."""

import logging
import threading

from catenae.broker import LONGEST_HANDLING_S
from catenae.brokers.embedded.roster import Roster
from catenae.brokers.embedded.shared import SharedLog
from catenae.errors import CatenaeError

logger = logging.getLogger(__name__)


class LeaseKeeper:
    """One thread that renews the leases of a process's members while they are busy. Thread-safe.

    A process that is killed or stopped renews nothing, and one whose handler hangs is given up after
    `LONGEST_HANDLING_S` seconds: a lease says that somebody gets on, not that a thread exists.
    """

    def __init__(self, shared: SharedLog, every_s: float) -> None:
        self._shared = shared
        self._every_s = every_s
        self._rosters: list[Roster] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="lease-keeper", daemon=True)

    def watch(self, roster: Roster) -> None:
        """Keep this member's lease from now on."""
        self._rosters.append(roster)
        if not self._thread.is_alive() and not self._stop.is_set():
            self._thread.start()

    def forget(self, roster: Roster) -> None:
        """Keep it no longer."""
        if roster in self._rosters:
            self._rosters.remove(roster)

    def close(self) -> None:
        """End the thread."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def renew(self) -> None:
        """Renew every lease that its own member is late to renew."""
        now_ms = self._shared.now_ms()
        for roster in list(self._rosters):
            if roster.is_late(now_ms, LONGEST_HANDLING_S):
                with self._shared.write() as log:
                    roster.renew(log, now_ms)

    def _run(self) -> None:
        while not self._stop.wait(self._every_s):
            try:
                self.renew()
            except CatenaeError as error:
                logger.warning("lease not renewed", extra={"error": type(error).__name__})
