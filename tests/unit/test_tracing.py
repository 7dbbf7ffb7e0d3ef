"""One id on everything that comes of one message."""

from catenae.message import Message, Record
from catenae.observability.tracing import TRACE, begin_trace, continue_trace, trace_of


def test_a_record_from_outside_gets_the_same_id_on_redelivery() -> None:
    record = Record("texts", None, b"1", partition=3, offset=123_456)

    assert continue_trace(record) == continue_trace(record)
    assert trace_of(continue_trace(record)) == "13bf00300001e240"


def test_records_of_other_places_get_other_ids() -> None:
    record = Record("texts", None, b"1", partition=3, offset=7)
    others = [record, record._replace(offset=8), record._replace(partition=4), record._replace(topic="users")]

    assert len({trace_of(continue_trace(other)) for other in others}) == 4


def test_an_id_travels_on_with_all_that_is_derived() -> None:
    headers = begin_trace({"language": b"en"})
    derived = Message("text", headers=headers).derive("counts")
    record = Record("counts", None, b"1", derived.headers, partition=0, offset=1)

    assert continue_trace(record) is headers
    assert begin_trace(headers) is headers
    assert headers["language"] == b"en"


def test_messages_of_a_source_get_ids_of_their_own() -> None:
    ids = {trace_of(begin_trace({})) for _ in range(100)}

    assert len(ids) == 100
    assert {len(trace) for trace in ids} == {16}


def test_an_id_from_outside_is_cut_before_it_is_logged() -> None:
    assert trace_of({TRACE: b"\xff" * 100}) == "\ufffd" * 32
    assert trace_of({}) == ""
