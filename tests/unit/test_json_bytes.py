"""JSON is read and written as the rest of the world has it, neither more nor less."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catenae.codec.json_bytes import read_json, write_json
from catenae.errors import CodecError

TEXT = st.text(st.characters(codec="utf-8"))
NUMBERS = st.integers(-(2**100), 2**100) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=10,
)


@given(VALUES)
def test_what_is_written_is_read_here_and_by_any_other_reader(value: Any) -> None:
    data = write_json(value)

    assert read_json(data) == json.loads(data) == value


@given(VALUES)
def test_what_any_other_writer_writes_is_read(value: Any) -> None:
    assert read_json(json.dumps(value).encode()) == value


@pytest.mark.parametrize("odd", [float("nan"), float("inf"), -float("inf")])
@pytest.mark.parametrize("around", ["{}", [None, "{}"], {"a": {"b": (1.5, "{}")}}])
def test_what_is_no_number_is_refused_however_deep(odd: float, around: Any) -> None:
    def put(shape: Any) -> Any:
        if isinstance(shape, dict):
            return {key: put(inner) for key, inner in shape.items()}
        if isinstance(shape, list | tuple):
            return type(shape)(map(put, shape))
        return odd if shape == "{}" else shape

    with pytest.raises(CodecError, match="cannot be written as JSON"):
        write_json(put(around))


@pytest.mark.parametrize(
    "value", [{"at": datetime(2026, 11, 24, tzinfo=UTC)}, {"a": {1, 2}}, b"bytes", {("a", 1): 1}, "\ud800"]
)
def test_what_json_has_no_word_for_is_refused(value: Any) -> None:
    with pytest.raises(CodecError, match="choose format msgpack"):
        write_json(value)


def test_keys_that_are_numbers_become_text() -> None:
    assert write_json({1: None}) == b'{"1":null}'


@pytest.mark.parametrize(
    "data", [b"NaN", b"[Infinity]", b'"\\ud800"', b"[1,]", b"", b"\xef\xbb\xbf1", b"[" * 9999]
)
def test_what_only_python_would_take_is_no_json(data: bytes) -> None:
    with pytest.raises(CodecError, match="are not JSON"):
        read_json(data)
