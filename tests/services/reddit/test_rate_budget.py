"""One budget for all: what reaches the server in any window."""

import random
from bisect import bisect_left
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catenae import ConfigError, Store
from catenae.stores import open_store
from catenae.testing import FakeClock
from services.reddit.rate_budget import SKEW_S, SLACK_S, Allowance, OutOfBudget, RateBudget

ALLOWANCE = Allowance(requests=20, window_s=10.0)


def most_in_a_window(times_s: list[float], window_s: float) -> int:
    times_s = sorted(times_s)
    return max(
        (bisect_left(times_s, at_s + window_s) - place for place, at_s in enumerate(times_s)), default=0
    )


def skewed(clock: FakeClock, by_s: float) -> Callable[[], float]:
    return lambda: clock.now_s() + by_s


def budget(store: Store, clock: FakeClock, patience_s: float = 5.0) -> RateBudget:
    return RateBudget(store, ALLOWANCE, patience_s, clock.now_s, clock.sleep)


@pytest.mark.lengthy
@given(st.integers(0, 2**32), st.integers(1, 5))
def test_no_window_has_more_requests_than_the_budget(seed: int, crawlers: int) -> None:
    """Crawlers whose clocks differ, that rest at times, are late with requests, or are killed."""
    chance, clock, store = random.Random(seed), FakeClock(), open_store("embedded:")
    shared = [
        RateBudget(store, ALLOWANCE, 5.0, skewed(clock, chance.uniform(-SKEW_S / 2, SKEW_S / 2)), clock.sleep)
        for _ in range(crawlers)
    ]
    arrived_s = []
    for _ in range(150):
        clock.advance(chance.choice([0.0, 0.0, 0.01, 0.3, 8.0]))
        chance.choice(shared).take()
        if chance.random() < 0.9:
            arrived_s.append(clock.now_s() + chance.uniform(0.0, SLACK_S / 2))

    assert most_in_a_window(arrived_s, ALLOWANCE.window_s) <= ALLOWANCE.requests


def test_most_of_the_budget_can_be_used(store: Store, clock: FakeClock) -> None:
    shared, began_s = budget(store, clock), clock.now_s()
    for _ in range(200):
        shared.take()

    assert 200 / (clock.now_s() - began_s) > 0.65 * ALLOWANCE.requests / ALLOWANCE.window_s


def test_a_burst_after_a_rest_waits_for_nothing(store: Store, clock: FakeClock) -> None:
    shared, began_s = budget(store, clock), clock.now_s()
    for _ in range(ALLOWANCE.burst):
        shared.take()

    assert clock.now_s() == began_s


def test_no_turn_soon_enough_is_said_and_none_is_taken(store: Store, clock: FakeClock) -> None:
    shared = budget(store, clock, patience_s=0.1)
    shared.take()
    shared.take()
    for _ in range(3):
        with pytest.raises(OutOfBudget, match=r"within 0.1 s"):
            shared.take()
    clock.advance(ALLOWANCE.interval_s)

    shared.take()


def test_a_crawler_that_was_suspended_throws_its_turn_away(store: Store, clock: FakeClock) -> None:
    pauses = iter([60.0, 0.0])
    taken: list[float] = []

    def sleep(seconds: float) -> None:
        taken.append(clock.now_s())
        clock.advance(seconds + next(pauses))

    RateBudget(store, ALLOWANCE, 100.0, clock.now_s, sleep).take()

    assert len(taken) == 2


def test_all_pause_as_long_as_the_server_asks_for(store: Store, clock: FakeClock) -> None:
    budget(store, clock).failed(retry_after_s=30.0)
    another, began_s = budget(store, clock, patience_s=100.0), clock.now_s()
    another.take()

    assert clock.now_s() - began_s == pytest.approx(30.0)


def test_failures_in_a_row_make_longer_and_longer_pauses(store: Store, clock: FakeClock) -> None:
    shared, paused_s = budget(store, clock, patience_s=100.0), []
    for _ in range(5):
        clock.advance(100.0)
        began_s = clock.now_s()
        shared.failed()
        shared.take()
        paused_s.append(round(clock.now_s() - began_s, 6))

    assert paused_s == [0, 0, 1, 2, 4]


def test_an_answer_ends_the_failures(store: Store, clock: FakeClock) -> None:
    shared = budget(store, clock, patience_s=0.0)
    for _ in range(4):
        shared.failed()
        shared.answered()

    shared.take()


def test_what_the_server_says_is_left_lasts_until_its_reset(store: Store, clock: FakeClock) -> None:
    shared, reset_at_s, asked_s = budget(store, clock, patience_s=100.0), clock.now_s() + 9.0, []
    for remaining in (3, 2, 1, 0):
        shared.answered(float(remaining), reset_at_s - clock.now_s())
        shared.take()
        asked_s.append(reset_at_s - clock.now_s())

    assert asked_s == pytest.approx([6.75, 4.5, 2.25, 0.0])


def test_what_the_server_says_changes_nothing_while_there_is_enough(store: Store, clock: FakeClock) -> None:
    shared, began_s = budget(store, clock), clock.now_s()
    shared.take()
    shared.answered(remaining=19.0, reset_s=10.0)
    shared.take()

    assert clock.now_s() == began_s


def test_a_clock_that_was_set_back_does_not_stop_the_crawl_for_ever(store: Store, clock: FakeClock) -> None:
    clock.advance(1e6)
    budget(store, clock).take()
    clock.advance(-1e6)

    budget(store, clock, patience_s=1000.0).take()


def test_a_budget_of_nothing_is_refused() -> None:
    with pytest.raises(ConfigError, match="leaves nothing to share"):
        Allowance(requests=1)
