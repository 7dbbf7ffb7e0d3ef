"""What every broker promises of what it keeps, and for whom."""

import threading

import pytest

from catenae.broker import Broker, Span, TopicSpec
from catenae.errors import BrokerError
from tests.contract.brokers import (
    TestClock,
    join,
    poll,
    polled,
    records,
    settle,
    trims,
    values,
)


@trims
def test_only_what_every_group_has_passed_is_trimmed(broker: Broker, clock: TestClock) -> None:
    broker.create_topics([TopicSpec("texts", 4, retention_s=3600.0)])
    session = join(broker, "m")
    broker.append(records("old"))
    broker.append(records("unread"))
    session.commit(poll(session, 1), [])
    clock.advance(7200.0)
    broker.append(records("young"))
    settle(session)
    clock.advance(60.0)
    settle(session)

    assert broker.spans("texts")[0] == Span(1, 3)
    assert values(broker.read("texts", 0, 0, 10)) == ["unread", "young"]


@trims
@pytest.mark.parametrize(("reader", "kept"), [("readers", 1), ("gone", 0)])
def test_records_wait_for_the_declared_readers_and_for_no_group_that_is_gone(
    broker: Broker, clock: TestClock, reader: str, kept: int
) -> None:
    join(broker, "m").close()
    broker.create_topics([TopicSpec("texts", 4, retention_s=3600.0, readers=(reader,))])
    broker.forget("gone")
    broker.append(records("old"))
    clock.advance(7200.0)
    broker.trim()

    assert broker.spans("texts")[0] == Span(1 - kept, 1)


@trims
def test_records_wait_for_a_group_that_runs(broker: Broker, clock: TestClock) -> None:
    broker.create_topics([TopicSpec("texts", 4, retention_s=3600.0)])
    broker.append(records("old"))
    clock.advance(7200.0)
    session = join(broker, "m")
    broker.trim()
    assert broker.spans("texts")[0] == Span(0, 1)
    session.close()
    broker.trim()

    assert broker.spans("texts")[0] == Span(1, 1)


def test_a_group_that_is_forgotten_begins_anew(broker: Broker) -> None:
    broker.append(records("a"))
    session = join(broker, "m")
    session.commit(poll(session), [])
    with pytest.raises(BrokerError, match="running members"):
        broker.forget("readers")
    session.close()
    broker.forget("readers")
    broker.forget("readers")

    assert broker.positions("readers") == {}
    assert polled(poll(join(broker, "m"))) == ["a"]


def test_writers_in_many_threads_lose_nothing(broker: Broker) -> None:
    def write(writer: int) -> None:
        for index in range(20):
            broker.append(records(f"{writer}-{index}"))

    threads = [threading.Thread(target=write, args=(each,)) for each in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    found = values(broker.read("texts", 0, 0, 1000))
    assert len(found) == len(set(found)) == 80


@trims
def test_a_topic_that_nobody_reads_is_trimmed_by_its_bounds_alone(broker: Broker, clock: TestClock) -> None:
    broker.create_topics([TopicSpec("counts", 4, retention_s=3600.0)])
    broker.append(records("a"))
    session = join(broker, "m")
    session.commit(poll(session), records("old", topic="counts"))
    clock.advance(7200.0)
    settle(session)

    assert broker.spans("counts")[0] == Span(1, 1)
