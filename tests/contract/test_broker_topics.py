"""What every broker promises of topics, and of records in them."""

from collections.abc import Callable

import pytest

from catenae.broker import Broker, Input, Span, TopicSpec
from catenae.errors import TopicMismatch, UnknownTopic
from catenae.message import Record
from tests.contract.brokers import (
    TestClock,
    join,
    poll,
    records,
    values,
)


def test_a_topic_is_created_once_and_keeps_its_records(broker: Broker) -> None:
    broker.append(records("a"))
    broker.create_topics([TopicSpec("texts", 4)])

    assert values(broker.read("texts", 0, 0, 10)) == ["a"]


def test_a_topic_with_other_partitions_is_refused(broker: Broker) -> None:
    with pytest.raises(TopicMismatch, match="exists with 4 partitions, the topology wants 5"):
        broker.create_topics([TopicSpec("texts", 5)])


@pytest.mark.parametrize(
    "use",
    [
        lambda b: b.spans("no"),
        lambda b: b.append(records("a", topic="no")),
        lambda b: b.read("no", 0, 0, 1),
        lambda b: join(b, "m", Input("no")),
    ],
)
def test_an_unknown_topic_is_named(broker: Broker, use: Callable[[Broker], object]) -> None:
    with pytest.raises(UnknownTopic, match="'no' does not exist; the broker has"):
        use(broker)


def test_a_deleted_topic_that_comes_again_is_empty(broker: Broker) -> None:
    session = join(broker, "m")
    broker.append(records("a"))
    session.commit(poll(session), [])
    session.close()
    broker.delete_topics(["texts", "never"])
    broker.create_topics([TopicSpec("texts", 4)])

    assert list(broker.spans("texts")) == [Span(0, 0)] * 4
    assert broker.positions("readers") == {}


def test_records_keep_their_order_and_number_in_a_partition(broker: Broker) -> None:
    broker.append(records("a", "b"))
    broker.append(records("c"))

    found = broker.read("texts", 0, 1, 10)
    assert values(found) == ["b", "c"]
    assert found[0].offset == 1 < found[1].offset < broker.spans("texts")[0].end


def test_equal_keys_share_a_partition(broker: Broker) -> None:
    broker.append([Record("texts", f"u{i % 5}".encode(), str(i).encode()) for i in range(50)])

    found = [each for partition in range(4) for each in broker.read("texts", partition, 0, 50)]
    assert len({(each.key, each.partition) for each in found}) == 5
    assert len(found) == 50


def test_what_a_record_carries_comes_back(broker: Broker, clock: TestClock) -> None:
    broker.append(
        [
            Record("texts", b"k", b"\x00\xff", {"trace": b"1"}, 0),
            Record("texts", None, None, {}, 0),
            Record("texts", b"k", b"", {"trace": b"2"}, 0),
        ]
    )

    first, tombstone, empty = broker.read("texts", 0, 0, 10)
    assert (first.key, first.value, dict(first.headers)) == (b"k", b"\x00\xff", {"trace": b"1"})
    assert (tombstone.key, tombstone.value, empty.value) == (None, None, b"")
    assert abs(first.timestamp_ms - clock.now_s() * 1000) < 5000
    assert empty.headers["trace"] == b"2"
