"""Timers as a node keeps them: in a State of its own, by key, so that they are as exact as any State.

That a timer is due is found out by `Alarms`, outside of any promise, and said by a record on a topic of the
node. Such a wake-up is a hint. It wakes the service only if State still has the timer, which the same call
takes out: so hints may come twice, late, or from an owner of before, and one that was cancelled or moved
wakes nobody.
"""

import math
import threading
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from catenae.clock import Clock
from catenae.message import LATEST_EVENT_MS
from catenae.store import State

# By name of the timer: the moment; or, of event time, it and (once known) when that is by the clock.
Pending = dict[str, Any]

NEVER_MS = 1 << 62


class Moment(NamedTuple):
    """One timer of a key: what was asked for, and when that is by the clock."""

    name: str
    asked_ms: int
    due_ms: int
    is_of_events: bool


def moments(pending: Pending) -> Iterator[Moment]:
    """Return what a key has."""
    for name, kept in pending.items():
        if isinstance(kept, int):
            yield Moment(name, kept, kept, is_of_events=False)
        else:
            yield Moment(name, kept[0], kept[-1], is_of_events=True)


class _AsOf(threading.local):
    """Of this thread's call: when what is handled once more was written; None for a first time."""

    ms: int | None = None


class StateTimers:
    """`Timers` in a State. The runtime calls `take` for a wake-up, and `heed` after each call.

    Input that is handled once more, because a store has lost what came of it, is handled `as_of` the time at
    which it was written: so a timer is set for about the moment of the first time, and no later one. The
    wake-up of then takes it out.
    """

    def __init__(self, state: State[Pending], clock: Clock) -> None:
        self._state = state
        self._clock = clock
        self._as_of = _AsOf()

    def set(
        self,
        key: str,
        name: str = "",
        *,
        after_s: float | None = None,
        at_ms: int | None = None,
        event_ms: int | None = None,
    ) -> None:
        kept: int | list[int]
        match (after_s, at_ms, event_ms):
            case (None, None, int()):
                kept = [_checked(event_ms), *self._due_beside(key, event_ms)]
            case (None, int(), None):
                kept = _checked(at_ms)
            case (int() | float(), None, None):
                kept = _checked(self._now_ms() + math.ceil(_finite(after_s) * 1000))
            case _:
                raise TypeError(
                    "a timer is set by one of after_s=, at_ms= and event_ms=, the last two an int"
                )
        if not isinstance(name, str):
            raise TypeError(f"a timer's name is of type {type(name).__name__}; give a str")
        self._state[key] = {**self._state.get(key, {}), name: kept}

    def cancel(self, key: str, name: str = "") -> None:
        pending = self._state.get(key, {})
        if name in pending:
            self._keep(key, {each: kept for each, kept in pending.items() if each != name})

    def moment_ms(self, key: str, name: str = "") -> int | None:
        return next((each.asked_ms for each in moments(self._state.get(key, {})) if each.name == name), None)

    def as_of(self, written_ms: int | None) -> None:
        """Take it for that time in this thread's next calls; None for the clock's."""
        self._as_of.ms = written_ms

    def take(self, key: str, name: str, asked_ms: int) -> Moment | None:
        """Return a timer, which is set no longer; None if it is not set for that moment."""
        is_repeat = self._as_of.ms is not None
        for each in moments(self._state.get(key, {})):
            is_meant = each.asked_ms <= asked_ms if is_repeat else each.asked_ms == asked_ms
            if each.name == name and is_meant:
                self.cancel(key, name)
                return each
        return None

    def heed(self, events: Iterable[tuple[Any, int]]) -> None:
        """Be told how far event time is, by key: what waits for it comes as much sooner."""
        latest: dict[str, int] = {}
        for key, event_ms in events:
            if isinstance(key, str):
                latest[key] = max(event_ms, latest.get(key, event_ms))
        for key, event_ms in latest.items():
            pending = self._state.get(key, {})
            sooner = {
                name: [kept[0], due_ms]
                for name, kept in pending.items()
                if not isinstance(kept, int) and (due_ms := self._due_ms(*kept, event_ms)) != kept[-1]
            }
            if sooner:
                self._state[key] = {**pending, **sooner}

    def _due_beside(self, key: str, asked_ms: int) -> list[int]:
        """Return when event time will have come so far by other timers of the key; nothing without any.

        They know how far it is where the message that is handled is an old one.
        """
        beside = [kept for kept in self._state.get(key, {}).values() if not isinstance(kept, int)]
        # One that was set in the same call is not known to be due yet.
        found = [due_ms + asked_ms - former_ms for former_ms, *dues in beside for due_ms in dues]
        return [min(found)] if found else []

    def _due_ms(self, *kept_and_event_ms: int) -> int:
        """Return when event time will have come so far, at the latest when it was thought to before."""
        asked_ms, *before_ms, event_ms = kept_and_event_ms
        return min(self._now_ms() + max(0, asked_ms - event_ms), *before_ms, NEVER_MS)

    def _now_ms(self) -> int:
        return math.ceil(self._clock.now_s() * 1000) if self._as_of.ms is None else self._as_of.ms

    def _keep(self, key: str, pending: Pending) -> None:
        if pending:
            self._state[key] = pending
        else:
            del self._state[key]


def _finite(seconds: float) -> float:
    if not math.isfinite(seconds):
        raise ValueError(f"a timer is set for {seconds} s from now; give a number of seconds")
    return seconds


def _checked(moment_ms: int) -> int:
    if abs(moment_ms) > LATEST_EVENT_MS:
        raise ValueError("a timer is set for beyond the year 10,000; give milliseconds since 1970")
    return moment_ms
