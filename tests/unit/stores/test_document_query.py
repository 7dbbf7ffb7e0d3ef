"""The JSON of a document, which is written in two ways and is one."""

import json
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catenae.errors import CodecError
from catenae.stores.document_query import encode_document


class Colour(Enum):
    RED = "red"


class Number(IntEnum):
    ONE = 1


@dataclass
class Cup:
    size: int


PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just("null")
ODD = [b"a", {1}, UUID(int=1), Colour.RED, Cup(1), date(2026, 1, 1), datetime.now(UTC), Decimal(1), 1j, ...]
DERIVED = [Number.ONE, OrderedDict(a=1), (1, 2), 2**70]
VALUES = st.recursive(
    PLAIN | st.sampled_from(ODD) | st.sampled_from(DERIVED),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner),
)


@pytest.mark.lengthy
@given(st.dictionaries(st.text(), VALUES))
def test_a_document_is_written_or_refused_as_pythons_own_writer_does(fields: dict[str, Any]) -> None:
    document = {**fields, "id": "a"}
    try:
        expected = json.dumps(document, allow_nan=False)
    except (TypeError, ValueError):
        with pytest.raises(CodecError, match="posts"):
            encode_document("posts", document)
    else:
        # Text tells 1 from 1.0 and True, and one order of fields from another.
        assert repr(json.loads(encode_document("posts", document)[1])) == repr(json.loads(expected))


@pytest.mark.parametrize("odd", ODD)
def test_a_document_with_a_value_that_is_not_plain_is_refused(odd: Any) -> None:
    with pytest.raises(CodecError, match="finite numbers"):
        encode_document("posts", {"id": "a", "nested": [{"value": odd}]})
