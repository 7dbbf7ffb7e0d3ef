"""When posts are due, however odd their times."""

from itertools import pairwise

import pytest

from services.reddit.pace import LONGEST_WAIT_S, Pace


def waits(speed: float, *created_utc: float) -> list[float]:
    """Return how long after the one before it each post is due, the first after the clock's 1000."""
    pace = Pace(speed, lambda: 1000.0)
    due_s = [1000.0, *(pace.due_s(at_utc) for at_utc in created_utc)]
    return [round(after - before, 3) for before, after in pairwise(due_s)]


def test_posts_are_as_far_apart_as_they_were_written() -> None:
    assert waits(10, 500, 600, 590, 605) == [0, 10, -1, 1.5]


@pytest.mark.parametrize("odd", [0, 50_000_000_000])
def test_a_time_that_is_far_off_costs_a_bounded_wait_and_the_pace_goes_on(odd: float) -> None:
    found = waits(1, 1_700_000_000, odd, 1_700_000_010, 1_700_000_015)

    assert sorted(found[1:3]) == [0, LONGEST_WAIT_S]
    assert found[3] == 5


def test_without_a_speed_all_is_due_at_once() -> None:
    assert Pace(0, lambda: 1000.0).due_s(5) < 1000.0
