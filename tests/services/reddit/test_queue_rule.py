"""When to visit a user again."""

import pytest

from services.reddit.queue_rule import revisit_queue, risk_class

DAY_S = 86_400


def ages(young: int, young_days: float, all_items: int = 100) -> list[float]:
    return [young_days * DAY_S - 1] * young + [400 * DAY_S] * (all_items - young)


@pytest.mark.parametrize(("days", "queue"), [(1, 1), (3, 2), (7, 3), (14, 4), (56, 5), (57, 6)])
def test_the_class_of_the_youngest_fifth_is_the_queue(days: int, queue: int) -> None:
    assert revisit_queue(ages(21, days), 0.0) == queue


def test_a_class_needs_more_than_a_fifth_of_the_items() -> None:
    assert revisit_queue(ages(20, 1), 0.0) == 6


def test_a_class_counts_what_is_younger_too() -> None:
    mixed = [DAY_S / 2] * 11 + [2 * DAY_S] * 11 + [400 * DAY_S] * 78

    assert revisit_queue(mixed, 0.0) == 2


def test_with_fewer_than_ten_items_there_is_not_enough_to_go_by() -> None:
    assert [revisit_queue([0.0] * items, 0.0) for items in (0, 9, 10)] == [6, 6, 1]


@pytest.mark.parametrize(
    ("probability", "queue"),
    [(0.0, 4), (0.19, 4), (0.2, 3), (0.39, 3), (0.4, 2), (0.49, 2), (0.5, 1), (1, 1)],
)
def test_risk_moves_a_user_up(probability: float, queue: int) -> None:
    assert revisit_queue(ages(30, 14), probability) == queue


def test_nobody_is_moved_beyond_the_first_queue() -> None:
    assert revisit_queue(ages(100, 1), 0.45) == 1


def test_within_a_class_of_risk_the_queue_stays() -> None:
    assert [risk_class(each) for each in (0.0, 0.19, 0.2, 0.4, 0.5, 0.9)] == [0, 0, 1, 2, 3, 3]
