"""Who guesses waits: by account and address, by address, by account; who does not guess never does."""

import pytest

from services.api.sign_in import throttle as module
from services.api.sign_in.throttle import (
    FORGOTTEN_AFTER_S,
    FREE_BY_ADDRESS,
    FREE_BY_NAME,
    FREE_BY_PAIR,
    LONGEST_PAUSE_S,
    Throttle,
)


@pytest.fixture
def throttle() -> Throttle:
    return Throttle()


@pytest.mark.parametrize(
    ("free", "name", "address"),
    [
        (FREE_BY_PAIR, "ann", "10.0.0.1"),
        (FREE_BY_ADDRESS, "name{}", "10.0.0.1"),
        (FREE_BY_NAME, "ann", "10.0.0.{}"),
    ],
)
def test_a_guess_too_many_has_to_wait(throttle: Throttle, free: int, name: str, address: str) -> None:
    waits = [throttle.wait_s(name.format(number), address.format(number), 0.0) for number in range(free + 2)]

    assert waits[:-1] == [0.0] * (free + 1)
    assert waits[-1] > 0
    assert throttle.wait_s("somebody", "10.1.1.1", 0.0) == 0


def test_each_wait_is_twice_the_last_up_to_a_quarter_of_an_hour(throttle: Throttle) -> None:
    waits, now_s = [], 0.0
    for _ in range(FREE_BY_PAIR + 15):
        throttle.wait_s("ann", "10.0.0.1", now_s)
        waits.append(throttle.wait_s("ann", "10.0.0.1", now_s))
        now_s += waits[-1]

    slow = [wait for wait in waits if wait > 0]
    assert slow[:4] == [2.0, 4.0, 8.0, 16.0]
    assert max(slow) == LONGEST_PAUSE_S


def test_an_hour_later_it_is_forgotten(throttle: Throttle) -> None:
    for _ in range(FREE_BY_PAIR + 1):
        throttle.wait_s("ann", "10.0.0.1", 0.0)

    later_s = FORGOTTEN_AFTER_S + 1
    assert [throttle.wait_s("ann", "10.0.0.1", later_s) for _ in range(FREE_BY_PAIR)] == [0.0] * FREE_BY_PAIR


def test_who_mistypes_and_then_signs_in_begins_anew(throttle: Throttle) -> None:
    for _ in range(3):
        assert [throttle.wait_s("ann", "10.0.0.1", 0.0) for _ in range(FREE_BY_PAIR)] == [0.0] * FREE_BY_PAIR
        throttle.succeeded("ann", "10.0.0.1")


@pytest.mark.parametrize(("name", "address"), [("name{}", "10.0.0.1"), ("ann", "10.0.0.{}")])
def test_who_signs_in_keeps_nobody_else_waiting(throttle: Throttle, name: str, address: str) -> None:
    for number in range(FREE_BY_NAME + 5):
        assert throttle.wait_s(name.format(number), address.format(number), 0.0) == 0
        throttle.succeeded(name.format(number), address.format(number))


def test_no_number_of_guesses_fills_the_memory(throttle: Throttle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_REMEMBERED", 10)

    for number in range(50):
        throttle.wait_s(f"name{number}", f"10.0.0.{number}", 0.0)

    assert len(throttle._failures) == 10
