"""Which timers are due: the soonest ones as they are, the others packed, all of them in State.

An instance reads all timers of its partitions when it takes them over, a little at each step. Those that come
next are known by key, and follow each change. Later ones are a queue that follows none: when they come next,
State says what has become of them. So a million timers take little more memory than some thousands, and no
more time for each message.
"""

import heapq
import logging
from collections.abc import Collection, Iterator, Sequence
from itertools import islice

from catenae.clock import Clock
from catenae.codec.packing import unpack
from catenae.runtime.later_alarms import Alarm, LaterAlarms
from catenae.runtime.state_records import StateRecord, StateRecords
from catenae.runtime.timers import NEVER_MS, Pending, moments

logger = logging.getLogger(__name__)

MOST_KNOWN = 20_000
# So many have been said to be due and are not handled yet, at most: an owner of tomorrow might say it again.
MOST_RUNG = 1000
# Reading goes on for so long at each step.
READ_S = 0.01
# Of those that come next, so many are looked up at once.
MOST_LOOKED_UP = 500
# Of a heap, entries of timers that were moved or cancelled.
MOST_STALE = 1000
# Of the queue: once so many are in it beside as many as there were, all is read anew.
MOST_OUTDATED = 100_000

# Comes after all others.
NEVER = Alarm(NEVER_MS + 1, "", "", 0, 0)


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
        # Whoever is not known is in it.
        self._later = LaterAlarms()
        self._read = 0
        self._reading: Iterator[tuple[str, StateRecord]] | None = None

    def own(self, numbers: Collection[int]) -> None:
        """Own these partition numbers from now on, and begin to read their timers."""
        self.forget()
        self._numbers = numbers
        self._read_anew()

    def note(self, partition: int, key: str, pending: Pending) -> None:
        """Be told what timers a key of a partition has now that a batch is committed."""
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
        if self._has_more():
            return 0.0
        if not self._heap or self._rung >= MOST_RUNG:
            return float("inf")
        return max(0.0, (self._heap[0].due_ms - self._now_ms()) / 1000)

    def _read_anew(self) -> None:
        self._later = LaterAlarms()
        self._read = 0
        self._reading = iter(self._records.all()) if self._numbers else None

    def _read_on(self) -> None:
        """Read some more of what there is, or else of what comes next."""
        if self._reading is None and len(self._later) > 2 * self._read + MOST_OUTDATED:
            self._read_anew()
        until_s = self._clock.monotonic_s() + READ_S
        while self._has_more() and self._clock.monotonic_s() < until_s:
            if self._reading is None:
                most = min(len(self._later), MOST_LOOKED_UP, self._most // 4 or 1)
                keys = [self._later.take().key for _ in range(most)]
                self._look_up(keys, self._later.first() or NEVER)
                continue
            keys = [key for key, _ in islice(self._reading, MOST_LOOKED_UP)]
            self._look_up(keys, None)
            self._read += len(keys)
            if not keys:
                self._reading = None

    def _has_more(self) -> bool:
        """Say whether something is still to be known: of all there is, or of those in the queue by now."""
        return self._reading is not None or (len(self._later) > 0 and self._count < self._most // 4)

    def _look_up(self, keys: Sequence[str], queued: Alarm | None) -> None:
        """Know what timers these keys have now, whatever was read of them before; `queued` as in `_put`."""
        for key, entry in self._records.get_many(list(dict.fromkeys(keys))).items():
            record = StateRecord.unpacked(entry.value)
            if record.partition in self._numbers and record.value is not None:
                self._put(record.partition, key, unpack(record.value), queued)

    def _put(self, partition: int, key: str, pending: Pending, queued: Alarm | None = None) -> None:
        """Know these timers of a key and no others, as far as they come before those in the queue.

        queued  of this key it holds what comes then or later; None where it holds nothing of it
        """
        former = self._known.pop(key, {})
        alarms = {}
        horizon = self._later.first()
        for each in moments(pending):
            alarm = Alarm(each.due_ms, key, each.name, each.asked_ms, partition)
            if horizon is None or alarm < horizon:
                alarms[each.name] = alarm
                if former.get(each.name) != alarm:
                    heapq.heappush(self._heap, alarm)
            elif queued is None or alarm < queued:
                self._later.put(alarm)
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
        for alarm in islice(soonest, self._count, None):
            self._later.put(alarm)
        self._heap = soonest[: self._count]
        self._known = {}
        for alarm in self._heap:
            self._known.setdefault(alarm.key, {})[alarm.name] = alarm

    def _is_known(self, alarm: Alarm) -> bool:
        return self._known.get(alarm.key, {}).get(alarm.name) == alarm

    def _now_ms(self) -> int:
        return int(self._clock.now_s() * 1000)
