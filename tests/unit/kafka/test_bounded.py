import threading

import pytest

from catenae.brokers.kafka.bounded import Bounded
from catenae.errors import BrokerUnavailable


def test_a_call_is_made_and_its_error_is_the_callers() -> None:
    bounded, called = Bounded(), list[str]()
    bounded.call("asking", lambda: called.append("once"), timeout_s=5)
    with pytest.raises(ZeroDivisionError):
        bounded.call("asking", lambda: 1 // 0, timeout_s=5)

    assert called == ["once"]
    bounded.close()


def test_a_call_that_does_not_end_is_given_up_and_the_next_one_is_made() -> None:
    bounded, answer, called = Bounded(), threading.Event(), list[str]()
    with pytest.raises(BrokerUnavailable, match=r"not answered in 0\.01 s while asking"):
        bounded.call("asking", answer.wait, timeout_s=0.01)
    bounded.call("asking", lambda: called.append("once"), timeout_s=5)

    assert called == ["once"]
    answer.set()
    bounded.close()
