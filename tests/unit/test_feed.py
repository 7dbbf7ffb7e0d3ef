"""A thread that feeds a Source: what it hands over, and that its end is never hidden."""

import threading
from collections.abc import Callable, Iterator

import pytest

from catenae import Feed, Message, TransientError


def put_all(*things: object, then: Exception | None = None) -> Callable[[Feed[object]], None]:
    """Return what puts things and ends, by an error if one is given."""

    def read(feed: Feed[object]) -> None:
        for thing in things:
            feed.put(thing)
        if then is not None:
            raise then

    return read


def message_of(thing: object) -> Message | None:
    """Return the message of a positive number; others are passed over, or raise."""
    return Message(thing, position=thing) if int(str(thing)) > 0 else None


def test_what_is_read_comes_in_order_and_its_end_is_the_sources() -> None:
    with Feed(put_all(1, 0, 2)) as feed:
        assert [message.value for message in feed.messages(message_of) if message] == [1, 2]


@pytest.mark.parametrize("error", [TransientError("away"), RecursionError("deep"), SystemError()])
def test_whatever_ends_the_reading_reaches_the_source_after_what_was_read(error: Exception) -> None:
    found: list[Message] = []
    with Feed(put_all(1, 2, then=error)) as feed, pytest.raises(type(error)) as caught:
        found.extend(message for message in feed.messages(message_of) if message)

    assert caught.value is error
    assert [message.value for message in found] == [1, 2]


def test_a_thing_that_nobody_foresaw_is_set_aside_alone() -> None:
    with Feed(put_all(1, "odd", 2)) as feed:
        found = [message for message in feed.messages(message_of) if message]

    assert [(each.value, each.rejected, each.position) for each in found] == [
        (1, "", 1),
        ("odd", "ValueError", None),
        (2, "", 2),
    ]


def test_of_a_large_thing_that_is_set_aside_the_beginning_is_kept() -> None:
    with Feed(put_all("x" * 10_000_000)) as feed:
        (found,) = (message for message in feed.messages(message_of) if message)

    assert 100_000 < len(found.value) < 1_000_000


def test_a_transient_error_is_not_the_fault_of_the_thing() -> None:
    def refuse(_: object) -> Message:
        raise TransientError("the store is away")

    with Feed(put_all(1)) as feed, pytest.raises(TransientError):
        list(feed.messages(refuse))


def test_a_source_is_never_silent_for_long_while_all_is_passed_over() -> None:
    now = iter(range(100))
    with Feed(put_all(*[0] * 10), clock=lambda: next(now)) as feed:
        found = list(feed.messages(message_of))

    assert len(found) >= 3
    assert not any(found)


def test_no_more_is_read_ahead_than_may_wait_and_the_end_frees_the_thread() -> None:
    put: list[int] = []
    has_ended = threading.Event()

    def read(feed: Feed[int]) -> None:
        try:
            for number in range(100):
                feed.put(number)
                put.append(number)
        finally:
            has_ended.set()

    with Feed(read, most_waiting=3) as feed:
        messages: Iterator[Message | None] = feed.messages(lambda number: Message(number, position=number))
        assert [message.value for message, _ in zip(messages, range(2), strict=False) if message] == [0, 1]

    assert has_ended.wait(5)
    assert len(put) <= 2 + 3 + 1


def test_until_the_reading_says_so_nothing_can_come() -> None:
    def read(feed: Feed[int]) -> None:
        feed.obstacle = ""
        feed.put(1)

    feed = Feed(read)
    assert feed.obstacle
    with feed:
        list(feed.messages(lambda number: Message(number, position=number)))
    assert not feed.obstacle
