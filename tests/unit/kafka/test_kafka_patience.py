"""How long a read waits: until it has something, then not much longer."""

import pytest

from catenae.brokers.kafka.client import REQUEST_TIMEOUT_S
from catenae.brokers.kafka.patience import LONGEST_WAIT_S, Patience
from catenae.errors import BrokerUnavailable
from catenae.message import TopicPartition
from catenae.testing import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def patience(clock: FakeClock) -> Patience:
    return Patience(TopicPartition("words", 3), clock.monotonic_s)


def test_what_is_there_is_returned_after_a_second(clock: FakeClock, patience: Patience) -> None:
    clock.sleep(LONGEST_WAIT_S + 0.1)

    assert patience.is_over(has_something=True)


def test_a_kafka_that_is_slow_to_begin_is_waited_for(clock: FakeClock, patience: Patience) -> None:
    clock.sleep(LONGEST_WAIT_S + 0.1)

    assert not patience.is_over(has_something=False)


def test_silence_is_never_taken_for_the_end(clock: FakeClock, patience: Patience) -> None:
    clock.sleep(REQUEST_TIMEOUT_S + 0.1)

    with pytest.raises(BrokerUnavailable, match=r"words\[3\]"):
        patience.is_over(has_something=False)
