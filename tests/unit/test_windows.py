"""Windows: every message is in each of its windows once, or late, and every window is told of once."""

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from types import ModuleType
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catenae import Hopping, Input, Message, Node, Session, Topology, Tumbling, Window, Windowed
from catenae.testing import MemoryState, MemoryTimers, drain, message
from catenae.windows import Shape

SHAPES: list[Shape] = [Tumbling(10), Hopping(20, 5), Hopping(7, 3), Session(10)]
SECONDS = st.lists(st.integers(0, 120), max_size=30)


class Gather(Windowed[list[int]]):
    """Gathers when messages of a key happened; says of each window [from, until, when], in seconds."""

    shape: ClassVar[Shape] = Tumbling(10)

    def add(self, gathered: list[int] | None, message: Message) -> list[int]:
        return [*(gathered or []), message.event_ms // 1000]

    def merge(self, one: list[int], other: list[int]) -> list[int]:
        return one + other

    def closed(self, window: Window, gathered: list[int], message: Message) -> Iterator[Message]:
        assert message.event_ms == window.end_ms
        yield message.derive([window.start_ms // 1000, window.end_ms // 1000, sorted(gathered)])


class Run:
    """A service of some shape, on its own."""

    def __init__(self, shape: Shape, grace_s: float = 0.0) -> None:
        self.timers = MemoryTimers()
        self.state = MemoryState[list[Any]]()
        service = type("Shaped", (Gather,), {"shape": shape, "grace_s": grace_s})
        self.service = service(self.state, self.timers)
        self.told: list[Any] = []
        self.late: list[int] = []

    def take(self, at_s: int, key: str = "ann") -> None:
        given = message("click", key).at(1000 * at_s)
        for out in self.service.transform(given):
            assert out.rejected == "late"
            self.late.append(at_s)
        self.timers.heed([(given.key, given.event_ms)])

    def wake(self) -> None:
        for due in self.timers.due():
            self.told += [out.value for out in self.service.wake(due)]

    def end(self) -> list[Any]:
        self.timers.clock.advance(10_000)
        self.wake()
        return self.told


def sessions(times: Sequence[int], gap_s: int) -> list[Any]:
    found: list[list[int]] = []
    for each in sorted(times):
        if found and each < found[-1][-1] + gap_s:
            found[-1].append(each)
        else:
            found.append([each])
    return [[each[0], each[-1] + gap_s, each] for each in found]


def fixed(times: Sequence[int], shape: Shape) -> list[Any]:
    windows = sorted({window for each in times for window in shape.windows(1000 * each)})
    pairs = [(window.start_ms // 1000, window.end_ms // 1000) for window in windows]
    return [[start, end, sorted(each for each in times if start <= each < end)] for start, end in pairs]


@pytest.mark.lengthy
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@given(SECONDS)
def test_in_any_order_within_the_grace_windows_hold_what_happened_in_them(
    shape: Shape, times: list[int]
) -> None:
    run = Run(shape, grace_s=1000)
    for each in times:
        run.take(each)
        run.wake()

    wanted = sessions(times, int(shape.gap_s)) if isinstance(shape, Session) else fixed(times, shape)
    assert (sorted(run.end()), run.late) == (wanted, [])


@pytest.mark.lengthy
@pytest.mark.parametrize("grace_s", [0, 5])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@given(SECONDS, st.lists(st.booleans(), min_size=30, max_size=30))
def test_what_is_late_does_not_depend_on_batches(
    shape: Shape, grace_s: int, times: list[int], wakes: list[bool]
) -> None:
    one_by_one, in_batches = Run(shape, grace_s), Run(shape, grace_s)
    for each, is_woken in zip(times, wakes, strict=False):
        one_by_one.take(each)
        one_by_one.wake()
        in_batches.take(each)
        if is_woken:
            in_batches.wake()

    assert (sorted(in_batches.end()), in_batches.late) == (sorted(one_by_one.end()), one_by_one.late)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_what_its_key_has_left_behind_is_late_also_if_no_window_was_open_then(shape: Shape) -> None:
    run = Run(shape, grace_s=5)
    for each in (100, 60, 101):
        run.take(each)

    assert run.late == [60]


@pytest.mark.lengthy
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@given(SECONDS, st.lists(st.booleans(), min_size=30, max_size=30))
def test_without_grace_what_is_in_no_window_is_late_and_no_window_comes_twice(
    shape: Shape, times: list[int], wakes: list[bool]
) -> None:
    run = Run(shape)
    for each, is_woken in zip(times, wakes, strict=False):
        run.take(each)
        if is_woken:
            run.wake()
    told = run.end()

    gathered = Counter(each for _, _, some in told for each in some)
    per_message = len(shape.windows(0))
    taken = Counter(times) - Counter(run.late)
    assert set(gathered) == set(taken)
    assert all(1 <= gathered[each] <= per_message * taken[each] for each in taken)
    assert all(start <= each < end for start, end, some in told for each in some)
    assert len({(start, end) for start, end, _ in told}) == len(told)


def test_windows_of_a_hop_are_those_that_hold_the_moment() -> None:
    windows = Hopping(20, 5).windows(12_000)

    assert [each.start_ms for each in windows] == [-5000, 0, 5000, 10_000]
    assert all(each.start_ms <= 12_000 < each.end_ms for each in windows)


def test_a_key_that_has_been_silent_for_long_leaves_nothing() -> None:
    run = Run(Session(10))
    run.take(5)
    run.end()
    assert "ann" in run.state

    run.timers.clock.advance(Gather.remembers_s)
    run.wake()
    assert run.state.values == {}


@pytest.mark.parametrize("times", [(0, 15, 8), (0, 15), (15, 8), (15, 8, 0), (12, 8, 15, 9)])
def test_what_comes_late_delays_no_end(times: Sequence[int]) -> None:
    run = Run(Session(10), grace_s=10)
    for each in times:
        run.take(each)

    run.timers.clock.advance(25 + 10 - 15 - 0.1)
    run.wake()
    assert all(end < 25 for _, end, _ in run.told)
    run.timers.clock.advance(0.2)
    run.wake()
    assert sorted(each for _, _, gathered in run.told for each in gathered) == sorted(times)


@pytest.fixture
def clicks(monkeypatch: pytest.MonkeyPatch) -> Topology:
    module = ModuleType("clicks")
    vars(module)["Gather"] = Gather
    monkeypatch.setitem(sys.modules, "clicks", module)
    node = Node("gather", "clicks:Gather", Input("clicks", event_s="at"), "minutes", timers="minute_ends")
    return Topology("clicks", (node,), external=("clicks", "minutes"), partitions=2)


def test_a_window_closes_without_another_message(clicks: Topology) -> None:
    given = {"clicks": [Message({"at": each}, "ann") for each in (1, 2, 3)]}

    assert drain(clicks, given, for_s=6)["minutes"] == []
    (closed,) = drain(clicks, given, for_s=8)["minutes"]
    assert (closed.value, closed.event_ms) == ([0, 10, [1, 2, 3]], 10_000)


def test_old_events_are_gathered_as_fast_as_they_come_and_late_ones_set_aside(clicks: Topology) -> None:
    written = drain(clicks, {"clicks": [Message({"at": each}, "ann") for each in (1, 11, 25)]})
    assert [each.value for each in written["minutes"]] == [[0, 10, [1]], [10, 20, [11]]]

    given = [*written["clicks"]]
    late = Message({"at": 3}, "ann")
    again = drain(clicks, {"clicks": [*given, *([late] * 200)]})
    assert {each.headers["dead-reason"] for each in again["clicks.dead"]} == {b"late"}
    assert len(again["clicks.dead"]) == 200
