"""One budget of requests for every thread, process and machine that crawls.

The store holds one record, and every turn is a compare-and-put on it, so no two crawlers ever take the same
one. The rule is the generic cell rate algorithm (ITU-T I.371): turns are `interval_s` apart, but up to
`burst` of them may be taken at once after a rest.
"""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from catenae import ConfigError, Store, Write
from services.reddit.errors import RedditUnavailable

# The most that Reddit lets one application ask, on average over ten minutes.
REQUESTS = 1000
WINDOW_S = 600.0

NAMESPACE = "reddit.budget"
KEY = "turns"
# How late a request may reach the server after its turn; a thread that wakes up later throws its turn away.
SLACK_S = 2.0
# How far the clocks of two machines may be apart.
SKEW_S = 1.0
# A pause longer than this can only come from a clock that was set back.
LONGEST_PAUSE_S = 900.0
LONGEST_BACK_OFF_S = 60.0


class OutOfBudget(RedditUnavailable):
    """There is no turn soon enough; nothing was asked of the server."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """At most `requests` in any `window_s` seconds, whenever that window begins."""

    requests: int = REQUESTS
    window_s: float = WINDOW_S

    def __post_init__(self) -> None:
        if self.requests < 2 or self.window_s <= 0:
            raise ConfigError(
                f"a budget of {self.requests} requests in {self.window_s:g} s leaves nothing to share; give "
                f"at least 2 requests and a window longer than 0 s"
            )

    @property
    def burst(self) -> int:
        """How many turns may be taken at once after a rest: a tenth of all."""
        return max(1, self.requests // 10)

    @property
    def interval_s(self) -> float:
        """How far turns are apart: so that with `burst`, and some late, a window has `requests` at most."""
        return (self.window_s + SLACK_S + SKEW_S) / (self.requests - self.burst)

    @property
    def tolerance_s(self) -> float:
        """How far turns may be ahead of their intervals."""
        return (self.burst - 1) * self.interval_s


@dataclass(frozen=True, slots=True)
class _Turns:
    """What the store holds: when the next turn is, but for a burst, and the server's failures in a row."""

    next_s: float = 0.0
    failures: int = 0

    def packed(self) -> bytes:
        return json.dumps([self.next_s, self.failures]).encode()

    @classmethod
    def unpacked(cls, stored: bytes) -> "_Turns":
        return cls(*json.loads(stored))


class RateBudget:
    """Hands out turns. Thread-safe; all that open the same store share them.

    patience_s  how long `take` waits for a turn
    clock       seconds since 1970, the same on every machine but for SKEW_S
    sleep       lets that many seconds pass
    place       namespace and key of the record; Reddit's unless another server is asked

    In any window as long as the allowance's, no more requests reach the server than it says: also when
    crawlers are killed (their turn is lost, never doubled) or suspended (they throw it away). A store that
    loses its last second of writes when it is killed may then give out that second's turns twice.
    """

    def __init__(
        self,
        store: Store,
        allowance: Allowance,
        patience_s: float = 5.0,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        place: tuple[str, str] = (NAMESPACE, KEY),
    ) -> None:
        self._store = store
        self._namespace, self._key = place
        self._allowance = allowance
        self._patience_s = patience_s
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()

    def take(self) -> None:
        """Wait for the next turn and take it; raise `OutOfBudget` if there is none within `patience_s`."""
        until_s = self._clock() + self._patience_s
        while True:
            at_s = self._reserve(until_s)
            self._sleep(max(0.0, at_s - self._clock()))
            if self._clock() <= at_s + SLACK_S / 2:
                return

    def answered(self, remaining: float | None = None, reset_s: float | None = None) -> None:
        """Note an answer, and what the server says is left until it counts anew in `reset_s` seconds.

        If that is less than the budget would give out until then, it is spread over the time.
        """
        tolerance_s, interval_s = self._allowance.tolerance_s, self._allowance.interval_s

        def noted(turns: _Turns, now_s: float) -> _Turns:
            if remaining is None or reset_s is None:
                return replace(turns, failures=0)
            until_reset = (now_s + reset_s - turns.next_s + tolerance_s) / interval_s + 1
            next_s = now_s + reset_s / (remaining + 1) + tolerance_s
            return _Turns(max(turns.next_s, next_s) if remaining < until_reset else turns.next_s, 0)

        self._change(noted)

    def failed(self, retry_after_s: float | None = None) -> None:
        """Note a failure of the server, and let all crawlers pause as long as it asks for.

        Where it asks for nothing, the third failure in a row is a pause of a second, and each further one
        twice as long: one that is alone may have to do with what was asked.
        """

        def paused(turns: _Turns, now_s: float) -> _Turns:
            pause_s = _back_off_s(turns.failures) if retry_after_s is None else retry_after_s
            next_s = now_s + min(pause_s, LONGEST_PAUSE_S) + self._allowance.tolerance_s
            return _Turns(max(turns.next_s, next_s) if pause_s > 0 else turns.next_s, turns.failures + 1)

        self._change(paused)

    def _reserve(self, until_s: float) -> float:
        """Take the next turn, if it is not after `until_s`, and return when it is."""
        at_s = 0.0

        def taken(turns: _Turns, now_s: float) -> _Turns:
            nonlocal at_s
            next_s = min(turns.next_s, now_s + LONGEST_PAUSE_S)
            at_s = max(now_s, next_s - self._allowance.tolerance_s)
            if at_s > until_s:
                raise OutOfBudget(f"there is no turn within {self._patience_s:g} s")
            return replace(turns, next_s=max(at_s, next_s) + self._allowance.interval_s)

        self._change(taken)
        return at_s

    def _change(self, change: Callable[[_Turns, float], _Turns]) -> None:
        with self._lock:
            while True:
                entry = self._store.get(self._namespace, self._key)
                turns = _Turns() if entry is None else _Turns.unpacked(entry.value)
                changed = change(turns, self._clock())
                if changed == turns or self._write(changed, 0 if entry is None else entry.version):
                    return

    def _write(self, turns: _Turns, version: int) -> bool:
        written = [Write(self._key, turns.packed(), version)]
        return self._key in self._store.compare_and_put(self._namespace, written)


def _back_off_s(failures: int) -> float:
    return 0.0 if failures < 2 else min(LONGEST_BACK_OFF_S, 2.0 ** min(failures - 2, 10))
