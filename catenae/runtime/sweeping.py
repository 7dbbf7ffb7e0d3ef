"""What is over in State is looked for and removed while a node runs, a little at a time.

To an author it is gone at its moment: see `FencedState.look_up`. From the store it goes in two steps. First
its value is removed, as if a handler had done so. Once that is so long ago that no owner of before can still
be about to write the key, the rest is removed, too, which says that there was such a key.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from catenae.clock import Clock
from catenae.runtime.journal import Keys
from catenae.runtime.lifetime import Lifetime, stamp_of, value_of
from catenae.runtime.state import FencedState
from catenae.runtime.state_names import is_directory
from catenae.runtime.state_records import StateRecord, StateRecords

# An owner that was frozen between its journal entry and its State for longer writes neither: see `NodeState`.
FENCES_FOR_S = 900.0
# All of a State is looked through once in a tenth of its lifetime, at most once in so long, in a twentieth of
# the time at most; of what was found, so much goes with one batch.
LEAST_PERIOD_S = 60.0
READ_S = 0.01
SHARE = 20
MOST_FOUND = 1000


class Sweeping:
    """Looks through the records of one State. Not thread-safe.

    removes  whether what is deleted stays so: otherwise the store keeps that there was such a key
    """

    def __init__(self, records: StateRecords, lifetime: Lifetime, clock: Clock, *, removes: bool) -> None:
        self._records = records
        self._removes = removes
        self._lifetime = lifetime
        self._clock = clock
        self._period_s = max(LEAST_PERIOD_S, lifetime.ttl_s / 10)
        self._fences_for_ms = round(1000 * FENCES_FOR_S)
        self.own(())

    def own(self, numbers: Collection[int]) -> None:
        """Own these partition numbers from now on, and begin to look at what they have written."""
        self._numbers = numbers
        self._reading: Iterator[tuple[str, StateRecord]] | None = None
        self._begin_s = self._look_s = self._clock.monotonic_s()
        self._over: list[str] = []
        self._bare: list[str] = []

    def look(self) -> None:
        """Look on for a moment, if it is time."""
        began_s = self._clock.monotonic_s()
        if self._reading is None and self._numbers and began_s >= self._begin_s:
            self._begin_s = began_s + self._period_s
            self._reading = self._records.all()
        if self._reading is None or began_s < self._look_s:
            return
        now_ms = self._lifetime.now_ms()
        for name, record in self._reading:
            if record.partition in self._numbers:
                self._sort(name, record, now_ms)
            looked_s = self._clock.monotonic_s()
            if looked_s >= began_s + READ_S or len(self._over) + len(self._bare) >= MOST_FOUND:
                self._look_s = looked_s + SHARE * (looked_s - began_s)
                return
        self._reading = None

    def found(self) -> tuple[list[str], list[str]]:
        """Return the names since the last call: of entries that are over, and of those bare for long.

        Over is also what was written before the State had a lifetime, which begins now.
        """
        found, self._over, self._bare = (self._over, self._bare), [], []
        return found

    def _sort(self, name: str, record: StateRecord, now_ms: int) -> None:
        written_ms = stamp_of(record.value)
        if written_ms is None:
            if record.value is None or not is_directory(name):
                self._over.append(name)
        elif self._lifetime.is_over(record.value, now_ms):
            self._over.append(name)
        elif self._removes and value_of(record.value) is None and now_ms >= written_ms + self._fences_for_ms:
            self._bare.append(name)


class Sweeper:
    """Sweeps all State of an instance that is kept for a while."""

    def __init__(self, states: Mapping[str, FencedState[Any]], clock: Clock, *, removes: bool) -> None:
        self._states = states
        self._sweepings = {
            name: Sweeping(state.records, state.lifetime, clock, removes=removes)
            for name, state in states.items()
            if state.lifetime is not None
        }

    def own(self, numbers: Collection[int]) -> None:
        """Own these partition numbers from now on."""
        for sweeping in self._sweepings.values():
            sweeping.own(numbers)

    def sweep(self) -> tuple[bool, Mapping[int, Keys]]:
        """Change with the running batch what is over; return whether anything was, and what can be let go.

        That is by partition number and name of the State, each name with the batch that wrote it last.
        """
        bare: defaultdict[int, dict[str, dict[str, int]]] = defaultdict(dict)
        has_swept = False
        for name, sweeping in self._sweepings.items():
            sweeping.look()
            over, names = sweeping.found()
            self._states[name].remove_over(over)
            has_swept |= bool(over)
            for number, batches in self._states[name].bare(names).items():
                bare[number][name] = batches
        return has_swept, bare

    def let_go(self, bare: Mapping[int, Keys]) -> None:
        """Delete the records, once the journal says that they are of no more use."""
        for states in bare.values():
            for name, names in states.items():
                self._states[name].let_go(names)
