"""State, timers, windows and joins under kills at every point of a step, rescaling and a clock that jumps.

The profile "thorough" looks at 10,000 examples in all.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from types import ModuleType
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
from catenae.runtime import alarms
from catenae.testing import MemoryState, MemoryTimers
from catenae.windows import Shape
from tests.unit.runtime.storm import (
    CRASHES,
    MISHAPS,
    START_MS,
    WOKEN,
    SkippingClock,
    Telling,
    World,
    opened,
    play,
    require_as_if_alone,
    told,
)
from tests.unit.runtime.test_lost_writes import LosingStore

KEYS = st.sampled_from(["ann", "bob", "cid", "dan"])
SECONDS = st.integers(0, 120)


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
    "Gather": lambda timers: Gather(MemoryState(), timers),
    "Hop": lambda timers: Hop(MemoryState(), timers),
    "Visit": lambda timers: Visit(MemoryState(), timers),
    "Meet": lambda timers: Meet(MemoryState(), timers),
    "Latest": lambda timers: Latest(MemoryState(), timers),
}
TELLING = [
    type(f"Telling{each.__name__}", (Telling, each), {})
    for each in (Chimes, Ledger, Gather, Hop, Visit, Meet, Latest)
]


@pytest.fixture(scope="module", autouse=True)
def _services() -> Iterator[None]:
    module = ModuleType("telling")
    vars(module).update({each.__name__: each for each in TELLING})
    sys.modules["telling"] = module
    yield
    del sys.modules["telling"]


def storm(values: st.SearchStrategy[Any], *topics: str) -> st.SearchStrategy[list[Any]]:
    """Return lists of acts: what is written to these topics, and mishaps."""
    writes = st.tuples(st.just("write"), st.sampled_from(topics), KEYS, values, SECONDS)
    return st.lists(st.one_of(writes, writes, MISHAPS), max_size=40)


@contextmanager
def weathered(service: str, acts: Sequence[Any], *topics: str) -> Iterator[World]:
    """Give a world after a storm, once it is as exact as the service alone."""
    Telling.clock = clock = SkippingClock()
    with ExitStack() as stack:
        world = World(f"telling:Telling{service}", opened(stack, clock), topics)
        play(world, acts)
        require_as_if_alone(world, ALONE[service])
        yield world


CHIMES = storm(
    st.tuples(
        st.sampled_from(["after", "after", "event", "cancel"]),
        st.sampled_from(["", "x"]),
        st.sampled_from([0, 1, 3, 10, 100]),
    ),
    "orders",
)


@pytest.mark.lengthy
@given(CHIMES)
def test_every_timer_wakes_once_and_not_before_its_moment(acts: Sequence[Any]) -> None:
    with weathered("Chimes", acts, "orders"):
        pass


@pytest.mark.lengthy
@given(CHIMES)
def test_so_it_is_where_few_timers_fit_into_memory_and_few_are_under_way(acts: Sequence[Any]) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(alarms, "MOST_RUNG", 2)
        patched.setattr(alarms.Alarms.__init__, "__defaults__", (4,))
        with weathered("Chimes", acts, "orders"):
            pass


@pytest.mark.lengthy
@given(storm(st.tuples(st.sampled_from(["tea", "milk"]), st.integers(-1, 3)), "orders"))
def test_state_in_parts_is_as_if_nothing_had_happened(acts: Sequence[Any]) -> None:
    with weathered("Ledger", acts, "orders"):
        pass


@pytest.mark.lengthy
@pytest.mark.parametrize("service", ["Gather", "Hop", "Visit"])
@given(acts=storm(st.none(), "clicks"))
def test_every_window_is_told_of_once_and_a_silent_key_leaves_nothing(
    service: str, acts: Sequence[Any]
) -> None:
    with weathered(service, acts, "clicks") as world:
        assert world.is_empty()


@pytest.mark.lengthy
@given(storm(st.none(), "left", "right"))
def test_every_pair_meets_once_and_who_meets_nobody_is_told_of_once(acts: Sequence[Any]) -> None:
    numbered = [(*act[:3], number, act[4]) if act[0] == "write" else act for number, act in enumerate(acts)]
    with weathered("Meet", numbered, "left", "right") as world:
        pairs = [(left, right) for (left, right), _ in told(world.lines())]
        assert world.is_empty()

    alone = [left if right is None else right for left, right in pairs if None in (left, right)]
    met = {number for pair in pairs if None not in pair for number in pair}
    assert len(set(pairs)) == len(pairs)
    assert sorted([*alone, *met]) == [act[3] for act in numbered if act[0] == "write"]


@pytest.mark.lengthy
@given(storm(st.integers(0, 99), "left", "right"))
def test_the_latest_of_two_topics_is_what_has_come_last(acts: Sequence[Any]) -> None:
    with weathered("Latest", acts, "left", "right"):
        pass


@pytest.mark.parametrize("rounds", [1, 6, 9, 12])
@pytest.mark.parametrize("what", ["after", "event"])
def test_a_timer_of_which_the_store_has_lost_that_it_woke_wakes_nobody_again(what: str, rounds: int) -> None:
    Telling.clock = clock = SkippingClock()
    store = LosingStore()
    with ExitStack() as stack:
        world = World("telling:TellingChimes", opened(stack, clock, store), ["orders"], instances=1)
        for key in ("ann", "bob"):
            world.write("orders", key, [what, "x", 10], event_s=0)
            clock.sleep(0.5)  # handled later than it was written, as it is handled much later once more
            world.rest()
            clock.sleep(7)
        clock.sleep(4)
        world.rest()
        store.lose(rounds, [])
        clock.sleep(60)
        world.rest()

        calls = [line[0] for lines in world.lines().values() for line in lines]
        assert sorted(calls) == ["took", "took", WOKEN, WOKEN]


def test_the_judge_sees_a_timer_that_wakes_twice_one_that_never_does_and_another_sum() -> None:
    acts = [("write", "orders", "ann", ("after", "x", 3), 0), ("pass", 10), ("step", 0, CRASHES[0])]
    with ExitStack() as stack:
        Telling.clock = clock = SkippingClock()
        world = World("telling:TellingChimes", opened(stack, clock), ["orders"])
        play(world, acts)
        (key, (taken, woken)), *_ = world.lines().items()
        for wrong in ([taken], [taken, woken, woken], [taken, [*woken[:-1], [[9, {}], ""]]]):
            world.lines = lambda lines=wrong: {key: lines}  # type: ignore[method-assign,misc]
            with pytest.raises(AssertionError):
                require_as_if_alone(world, ALONE["Chimes"])
