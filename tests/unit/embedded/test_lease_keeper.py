from collections.abc import Iterator
from contextlib import closing

import pytest

from catenae.broker import LONGEST_HANDLING_S, Broker, Input, Session, TopicSpec
from catenae.brokers.embedded import EmbeddedBroker
from catenae.testing import FakeClock

LEASE_S = 4.0


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def broker(clock: FakeClock) -> Iterator[EmbeddedBroker]:
    with closing(EmbeddedBroker("", clock, LEASE_S)) as broker:
        broker.create_topics([TopicSpec("texts", 2)])
        yield broker


def join(broker: Broker, member: str) -> Session:
    return broker.join("readers", member, [Input("texts")])


def pass_time(broker: EmbeddedBroker, clock: FakeClock, seconds: float) -> None:
    """Let time pass second by second, with the keeper's thread doing what it does in each."""
    for _ in range(int(seconds)):
        clock.advance(1.0)
        broker.keep_leases()


def test_a_busy_member_keeps_its_partitions(broker: EmbeddedBroker, clock: FakeClock) -> None:
    busy = join(broker, "busy")
    pass_time(broker, clock, 5 * LEASE_S)
    other = join(broker, "other")

    assert len(busy.owned) == 2
    assert not other.owned


def test_a_member_that_hangs_is_given_up(broker: EmbeddedBroker, clock: FakeClock) -> None:
    join(broker, "hung")
    pass_time(broker, clock, LONGEST_HANDLING_S + 2 * LEASE_S)

    assert len(join(broker, "other").owned) == 2


def test_a_closed_session_is_kept_no_longer(broker: EmbeddedBroker, clock: FakeClock) -> None:
    join(broker, "gone").close()
    pass_time(broker, clock, LEASE_S)

    assert list(broker.members("readers")) == []
