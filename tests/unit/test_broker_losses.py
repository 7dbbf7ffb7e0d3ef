"""A position outside of what the broker has is neither skipped from nor restarted from in silence."""

from catenae.broker import Span
from catenae.brokers.losses import losses, made_again
from catenae.message import TopicPartition

T0, T1, T2 = (TopicPartition("t", number) for number in range(3))


def test_positions_inside_of_the_log_its_ends_included_lose_nothing() -> None:
    assert losses({T0: 5, T1: 7, T2: 9}, dict.fromkeys((T0, T1, T2), Span(5, 9))) == []


def test_records_deleted_unread_are_counted_and_the_oldest_that_is_left_is_next() -> None:
    (found,) = losses({T0: 10, T1: 90}, {T0: Span(89, 110), T1: Span(0, 90)})

    assert (found.partition, found.position, found.goes_on_at, found.records) == (0, 10, 89, 79)
    assert "up to 89 were deleted" in found.cause


def test_an_end_that_is_gone_is_counted_and_what_is_written_next_is_next() -> None:
    (found,) = losses({T0: 15}, {T0: Span(0, 10)})

    assert (found.goes_on_at, found.records) == (10, 5)
    assert "now ends at 10" in found.cause


def test_a_topic_made_again_is_read_from_its_start() -> None:
    found = made_again(T0, 440, Span(0, 7))

    assert (found.goes_on_at, found.records) == (0, 0)
    assert "deleted and made again" in found.cause
