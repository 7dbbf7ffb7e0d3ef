"""Who guesses waits: by account and address, by address, by account; who does not guess never does."""

from threading import Thread

import pytest

from catenae import Documents
from services.api.sign_in.throttle import (
    COLLECTION,
    FORGOTTEN_AFTER_S,
    FREE_BY_ADDRESS,
    FREE_BY_DEVICE,
    FREE_BY_NAME,
    FREE_BY_PAIR,
    LONGEST_PAUSE_S,
    SWEEP_EVERY_S,
    Throttle,
    Try,
)

ANN = Try.of_stranger("ann", "10.0.0.1")


@pytest.fixture
def throttle(documents: Documents) -> Throttle:
    made = Throttle(documents)
    made.prepare()
    return made


@pytest.mark.parametrize(
    ("free", "name", "address"),
    [
        (FREE_BY_PAIR, "ann", "10.0.0.1"),
        (FREE_BY_ADDRESS, "name{}", "10.0.0.1"),
        (FREE_BY_NAME, "ann", "10.0.0.{}"),
    ],
)
def test_a_guess_too_many_has_to_wait(throttle: Throttle, free: int, name: str, address: str) -> None:
    tries = [Try.of_stranger(name.format(at), address.format(at)) for at in range(free + 2)]
    waits = [throttle.wait_s(each, 0.0) for each in tries]

    assert waits[:-1] == [0.0] * (free + 1)
    assert waits[-1] > 0
    assert throttle.wait_s(Try.of_stranger("somebody", "10.1.1.1"), 0.0) == 0


def test_each_wait_is_twice_the_last_up_to_a_quarter_of_an_hour(throttle: Throttle) -> None:
    waits, now_s = [], 0.0
    for _ in range(FREE_BY_PAIR + 15):
        throttle.wait_s(ANN, now_s)
        waits.append(throttle.wait_s(ANN, now_s))
        now_s += waits[-1]

    slow = [wait for wait in waits if wait > 0]
    assert slow[:4] == [2.0, 4.0, 8.0, 16.0]
    assert max(slow) == LONGEST_PAUSE_S


def test_an_hour_later_it_is_forgotten(throttle: Throttle) -> None:
    for _ in range(FREE_BY_PAIR + 1):
        throttle.wait_s(ANN, 0.0)

    later_s = FORGOTTEN_AFTER_S + 1
    assert [throttle.wait_s(ANN, later_s) for _ in range(FREE_BY_PAIR)] == [0.0] * FREE_BY_PAIR


def test_who_mistypes_and_then_signs_in_begins_anew(throttle: Throttle) -> None:
    for _ in range(3):
        assert [throttle.wait_s(ANN, 0.0) for _ in range(FREE_BY_PAIR)] == [0.0] * FREE_BY_PAIR
        throttle.succeeded(ANN)


@pytest.mark.parametrize(("name", "address"), [("name{}", "10.0.0.1"), ("ann", "10.0.0.{}")])
def test_who_signs_in_keeps_nobody_else_waiting(throttle: Throttle, name: str, address: str) -> None:
    for number in range(FREE_BY_NAME + 5):
        tried = Try.of_stranger(name.format(number), address.format(number))
        assert throttle.wait_s(tried, 0.0) == 0
        throttle.succeeded(tried)


def test_what_is_forgotten_is_not_kept(throttle: Throttle, documents: Documents) -> None:
    for number in range(5):
        throttle.wait_s(Try.of_stranger(f"name{number}", f"10.0.0.{number}"), SWEEP_EVERY_S)

    throttle.wait_s(Try.of_device("one"), SWEEP_EVERY_S + FORGOTTEN_AFTER_S + 1)
    assert documents.count(COLLECTION) == 1


def test_replicas_count_together(documents: Documents) -> None:
    replicas = [Throttle(documents) for _ in range(3)]

    waits = [replicas[number % 3].wait_s(ANN, 0.0) for number in range(FREE_BY_PAIR + 2)]
    assert [wait > 0 for wait in waits] == [False] * (FREE_BY_PAIR + 1) + [True]


def test_no_more_tries_pass_at_once_than_one_after_the_other(documents: Documents) -> None:
    waits: list[float] = []
    threads = [Thread(target=lambda: waits.append(Throttle(documents).wait_s(ANN, 0.0))) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert 1 <= waits.count(0.0) <= FREE_BY_PAIR + 1


def test_a_device_is_slowed_by_its_own_failures_alone(throttle: Throttle) -> None:
    device = Try.of_device("known")
    for number in range(FREE_BY_NAME + 2):
        throttle.wait_s(Try.of_stranger("ann", f"10.0.{number}.1"), 0.0)

    waits = [throttle.wait_s(device, 0.0) for _ in range(FREE_BY_DEVICE + 2)]
    assert [wait > 0 for wait in waits] == [False] * (FREE_BY_DEVICE + 1) + [True]


def test_nobody_is_named_in_what_is_kept(throttle: Throttle, documents: Documents) -> None:
    throttle.wait_s(ANN, 0.0)

    assert not {"ann", "10.0.0.1"} & set(str(documents.find(COLLECTION).documents).replace("'", " ").split())
