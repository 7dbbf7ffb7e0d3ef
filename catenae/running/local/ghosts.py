"""Instances that have ended and still count as members: nobody handles the partitions that are theirs.

A broker gives up members that it has not heard of for some seconds. But Kafka, killed at the wrong moment,
may count them for as long as it runs (`brokers/kafka/eviction.py` says how it comes to that). Who has stopped
them knows better, and has them leave.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from queue import SimpleQueue

from catenae.broker import Broker
from catenae.clock import Clock
from catenae.errors import CatenaeError

# Longer than any broker takes for one that has not said that it leaves.
GONE_AFTER_S = 60.0
LOOK_EVERY_S = 30.0

Ended = Mapping[str, Sequence[str]]


class Ghosts:
    """Looks now and then, in a thread of its own: a broker that is slow holds up nothing. Not thread-safe.

    tell  is called with a line about those that were made to leave
    """

    def __init__(self, broker: Broker, clock: Clock, tell: Callable[[str], None]) -> None:
        self._broker = broker
        self._clock = clock
        self._tell = tell
        self._told: SimpleQueue[str] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._look_at_s = clock.monotonic_s() + LOOK_EVERY_S

    def look(self, ended: Ended) -> None:
        """Do what is due.

        ended  group → members that have ended at least `GONE_AFTER_S` ago
        """
        while not self._told.empty():
            self._tell(self._told.get())
        now_s = self._clock.monotonic_s()
        if now_s < self._look_at_s or (self._thread is not None and self._thread.is_alive()):
            return
        self._look_at_s = now_s + LOOK_EVERY_S
        if any(ended.values()):
            self._thread = threading.Thread(target=self._evict, args=(ended,), name="ghosts", daemon=True)
            self._thread.start()

    def join(self) -> None:
        """Wait until what was begun is done."""
        if self._thread is not None:
            self._thread.join()

    def _evict(self, ended: Ended) -> None:
        for group, members in ended.items():
            try:
                ghosts = sorted(set(members).intersection(self._broker.members(group)))
                if ghosts:
                    self._broker.evict(group, ghosts)
                    self._told.put(
                        f"{', '.join(ghosts)} had ended and still counted as running: made to leave"
                    )
            except CatenaeError:
                # Of a broker that cannot say or do it now, it is asked again at the next look.
                continue
