"""A record that the broker does not take costs its own message, which becomes a dead letter that fits."""

import os
from collections.abc import Iterator
from contextlib import closing

import pytest

from catenae.broker import Broker, Input, TopicSpec
from catenae.brokers import open_broker
from catenae.codec import Codec
from catenae.deployment.replay import Replayed, replay, waiting_letters
from catenae.message import Message, Record, TopicPartition
from catenae.microservice import Middle
from catenae.runtime import dead_letters
from catenae.runtime.dead_letters import ERROR, ORIGIN, REASON, SHORTENED, TRACEBACK, fitted, from_failure
from catenae.runtime.encoder import RESERVED_BYTES
from catenae.runtime.handler import Handler
from catenae.runtime.outcome import Outcome
from catenae.runtime.plan import Plan
from catenae.testing import FakeClock

LIMIT_BYTES = 20_000
PLAN = Plan("demo", "grow", "grow-0", (Input("in"),), {"": "out"})
CODEC = Codec()


class Grow(Middle):
    """Turn a number into so many bytes; raise for a text, with much to say."""

    def transform(self, message: Message) -> Iterator[Message]:
        if not isinstance(message.value, int):
            raise ValueError("no number " * 1000)
        yield message.derive(b"x" * message.value)


def record(value: object, offset: int = 0) -> Record:
    data, headers = CODEC.encode("in", value)
    return Record("in", b"k", data, headers, 0, offset)


def handle(*records: Record) -> Outcome:
    handler = Handler(Grow(), PLAN, CODEC, [], FakeClock(), lambda _: LIMIT_BYTES)
    return handler.handle(records)


def test_an_output_that_is_too_large_costs_its_own_message_alone() -> None:
    outcome = handle(record(10, 0), record(LIMIT_BYTES, 1), record(20, 2))

    assert [each.topic for each in outcome.outputs] == ["out", "in.dead", "out"]
    letter = outcome.outputs[1]
    assert (letter.headers[ORIGIN], letter.headers[REASON]) == (b"in[0]@1", b"RecordTooLarge")
    assert b"of topic 'out'" in letter.headers[ERROR]


@pytest.mark.parametrize("too_many", [0, 1])
def test_an_output_leaves_room_for_the_headers_of_a_replay(too_many: int) -> None:
    around = handle(record(1000)).outputs[0].size_bytes - 1000
    whole = handle(record(LIMIT_BYTES - RESERVED_BYTES - around + too_many)).outputs[0]

    assert whole.topic == ("in.dead" if too_many else "out")


@pytest.mark.parametrize("size_bytes", [100, LIMIT_BYTES - 6000, LIMIT_BYTES - 100, 5 * LIMIT_BYTES])
def test_a_dead_letter_fits_whatever_was_set_aside(size_bytes: int) -> None:
    [letter] = handle(record("x" * size_bytes)).outputs

    assert letter.size_bytes <= LIMIT_BYTES
    assert (letter.key, letter.headers[ORIGIN]) == (b"k", b"in[0]@0")
    assert letter.headers[ERROR].startswith(b"ValueError")


def test_a_traceback_goes_before_any_of_the_value() -> None:
    whole = record("x" * (LIMIT_BYTES - 6000))
    [letter] = handle(whole).outputs

    assert letter.value == whole.value
    assert TRACEBACK not in letter.headers


def test_a_value_is_shortened_to_what_fits_and_says_so() -> None:
    whole = record("x" * LIMIT_BYTES)
    [letter] = handle(whole).outputs

    assert letter.size_bytes == LIMIT_BYTES
    assert letter.value == (whole.value or b"")[: len(letter.value or b"")]
    assert int(letter.headers[SHORTENED]) == len(whole.value or b"")


def test_a_letter_whose_key_alone_is_too_large_says_why_and_where_from() -> None:
    letter = from_failure(record(1)._replace(key=b"k" * LIMIT_BYTES), PLAN.group, ValueError(), 0)

    fit = fitted(letter, LIMIT_BYTES)
    assert fit.size_bytes <= LIMIT_BYTES
    assert fit.headers[ORIGIN] == b"in[0]@0"


@pytest.fixture
def broker() -> Iterator[Broker]:
    with closing(open_broker("embedded:", FakeClock())) as broker:
        broker.create_topics([TopicSpec("in", 1), TopicSpec("in.dead", 1)])
        yield broker


def set_aside(broker: Broker, whole: Record) -> None:
    """Write a record, and a letter that was shortened in its place."""
    broker.append([whole])
    letter = from_failure(whole, PLAN.group, ValueError("no"), 0)
    broker.append([fitted(letter, 1000)])


def test_a_shortened_letter_is_replayed_whole(broker: Broker) -> None:
    whole = record(os.urandom(5000))
    set_aside(broker, whole)

    assert replay(broker, "in.dead") == Replayed(moved=1, stayed=0)
    again = broker.read("in", 0, 1, 1)[0]
    assert (again.key, again.value) == (whole.key, whole.value)
    assert again.headers["content-type"] == whole.headers["content-type"]
    assert not list(waiting_letters(broker, "in.dead"))


def test_a_shortened_letter_whose_origin_is_gone_goes_on_waiting(broker: Broker) -> None:
    set_aside(broker, record(os.urandom(5000)))
    broker.append([from_failure(record(7), PLAN.group, ValueError(), 0)])
    broker.delete_topics(["in"])
    broker.create_topics([TopicSpec("in", 1)])

    assert replay(broker, "in.dead") == Replayed(moved=1, stayed=1)
    assert [dead_letters.is_shortened(each.record) for each in waiting_letters(broker, "in.dead")] == [True]
    assert replay(broker, "in.dead") == Replayed(moved=0, stayed=1)


def test_a_letter_that_a_stranger_wrote_is_no_one_s_to_replay(broker: Broker) -> None:
    broker.append([Record("in.dead", None, b"?", {"dead-error": b"E", "dead-topic": b"in"})])
    broker.append([Record("in.dead", None, b"?", {"dead-group": b"demo.grow", "dead-topic": b"\xff"})])

    assert replay(broker, "in.dead") == Replayed(moved=0, stayed=0)
    assert broker.positions("catenae.dead-letters")[TopicPartition("in.dead", 0)].offset == 2
