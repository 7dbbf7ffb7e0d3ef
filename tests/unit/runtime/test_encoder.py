"""Messages that share port and headers are looked at once; what differs between them is still seen."""

import pytest

from catenae.codec import CONTENT_TYPE, Codec
from catenae.errors import RecordTooLarge, TopologyError
from catenae.message import Message, Record
from catenae.runtime.encoder import RESERVED_BYTES, SHORT_BYTES, Encoder
from catenae.runtime.plan import Plan

MSGPACK, JSON = b"application/msgpack", b"application/json"
LIMIT_BYTES = 10_000


def encode(*messages: Message, at_any_size: bool = False) -> list[Record]:
    plan = Plan("demo", "node", "node-0", outputs={"plain": "plain", "json": "json"})
    encoder = Encoder(plan, Codec({"json": "json"}), lambda _: LIMIT_BYTES)
    return encoder.encode(messages, at_any_size=at_any_size)


def test_neighbours_go_to_the_topic_of_their_own_port_in_its_format() -> None:
    records = encode(Message(1, port="plain"), Message(1, port="json"), Message(1, port="plain"))

    assert [each.topic for each in records] == ["plain", "json", "plain"]
    assert [each.headers[CONTENT_TYPE] for each in records] == [MSGPACK, JSON, MSGPACK]


def test_each_message_keeps_its_own_headers() -> None:
    records = encode(*(Message(1, port="json", headers={"of": name}) for name in (b"ann", b"bob")))

    assert [each.headers["of"] for each in records] == [b"ann", b"bob"]


def test_a_tombstone_among_values_has_neither_value_nor_content_type() -> None:
    _, tombstone, last = encode(*(Message(value, "ann", "json") for value in (1, None, 2)))

    assert (tombstone.key, tombstone.value, dict(tombstone.headers)) == (b"ann", None, {})
    assert (last.value, last.headers[CONTENT_TYPE]) == (b"2", JSON)


@pytest.mark.parametrize(
    "long",
    [
        Message("x" * LIMIT_BYTES, port="json"),
        Message(1, "k" * LIMIT_BYTES, port="json"),
        Message(1, port="json", headers={"note": b"n" * LIMIT_BYTES}),
        Message(None, "k" * LIMIT_BYTES, port="json"),
    ],
)
def test_what_is_too_large_is_seen_among_what_is_short(long: Message) -> None:
    short = Message(1, port="json")

    with pytest.raises(RecordTooLarge):
        encode(short, long, short)


def test_short_headers_and_a_short_value_may_be_too_large_together() -> None:
    room_bytes = LIMIT_BYTES - RESERVED_BYTES
    headers = {"note": b"n" * (room_bytes - SHORT_BYTES)}

    with pytest.raises(RecordTooLarge):
        encode(
            Message(1, port="json", headers=headers), Message("x" * SHORT_BYTES, port="json", headers=headers)
        )


def test_a_source_may_encode_at_any_size_to_set_it_aside() -> None:
    (record,) = encode(Message("x" * LIMIT_BYTES, port="json"), at_any_size=True)

    assert record.size_bytes > LIMIT_BYTES


def test_an_unknown_port_is_refused_behind_a_known_one() -> None:
    with pytest.raises(TopologyError, match="'other'"):
        encode(Message(1, port="json"), Message(1, port="other"))
