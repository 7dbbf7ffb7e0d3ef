"""Which timers are due: the soonest ones in memory, all of them in State.

An instance reads all timers of its partitions when it takes them over, a little at each step, and keeps those
that come next. It reads them again when these run out. So a million timers take no more memory than some
thousands, and no more time for each message.
"""

import heapq
import logging
from collections.abc import Collection, Iterator
from typing import NamedTuple

from catenae.clock import Clock
from catenae.codec.packing import unpack
from catenae.runtime.state_records import StateRecord, StateRecords
from catenae.runtime.timers import Pending, moments

logger = logging.getLogger(__name__)

MOST_KNOWN = 50_000
# So many have been said to be due and are not handled yet, at most: an owner of tomorrow might say it again.
MOST_RUNG = 1000
# Reading goes on for so long at each step, and begins so long before something is needed of it.
READ_S = 0.01
READ_AHEAD_MS = 60_000
# Of a heap, entries of timers that were moved or cancelled.
MOST_STALE = 1000


class Alarm(NamedTuple):
    """A timer, in the order in which they are due."""

    due_ms: int
    key: str
    name: str
    asked_ms: int
    partition: int


class Alarms:
    """The timers of one instance. Not thread-safe.

    most  how many are kept in memory
    """

    def __init__(self, records: StateRecords, clock: Clock, most: int = MOST_KNOWN) -> None:
        self._records = records
        self._clock = clock
        self._most = most
        self.forget()

    def forget(self) -> None:
        """Own no partition, and know of nothing."""
        self._numbers: Collection[int] = ()
        self._known: dict[str, dict[str, Alarm]] = {}
        self._heap: list[Alarm] = []
        self._count = 0
        self._rung = 0
        # The first that is not known, of which those after it are not known either.
        self._horizon: Alarm | None = None
        self._reading: Iterator[tuple[str, StateRecord]] | None = None
        self._changed: set[str] = set()

    def own(self, numbers: Collection[int]) -> None:
        """Own these partition numbers from now on, and begin to read their timers."""
        self.forget()
        self._numbers = numbers
        self._read_anew()

    def note(self, partition: int, key: str, pending: Pending) -> None:
        """Be told what timers a key of a partition has now that a batch is committed."""
        if self._reading is not None:
            self._changed.add(key)
        self._put(partition, key, pending)

    def handled(self, wake_ups: int) -> None:
        """Be told how many of those that were rung have come."""
        self._rung = max(0, self._rung - wake_ups)

    def ring(self) -> list[Alarm]:
        """Return what is due, and take it for rung; read on if there is more to know."""
        self._read_on()
        now_ms, due = self._now_ms(), []
        while self._heap and self._heap[0].due_ms <= now_ms and self._rung < MOST_RUNG:
            alarm = heapq.heappop(self._heap)
            if self._is_known(alarm):
                self._count -= 1
                del self._known[alarm.key][alarm.name]
                if not self._known[alarm.key]:
                    del self._known[alarm.key]
                self._rung += 1
                due.append(alarm)
        return due

    def pause_s(self) -> float:
        """Return how long nothing is to be done; infinity while nothing is known that will be."""
        if self._reading is not None:
            return 0.0
        at_ms = [each.due_ms for each in self._heap[:1] if self._rung < MOST_RUNG]
        at_ms += (
            [self._horizon.due_ms - READ_AHEAD_MS] if self._horizon is not None and not self._rung else []
        )
        return max(0.0, (min(at_ms) - self._now_ms()) / 1000) if at_ms else float("inf")

    def _read_anew(self) -> None:
        self._horizon = None
        self._changed = set()
        self._reading = self._records.all() if self._numbers else None

    def _read_on(self) -> None:
        if self._reading is None and self._needs_more():
            self._read_anew()
        if self._reading is None:
            return
        until_s = self._clock.monotonic_s() + READ_S
        for key, record in self._reading:
            if record.partition in self._numbers and record.value is not None and key not in self._changed:
                self._put(record.partition, key, unpack(record.value))
            if self._clock.monotonic_s() >= until_s:
                return
        self._reading = None
        self._changed = set()

    def _needs_more(self) -> bool:
        """Say whether what is known may soon run out; wake-ups under way would be read again."""
        return (
            self._horizon is not None
            and not self._rung
            and self._count < self._most // 4
            and self._horizon.due_ms - READ_AHEAD_MS <= self._now_ms()
        )

    def _put(self, partition: int, key: str, pending: Pending) -> None:
        """Know these timers of a key and no others, as far as they come before the horizon."""
        former = self._known.pop(key, {})
        alarms = {}
        for each in moments(pending):
            alarm = Alarm(each.due_ms, key, each.name, each.asked_ms, partition)
            if self._horizon is None or alarm < self._horizon:
                alarms[each.name] = alarm
                if former.get(each.name) != alarm:
                    heapq.heappush(self._heap, alarm)
        if alarms:
            self._known[key] = alarms
        self._count += len(alarms) - len(former)
        if self._count > self._most:
            self._keep_soonest()
        elif len(self._heap) > 2 * self._count + MOST_STALE:
            self._heap = sorted(alarm for some in self._known.values() for alarm in some.values())

    def _keep_soonest(self) -> None:
        soonest = sorted(alarm for some in self._known.values() for alarm in some.values())
        self._count = self._most // 2
        self._horizon = soonest[self._count]
        self._heap = soonest[: self._count]
        self._known = {}
        for alarm in self._heap:
            self._known.setdefault(alarm.key, {})[alarm.name] = alarm

    def _is_known(self, alarm: Alarm) -> bool:
        return self._known.get(alarm.key, {}).get(alarm.name) == alarm

    def _now_ms(self) -> int:
        return int(self._clock.now_s() * 1000)
