"""Records that share their headers are looked at once; what differs between them is still seen."""

import pickle

import pytest

from catenae.broker import Input
from catenae.codec import CONTENT_TYPE, Codec
from catenae.message import NO_HEADERS, Headers, Record
from catenae.runtime.dead_letters import ONLY_GROUP
from catenae.runtime.decoder import Decoded, Decoder
from catenae.runtime.plan import Plan

JSON: Headers = {CONTENT_TYPE: b"application/json"}
PICKLE: Headers = {CONTENT_TYPE: b"application/x-python-pickle"}


def decode(*records: Record, is_traced: bool = False, **formats: str) -> Decoded:
    plan = Plan("demo", "node", "node-0", (Input("in"),), is_traced=is_traced)
    return Decoder(plan, Codec(formats)).decode(records)


def test_a_message_says_where_its_record_was() -> None:
    (message,) = decode(Record("in", b"ann", b"[1]", JSON, 3, 7, 1000)).messages

    assert (message.value, message.key, message.id, message.timestamp_ms) == ([1], "ann", "in[3]@7", 1000)


def test_the_content_type_stays_behind_and_other_headers_travel_on() -> None:
    plain, other = decode(
        Record("in", None, b"1", JSON), Record("in", None, b"1", {**JSON, "a": b"b"})
    ).messages

    assert (plain.headers, other.headers) == ({}, {"a": b"b"})


def test_neighbours_of_two_topics_are_trusted_apart_even_with_the_same_headers() -> None:
    data = pickle.dumps("fine")

    decoded = decode(Record("mine", None, data, PICKLE), Record("others", None, data, PICKLE), mine="pickle")

    assert [each.value for each in decoded.messages] == ["fine"]
    assert [record.topic for record, _ in decoded.broken] == ["others"]


def test_what_cannot_be_decoded_is_told_apart_with_an_error_of_its_own() -> None:
    unknown: Headers = {CONTENT_TYPE: b"application/xml"}

    decoded = decode(
        *(Record("in", None, b"<a/>", unknown, 0, n) for n in range(2)), Record("in", None, b"1", JSON)
    )

    (first, one), (second, other) = decoded.broken
    assert (first.offset, second.offset, one is other) == (0, 1, False)
    assert [each.value for each in decoded.messages] == [1]


@pytest.mark.parametrize(("group", "messages"), [(b"demo.node", 1), (b"demo.other", 0)])
def test_what_was_replayed_for_another_group_is_left_out(group: bytes, messages: int) -> None:
    decoded = decode(Record("in", None, b"1", {ONLY_GROUP: group}))

    assert (len(decoded.messages), decoded.dropped.total()) == (messages, 1 - messages)


def test_a_tombstone_has_no_value_whatever_its_headers_say() -> None:
    (message,) = decode(Record("in", b"ann", None, {CONTENT_TYPE: b"application/xml"})).messages

    assert message.value is None


def test_each_message_gets_a_trace_of_its_own() -> None:
    some = [Record("in", None, b"1", NO_HEADERS, 0, number) for number in range(2)]

    first, second = decode(*some, is_traced=True).messages

    assert first.headers["trace"] != second.headers["trace"]


def test_runs_are_of_one_partition_whatever_is_left_out_between_them() -> None:
    places = [("in", 0), ("in", 0), ("in", 1), ("other", 1), ("in", 0)]
    broken = Record("in", None, b"{", JSON, 2)

    decoded = decode(*(Record(topic, None, b"1", JSON, partition) for topic, partition in places), broken)
    runs = [[(each.topic, each.partition) for each in records] for _, records in decoded.runs()]

    assert runs == [[("in", 0), ("in", 0)], [("in", 1)], [("other", 1)], [("in", 0)]]
