"""Records fetched and not yet handed over."""

from catenae.broker import MOST_BATCH_BYTES
from catenae.brokers.kafka.buffer import FULL_BYTES, FULL_RECORDS, HUNGRY_RECORDS, Buffer
from catenae.message import Record, TopicPartition

T0 = TopicPartition("t", 0)
T1 = TopicPartition("t", 1)
SEEN_MS = 10_000


def records(
    count: int, topic: str = "t", partition: int = 0, value: bytes = b"v", at_ms: int = 0
) -> list[Record]:
    return [Record(topic, None, value, {}, partition, offset, at_ms) for offset in range(count)]


def test_limits_hold_for_each_topic() -> None:
    buffer = Buffer({})
    buffer.put(records(3) + records(3, topic="u"), SEEN_MS)

    assert [(each.topic, each.offset) for each in buffer.take({"t": 2}, 0)] == [("t", 0), ("t", 1)]
    assert [each.topic for each in buffer.take({"u": 5}, 0)] == ["u", "u", "u"]
    assert [each.offset for each in buffer.take({"t": 5}, 0)] == [2]
    assert buffer.is_empty


def test_partitions_take_turns() -> None:
    buffer = Buffer({})
    buffer.put(records(6) + records(6, partition=1), SEEN_MS)

    assert [buffer.take({"t": 4}, 0)[0].partition for _ in range(3)] == [0, 1, 0]


def test_a_delayed_record_waits_and_says_how_long() -> None:
    buffer = Buffer({"t": 1000})
    buffer.put(records(1, at_ms=100) + records(1, partition=1, at_ms=300), SEEN_MS)

    assert buffer.take({"t": 9}, 1099) == []
    assert buffer.due_ms == 1100
    assert [each.partition for each in buffer.take({"t": 9}, 1100)] == [0]
    assert buffer.due_ms == 1300


def test_a_partition_is_full_by_records_or_bytes_and_hungry_when_handed_over() -> None:
    buffer = Buffer({})
    buffer.put(records(FULL_RECORDS) + records(2, partition=1, value=bytes(FULL_BYTES // 2)), SEEN_MS)
    assert buffer.full() == {T0, T1}

    buffer.take({"t": FULL_RECORDS - HUNGRY_RECORDS + 1}, 0)
    assert buffer.hungry({T0, T1}) == {T0, T1}


def test_what_is_no_longer_owned_is_dropped() -> None:
    buffer = Buffer({})
    buffer.put(records(2) + records(2, partition=1), SEEN_MS)
    buffer.keep({T1})

    assert [each.partition for each in buffer.take({"t": 9}, 0)] == [1, 1]
    assert not buffer.holds(T0)


def test_a_record_from_a_clock_that_is_ahead_waits_from_when_it_was_seen() -> None:
    buffer = Buffer({"t": 1000})
    buffer.put(records(1, at_ms=SEEN_MS + 3_000_000), SEEN_MS)
    buffer.put(records(5, at_ms=SEEN_MS), SEEN_MS)

    assert buffer.take({"t": 9}, SEEN_MS + 999) == []
    assert buffer.due_ms == SEEN_MS + 1000
    assert len(buffer.take({"t": 9}, SEEN_MS + 1000)) == 6


def test_large_records_are_handed_over_a_few_at_a_time() -> None:
    buffer = Buffer({})
    buffer.put(records(4, value=bytes(MOST_BATCH_BYTES // 2)) + records(4, partition=1), SEEN_MS)

    assert [each.partition for each in buffer.take({"t": 9}, 0)] == [0, 0]
    assert {each.partition for each in buffer.take({"t": 9}, 0)} == {0, 1}
