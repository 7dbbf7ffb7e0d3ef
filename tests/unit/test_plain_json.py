import json
import math
from datetime import UTC, datetime
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catenae.plain_json import json_line

SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.binary() | st.text(st.characters(codec=None))
)
KEYS = SCALARS.filter(lambda key: key == key) | st.tuples(st.integers(), st.text())  # noqa: PLR0124  no NaN
VALUES = st.recursive(SCALARS, lambda each: st.lists(each) | st.dictionaries(KEYS, each), max_leaves=20)


def size(value: Any) -> int:
    """Count the entries of all objects."""
    if isinstance(value, dict):
        return len(value) + sum(map(size, value.values()))
    return sum(map(size, value)) if isinstance(value, list) else 0


@pytest.mark.lengthy
@given(VALUES, st.booleans())
def test_any_value_is_json_that_strict_readers_take_and_no_key_is_lost(value: Any, ascii_only: bool) -> None:
    line = json_line(value, ascii_only=ascii_only)

    assert "\n" not in line
    assert not ascii_only or line.isascii()
    assert size(json.loads(line, parse_constant=pytest.fail)) == size(value)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ({"a": math.nan, "b": -math.inf}, {"a": "nan", "b": "-inf"}),
        ({7: 1, "7": 2, b"7": 3, (7,): 4}, {"7": 2, "7#1": 1, "b'7'": 3, "(7,)": 4}),
        ({b"raw": b"\xff"}, {"raw": "\N{REPLACEMENT CHARACTER}"}),
        (np.array([1.5, math.inf]), [1.5, "inf"]),
        ({"at": datetime(2026, 1, 2, tzinfo=UTC)}, {"at": "2026-01-02 00:00:00+00:00"}),
        ("half \ud83d", "half \N{REPLACEMENT CHARACTER}"),
    ],
)
def test_what_json_has_no_form_for_is_text(value: Any, shown: Any) -> None:
    assert orjson.loads(json_line(value)) == shown


@pytest.mark.lengthy
def test_numbers_of_any_length_and_depths_of_any_kind_are_shown() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]

    assert json.loads(json_line(10**5000)).startswith("0x")
    assert json.loads(json_line(deep)) == "nested too deep to be shown"
