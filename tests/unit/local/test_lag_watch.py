"""A broker that is slow to tell the lag holds up nothing else."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import closing

import pytest

from catenae.deployment.lag import Lag
from catenae.errors import BrokerUnavailable
from catenae.running.local.lag_watch import Answer, LagWatch

LAG = [Lag("counter", "words", 9, 7, 2)]
PATIENCE_S = 30.0


class Broker:
    """One that answers when it is told to."""

    def __init__(self) -> None:
        self.may_answer = threading.Event()
        self.asked = 0

    def lags(self) -> Sequence[Lag]:
        self.asked += 1
        self.may_answer.wait()
        return LAG


@pytest.fixture
def broker() -> Iterator[Broker]:
    broker = Broker()
    yield broker
    broker.may_answer.set()


def test_one_that_answers_at_once_is_heard_at_once(broker: Broker) -> None:
    broker.may_answer.set()
    with closing(LagWatch(broker.lags)) as watch:
        assert watch.look(are_finished=True, within_s=PATIENCE_S) == Answer(are_finished=True, lags=LAG)


def test_one_that_is_slow_is_not_waited_for_and_asked_once(broker: Broker) -> None:
    watch = LagWatch(broker.lags)
    assert [watch.look(are_finished=False, within_s=0.001) for _ in range(3)] == [None] * 3
    broker.may_answer.set()

    assert watch.look(are_finished=False, within_s=PATIENCE_S) is not None
    assert broker.asked == 1
    watch.close()


def test_an_answer_is_to_what_was_so_when_it_was_asked(broker: Broker) -> None:
    with closing(LagWatch(broker.lags)) as watch:
        watch.look(are_finished=False, within_s=0.0)
        broker.may_answer.set()
        first = watch.look(are_finished=True, within_s=PATIENCE_S)
        second = watch.look(are_finished=True, within_s=PATIENCE_S)

    assert (first, second) == (Answer(are_finished=False, lags=LAG), Answer(are_finished=True, lags=LAG))


def test_what_keeps_it_from_answering_is_raised_where_it_is_looked_for() -> None:
    def lags() -> Sequence[Lag]:
        raise BrokerUnavailable("away")

    with closing(LagWatch(lags)) as watch, pytest.raises(BrokerUnavailable, match="away"):
        watch.look(are_finished=False, within_s=PATIENCE_S)
