"""State, timers, windows and joins under kills at every point of a step, rescaling and a clock that jumps.

The profile "thorough" looks at more than 10,000 examples in all.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catenae.runtime import alarms, later_alarms
from tests.storm.services import ALONE, MORTAL_S
from tests.storm.world import (
    CRASHES,
    MISHAPS,
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


def storm(values: st.SearchStrategy[Any], *topics: str) -> st.SearchStrategy[list[Any]]:
    """Return lists of acts: what is written to these topics, and mishaps."""
    writes = st.tuples(st.just("write"), st.sampled_from(topics), KEYS, values, SECONDS)
    return st.lists(st.one_of(writes, writes, MISHAPS), max_size=40)


@contextmanager
def weathered(service: str, acts: Sequence[Any], *topics: str, **node: Any) -> Iterator[World]:
    """Give a world after a storm, once it is as exact as the service alone."""
    Telling.clock = clock = SkippingClock()
    with ExitStack() as stack:
        world = World(f"tests.storm.services:Telling{service}", opened(stack, clock), topics, **node)
        play(world, acts)
        world.end()
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

LEDGER = storm(st.tuples(st.sampled_from(["tea", "milk"]), st.integers(-1, 3)), "orders")


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
        patched.setattr(alarms, "MOST_OUTDATED", 5)
        patched.setattr(later_alarms, "FRESH", 2)
        patched.setattr(later_alarms, "PACKED", 2)
        patched.setattr(alarms.Alarms.__init__, "__defaults__", (4,))
        with weathered("Chimes", acts, "orders"):
            pass


@pytest.mark.lengthy
@given(LEDGER)
def test_state_in_parts_is_as_if_nothing_had_happened(acts: Sequence[Any]) -> None:
    with weathered("Ledger", acts, "orders"):
        pass


@pytest.mark.lengthy
@given(LEDGER)
def test_what_state_has_kept_for_its_time_is_gone_whatever_happens(acts: Sequence[Any]) -> None:
    # What a clock that is set back finds again depends on who has looked meanwhile.
    onwards = [("jump", abs(act[1])) if act[0] == "jump" else act for act in acts]
    with weathered("Mortal", onwards, "orders", ttl_s={"sums": MORTAL_S}) as world:
        assert world.kept() == []


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
        world = World(
            "tests.storm.services:TellingChimes", opened(stack, clock, store), ["orders"], instances=1
        )
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
        world = World("tests.storm.services:TellingChimes", opened(stack, clock), ["orders"])
        play(world, acts)
        world.end()
        (key, (taken, woken)), *_ = world.lines().items()
        for wrong in ([taken], [taken, woken, woken], [taken, [*woken[:-1], [[9, {}], ""]]]):
            world.lines = lambda lines=wrong: {key: lines}  # type: ignore[method-assign,misc]
            with pytest.raises(AssertionError):
                require_as_if_alone(world, ALONE["Chimes"])
