"""What storms come over: a service of each kind, and each of them telling what it does."""

from collections.abc import Callable, Iterator
from typing import Any, ClassVar

from catenae import (
    Hopping,
    IntervalJoin,
    LatestJoin,
    Message,
    Middle,
    Session,
    State,
    Timers,
    Tumbling,
    Window,
    Windowed,
)
from catenae.testing import MemoryState, MemoryTimers
from catenae.windows import Shape
from tests.storm.world import START_MS, WOKEN, Telling


class Chimes(Middle):
    """Does to timers what messages say, and counts by key how often it was called, in two ways."""

    def __init__(self, timers: Timers, calls: State[int]) -> None:
        self._timers = timers
        self._calls = calls

    def transform(self, message: Message) -> Iterator[Message]:
        what, name, moment = message.value
        if what == "cancel":
            self._timers.cancel(message.key, name)
        elif what == "after":
            self._timers.set(message.key, name, after_s=moment)
        else:
            self._timers.set(message.key, name, event_ms=START_MS + 1000 * moment)
        yield from self._count(message, what)

    def wake(self, message: Message[str]) -> Iterator[Message]:
        assert self._timers.moment_ms(message.key, message.value) is None
        yield from self._count(message, WOKEN)

    def _count(self, message: Message, what: str) -> Iterator[Message]:
        self._calls[message.key] = self._calls.get(message.key, 0) + 1
        self._calls[message.key, what] = self._calls.get((message.key, what), 0) + 1
        yield message.derive([self._calls[message.key], dict(self._calls.items(message.key))])


class Ledger(Middle):
    """Does to State what messages say: adds to a part of a key, removes a part, or forgets all of it."""

    def __init__(self, sums: State[int], timers: Timers) -> None:
        self._sums = sums
        self._timers = timers

    def transform(self, message: Message) -> Iterator[Message]:
        part, amount = message.value
        if amount == 0:
            self._sums.forget(message.key)
        elif amount < 0 and (message.key, part) in self._sums:
            del self._sums[message.key, part]
        else:
            self._sums[message.key, part] = self._sums.get((message.key, part), 0) + amount
        yield message.derive(dict(self._sums.items(message.key)))

    def wake(self, message: Message[str]) -> Iterator[Message]:
        raise NotImplementedError


MORTAL_S = 20.0


class Gather(Windowed[list[str]]):
    """Gathers the ids of messages."""

    shape: ClassVar[Shape] = Tumbling(10)
    grace_s: ClassVar[float] = 3.0

    def add(self, gathered: list[str] | None, message: Message) -> list[str]:
        return [*(gathered or []), message.id]

    def merge(self, one: list[str], other: list[str]) -> list[str]:
        return one + other

    def closed(self, window: Window, gathered: list[str], message: Message) -> Iterator[Message]:
        yield message.derive([*window, gathered])


class Hop(Gather):
    shape: ClassVar[Shape] = Hopping(20, 5)


class Visit(Gather):
    shape: ClassVar[Shape] = Session(10)


class Meet(IntervalJoin):
    """Joins the numbers of two topics."""

    left: ClassVar[str] = "left"
    within_s: ClassVar[float] = 10

    def both(self, left: Any, right: Any, message: Message) -> Iterator[Message]:
        yield message.derive([left, right])

    def left_alone(self, left: Any, message: Message) -> Iterator[Message]:
        yield message.derive([left, None])

    def right_alone(self, right: Any, message: Message) -> Iterator[Message]:
        yield message.derive([None, right])


class Latest(LatestJoin):
    """Joins each number with the latest one of the other topic."""

    left: ClassVar[str] = "left"

    def __init__(self, latest: State[list[Any]], timers: Timers) -> None:
        super().__init__(latest)
        self._timers = timers

    def both(self, left: Any, right: Any, message: Message) -> Iterator[Message]:
        yield message.derive([left, right])

    def wake(self, message: Message[str]) -> Iterator[Message]:
        raise NotImplementedError


ALONE: dict[str, Callable[[MemoryTimers], Middle]] = {
    "Chimes": lambda timers: Chimes(timers, MemoryState()),
    "Ledger": lambda timers: Ledger(MemoryState(), timers),
    "Mortal": lambda timers: Ledger(MemoryState(ttl_s=MORTAL_S, clock=timers.clock), timers),
    "Gather": lambda timers: Gather(MemoryState(), timers),
    "Hop": lambda timers: Hop(MemoryState(), timers),
    "Visit": lambda timers: Visit(MemoryState(), timers),
    "Meet": lambda timers: Meet(MemoryState(), timers),
    "Latest": lambda timers: Latest(MemoryState(), timers),
}


class TellingChimes(Telling, Chimes):
    """Tells of `Chimes`."""


class TellingLedger(Telling, Ledger):
    """Tells of `Ledger`."""


class TellingMortal(Telling, Ledger):
    """Tells of a `Ledger` the State of which is kept for a while only."""


class TellingGather(Telling, Gather):
    """Tells of `Gather`."""


class TellingHop(Telling, Hop):
    """Tells of `Hop`."""


class TellingVisit(Telling, Visit):
    """Tells of `Visit`."""


class TellingMeet(Telling, Meet):
    """Tells of `Meet`."""


class TellingLatest(Telling, Latest):
    """Tells of `Latest`."""
