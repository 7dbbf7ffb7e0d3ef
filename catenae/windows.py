"""Windows of event time: what comes in them is gathered by key, and each is told of once, when it closes.

    Tumbling(60)        minute after minute
    Hopping(3600, 60)   the last hour, minute after minute
    Session(1800)       until nothing has come for half an hour

A window closes when event time of its key has come to its end, `grace_s` later; without another message, when
as much time has passed as was left of it at the last one. So it closes by itself, and a stream of old events
is read as fast as it comes. Event time of a key is the latest that any of its messages has had: what is late
follows from the messages and their order, however they are put together in batches.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, NamedTuple, Protocol, TypeVar

from catenae.message import Message
from catenae.microservice import Middle
from catenae.store import State
from catenae.timers import Timers

V = TypeVar("V")

LATE = "late"
# Before everything.
_NEVER_MS = -(2**62)
# Of the timer by which a key that has been silent for long is forgotten; others are called as their windows.
_FORGET = "forget"


class Window(NamedTuple):
    """From `start_ms` up to, not including, `end_ms`: milliseconds since 1970 UTC."""

    start_ms: int
    end_ms: int

    def touches(self, other: "Window") -> bool:
        """Say whether two of them overlap."""
        return self.start_ms < other.end_ms and other.start_ms < self.end_ms


class Shape(Protocol):
    """Which windows there are."""

    merges: ClassVar[bool]

    def windows(self, event_ms: int) -> Sequence[Window]:
        """Return the windows of what happened then, the earliest first."""


@dataclass(frozen=True, slots=True)
class Tumbling:
    """One after the other, each as long as the others."""

    size_s: float
    merges: ClassVar[bool] = False

    def windows(self, event_ms: int) -> Sequence[Window]:
        return Hopping(self.size_s, self.size_s).windows(event_ms)


@dataclass(frozen=True, slots=True)
class Hopping:
    """Of one size, a new one every `hop_s`: what happens is in each of those that overlap then."""

    size_s: float
    hop_s: float
    merges: ClassVar[bool] = False

    def windows(self, event_ms: int) -> Sequence[Window]:
        size_ms, hop_ms = round(self.size_s * 1000), round(self.hop_s * 1000)
        last_ms = event_ms - event_ms % hop_ms
        starts = range(last_ms, event_ms - size_ms, -hop_ms)
        return [Window(start_ms, start_ms + size_ms) for start_ms in reversed(starts)]


@dataclass(frozen=True, slots=True)
class Session:
    """From the first of several until nothing has happened for `gap_s`."""

    gap_s: float
    merges: ClassVar[bool] = True

    def windows(self, event_ms: int) -> Sequence[Window]:
        return [Window(event_ms, event_ms + round(self.gap_s * 1000))]


@dataclass(slots=True)
class _Kept(Generic[V]):
    """What is known of a key.

    closed_ms  end of the latest window that was told of
    latest_ms  event time
    opened     what is gathered in the windows that were not told of yet
    """

    closed_ms: int = _NEVER_MS
    latest_ms: int = _NEVER_MS
    opened: dict[Window, V] = field(default_factory=dict)

    def packed(self) -> list[Any]:
        windows = ([*window, gathered] for window, gathered in sorted(self.opened.items()))
        return [self.closed_ms, self.latest_ms, *windows]

    @classmethod
    def unpacked(cls, packed: list[Any]) -> "_Kept[V]":
        closed_ms, latest_ms, *windows = packed
        opened = {Window(start_ms, end_ms): gathered for start_ms, end_ms, gathered in windows}
        return cls(closed_ms, latest_ms, opened)


class Windowed(Middle, Generic[V]):
    """Gathers messages in windows. Say which, and override `add`, `closed`, and of sessions `merge`.

    shape        the windows
    grace_s      so much event time after its end a window still takes what comes late
    remembers_s  a key that has been silent for so long is forgotten: what comes late then opens a window anew
    """

    shape: ClassVar[Shape]
    grace_s: ClassVar[float] = 0.0
    remembers_s: ClassVar[float] = 86_400.0

    def __init__(self, windows: State[list[Any]], timers: Timers) -> None:
        self._windows = windows
        self._timers = timers

    def add(self, gathered: V | None, message: Message) -> V:
        """Return what is gathered in a window once a message is in it, too; None if it is the first."""
        raise NotImplementedError

    def merge(self, one: V, other: V) -> V:
        """Return what two sessions have gathered that a message has made one."""
        raise NotImplementedError

    def closed(self, window: Window, gathered: V, message: Message) -> Iterable[Message]:
        """Return what comes of a window; `message` has its key, and its end as event time."""
        raise NotImplementedError

    def late(self, message: Message) -> Iterable[Message]:
        """Return what comes of a message whose windows are closed: a dead letter with the reason "late"."""
        yield message.reject(LATE)

    def transform(self, message: Message) -> Iterable[Message]:
        kept = self._of(message.key)
        kept.latest_ms = max(kept.latest_ms, message.event_ms)
        # What ends by then is closed, whether its timer has told of it yet or not.
        over_ms = kept.latest_ms - self._grace_ms
        windows = self.shape.windows(message.event_ms)
        fitting = [each for each in windows if self._is_open(each, kept, over_ms)]
        for window in fitting:
            self._put(message, window, kept.opened, over_ms)
        self._keep(message.key, kept)
        return () if fitting else self.late(message)

    def wake(self, message: Message[str]) -> Iterable[Message]:
        if message.value == _FORGET:
            self._windows.forget(message.key)
            return ()
        kept = self._of(message.key)
        window = next((each for each in kept.opened if _name(each) == message.value), None)
        if window is None:
            # Only where a dead letter is replayed.
            return ()
        gathered = kept.opened.pop(window)
        kept.closed_ms = max(kept.closed_ms, window.end_ms)
        self._keep(message.key, kept)
        return self.closed(window, gathered, message.at(window.end_ms))

    def _is_open(self, window: Window, kept: _Kept[V], over_ms: int) -> bool:
        """Say whether a window still takes messages; one of sessions unless it is part of a closed one."""
        if not self.shape.merges:
            return window.end_ms > max(kept.closed_ms, over_ms)
        if any(each.end_ms > over_ms and each.touches(window) for each in kept.opened):
            return True
        closed = (each.end_ms for each in kept.opened if each.end_ms <= over_ms)
        return window.end_ms > over_ms and window.start_ms >= max(kept.closed_ms, *closed, _NEVER_MS)

    def _put(self, message: Message, window: Window, opened: dict[Window, V], over_ms: int) -> None:
        joined = [
            each
            for each in opened
            if each == window or (self.shape.merges and each.end_ms > over_ms and each.touches(window))
        ]
        gathered: V | None = None
        for each in joined:
            gathered = opened[each] if gathered is None else self.merge(gathered, opened[each])
            del opened[each]
        whole = Window(
            min(each.start_ms for each in (window, *joined)), max(each.end_ms for each in (window, *joined))
        )
        opened[whole] = self.add(gathered, message)
        if joined != [whole]:
            # The timers that go tell the new one how far event time is.
            self._timers.set(message.key, _name(whole), event_ms=whole.end_ms + self._grace_ms)
            for each in joined:
                if each != whole:
                    self._timers.cancel(message.key, _name(each))

    @property
    def _grace_ms(self) -> int:
        return round(self.grace_s * 1000)

    def _of(self, key: str) -> _Kept[V]:
        packed = self._windows.get(key)
        return _Kept() if packed is None else _Kept.unpacked(packed)

    def _keep(self, key: str, kept: _Kept[V]) -> None:
        self._windows[key] = kept.packed()
        if kept.opened:
            self._timers.cancel(key, _FORGET)
        else:
            self._timers.set(key, _FORGET, after_s=self.remembers_s)


def _name(window: Window) -> str:
    return f"{window.start_ms}-{window.end_ms}"
