"""Records passed on by a command, beside a broker that falters."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any

import pytest

from catenae.broker import Batch, Broker, TopicSpec
from catenae.brokers import open_broker
from catenae.deployment.passing import ATTEMPTS, Passer, pass_on
from catenae.errors import BrokerUnavailable
from catenae.message import Record
from catenae.testing import FakeClock


class Faltering:
    """A broker whose sessions are away for so many polls."""

    def __init__(self, broker: Broker, failures: int) -> None:
        self._broker = broker
        self._failures = failures
        self.spans = broker.spans

    def join(self, *arguments: Any, **named: Any) -> Any:
        self._session = self._broker.join(*arguments, **named)
        self.commit, self.close = self._session.commit, self._session.close
        return self

    @property
    def owned(self) -> Any:
        return self._session.owned

    def poll(self, limits: Mapping[str, int], timeout_s: float, held: Sequence[Batch] = ()) -> Batch:
        self._failures -= 1
        if self._failures >= 0:
            raise BrokerUnavailable("a transaction has not ended yet")
        return self._session.poll(limits, timeout_s, held)


@pytest.fixture
def broker() -> Iterator[Broker]:
    with closing(open_broker("embedded:", FakeClock())) as broker:
        broker.create_topics([TopicSpec("old", 1), TopicSpec("new", 1)])
        broker.append([Record("old", None, b"%d" % number) for number in range(3)])
        yield broker


def passed_on(broker: Broker, failures: int) -> int:
    faltering: Any = Faltering(broker, failures)
    return pass_on(faltering, Passer("copier", "m"), "old", lambda each: each._replace(topic="new"), ["new"])


def test_a_broker_that_falters_for_a_moment_is_asked_again(broker: Broker) -> None:
    assert passed_on(broker, failures=ATTEMPTS - 1) == 3
    assert [each.value for each in broker.read("new", 0, 0, 9)] == [b"0", b"1", b"2"]


def test_one_that_is_away_is_told(broker: Broker) -> None:
    with pytest.raises(BrokerUnavailable, match="has not ended yet"):
        passed_on(broker, failures=ATTEMPTS)
