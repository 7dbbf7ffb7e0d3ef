"""A record says itself what it is; what comes from outside is read too; nothing runs a stranger's code."""

import pickle
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catenae.codec import CONTENT_TYPE, Codec, decode_key, encode_key
from catenae.errors import CodecError, ConfigError
from catenae.message import NO_HEADERS, Record


def record(value: bytes | None, content_type: bytes | None = None, topic: str = "texts") -> Record:
    return Record(topic, None, value, NO_HEADERS if content_type is None else {CONTENT_TYPE: content_type})


@pytest.mark.parametrize(
    ("form", "content_type", "value", "data"),
    [
        ("msgpack", b"application/msgpack", {"a": 1}, b"\x81\xa1a\x01"),
        ("json", b"application/json", {"a": ["é"]}, '{"a":["é"]}'.encode()),
        ("text", b"text/plain; charset=utf-8", "é", "é".encode()),
        ("bytes", b"application/octet-stream", b"\xff", b"\xff"),
        ("pickle", b"application/x-python-pickle", Decimal(1), pickle.dumps(Decimal(1), protocol=5)),
    ],
)
def test_each_format_writes_and_reads(form: str, content_type: bytes, value: Any, data: bytes) -> None:
    codec = Codec({"texts": form})

    written, headers = codec.encode("texts", value)

    assert (written, headers) == (data, {CONTENT_TYPE: content_type})
    assert codec.decode(Record("texts", None, written, headers)) == value


@pytest.mark.parametrize("form", ["msgpack", "json", "text", "bytes", "pickle"])
def test_none_is_a_tombstone_in_every_format(form: str) -> None:
    codec = Codec({"texts": form})

    written, _ = codec.encode("texts", None)

    assert written is None
    assert codec.decode(record(written)) is None


@pytest.mark.parametrize(
    ("data", "value"),
    [(b'{"a": 1}', {"a": 1}), (b"plain text", "plain text"), (b"\xff\x00", b"\xff\x00"), (b"", "")],
)
def test_without_content_type_json_then_text_then_bytes(data: bytes, value: Any) -> None:
    assert Codec().decode(record(data)) == value


@pytest.mark.parametrize("content_type", [b"Application/JSON", b"application/json; charset=utf-8"])
def test_content_types_are_read_as_others_write_them(content_type: bytes) -> None:
    assert Codec().decode(record(b"[1]", content_type)) == [1]


def test_a_record_says_itself_what_it_is() -> None:
    assert Codec({"texts": "json"}).decode(record(b"\x01", b"application/msgpack")) == 1


def test_an_unknown_content_type_is_refused() -> None:
    with pytest.raises(CodecError, match="unknown content type"):
        Codec().decode(record(b"<a/>", b"application/xml"))


@pytest.mark.parametrize("spelt", ["{}", "{}; charset=utf-8", " {} ;", "{}\t"])
@pytest.mark.parametrize("name", ["application/x-python-pickle", "Application/X-PYTHON-Pickle"])
def test_a_pickle_runs_nothing_unless_its_topic_is_trusted(name: str, spelt: str) -> None:
    hostile = record(b"cbuiltins\nexit\n(S'it ran'\ntR.", spelt.format(name).encode())

    with pytest.raises(CodecError, match="pickled"):
        Codec({"others": "pickle"}).decode(hostile)


@pytest.mark.parametrize("content_type", [b"application/msgpack", b"application/json", b"text/plain"])
def test_broken_bytes_are_refused(content_type: bytes) -> None:
    with pytest.raises(CodecError):
        Codec().decode(record(b"\xff\xfe[", content_type + b"; charset=utf-8"))


def test_deep_json_is_refused() -> None:
    with pytest.raises(CodecError):
        Codec().decode(record(b"[" * 100_000, b"application/json"))


@given(
    st.binary(max_size=100),
    st.sampled_from([None, b"application/json", b"text/plain", b"application/msgpack"]),
)
def test_any_record_decodes_or_raises_codec_error(data: bytes, content_type: bytes | None) -> None:
    try:
        Codec().decode(record(data, content_type))
    except CodecError:
        assert content_type is not None


@pytest.mark.parametrize(
    ("form", "value"),
    [
        ("json", {"name": object()}),
        ("json", float("nan")),
        ("text", 1),
        ("text", "\ud800"),
        ("bytes", "text"),
        ("pickle", lambda: 0),
    ],
)
def test_what_a_format_cannot_take_is_refused(form: str, value: Any) -> None:
    with pytest.raises(CodecError):
        Codec({"texts": form}).encode("texts", value)


def test_headers_travel_on_beside_the_content_type() -> None:
    _, headers = Codec({"texts": "json"}).encode(
        "texts", 1, {"trace": b"1f", CONTENT_TYPE: b"application/msgpack"}
    )

    assert headers == {"trace": b"1f", CONTENT_TYPE: b"application/json"}


def test_headers_that_need_no_change_are_not_copied() -> None:
    codec = Codec()
    _, shared = codec.encode("texts", 1)

    assert codec.encode("others", 2)[1] is shared
    assert codec.encode("others", 2, shared)[1] is shared


def test_an_unknown_format_is_refused_when_declared() -> None:
    with pytest.raises(ConfigError, match="avro"):
        Codec({"texts": "avro"})


@pytest.mark.parametrize("key", ["ann", "é", "", b"\xff", None])
def test_keys_come_back_as_they_went(key: Any) -> None:
    assert decode_key(encode_key(key)) == key


@pytest.mark.parametrize("key", [7, ("ann",), "\ud800"])
def test_keys_of_other_types_are_refused(key: Any) -> None:
    with pytest.raises(CodecError, match="key"):
        encode_key(key)
