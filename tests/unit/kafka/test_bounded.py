import threading

import pytest

from catenae.brokers.kafka.bounded import IN_A_ROW_S, Bounded, Late


def test_a_call_is_made_and_what_comes_of_it_is_the_callers() -> None:
    bounded = Bounded()
    with pytest.raises(ZeroDivisionError):
        bounded.call("asking", lambda: 1 // 0, timeout_s=5)

    assert bounded.call("asking", lambda: 42, timeout_s=5) == 42
    bounded.close()


def test_a_call_that_does_not_end_is_given_up_and_the_next_one_is_made() -> None:
    bounded, answer = Bounded(), threading.Event()
    with pytest.raises(Late, match=r"not answered in 0\.01 s while asking"):
        bounded.call("asking", answer.wait, timeout_s=0.01)

    assert bounded.call("asking", lambda: "answered", timeout_s=5) == "answered"
    answer.set()
    bounded.close()


def test_calls_of_several_threads_do_not_wait_for_each_other() -> None:
    bounded, met = Bounded(), threading.Barrier(2, timeout=5)
    other = threading.Thread(target=lambda: bounded.call("meeting", met.wait, timeout_s=5))
    other.start()

    assert bounded.call("meeting", met.wait, timeout_s=5) in (0, 1)
    other.join()
    bounded.close()


def test_whoever_ends_several_things_waits_once_for_a_server_that_is_away() -> None:
    now_s = 100.0
    bounded, away = Bounded(lambda: now_s), threading.Event()
    bounded.end(away.wait, timeout_s=0.01)
    bounded.end(away.wait, timeout_s=3600)

    now_s += IN_A_ROW_S
    ended: list[bool] = []
    bounded.end(lambda: ended.append(True), timeout_s=30)
    assert ended == [True]
    away.set()
    bounded.close()
