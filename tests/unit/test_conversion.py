from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import pytest

from catenae.conversion import describe, fit, parse


@pytest.mark.parametrize(
    ("text", "wanted", "value"),
    [
        ("7", int, 7),
        ("0.5", float, 0.5),
        ("Yes", bool, True),
        ("off", bool, False),
        ("models", Path, Path("models")),
        ("json", Literal["text", "json"], "json"),
        ("rain, tea", Sequence[str], ("rain", "tea")),
        ("1,2", list[int], [1, 2]),
        ("", str | None, None),
        ("5", int | str, 5),
        ("anything", Any, "anything"),
    ],
)
def test_a_text_stands_for_a_value(text: str, wanted: Any, value: Any) -> None:
    assert parse(text, wanted) == value


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("7.5", int), ("nan", float), ("maybe", bool), ("xml", Literal["text", "json"]), ("1,x", list[int])],
)
def test_a_text_that_stands_for_nothing_is_refused(text: str, wanted: Any) -> None:
    with pytest.raises(ValueError, match=f"not {describe(wanted)}"):
        parse(text, wanted)


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (True, int),
        ("7", int),
        ("0.5", float),
        (1, str),
        ("rain", Sequence[str]),
        ([1], Sequence[str]),
        (None, str),
    ],
)
def test_a_value_of_another_type_does_not_fit(value: Any, wanted: Any) -> None:
    with pytest.raises(ValueError, match="not "):
        fit(value, wanted)


@pytest.mark.parametrize(
    ("value", "wanted", "fitted"),
    [
        (1, float, 1),
        ("models", Path, Path("models")),
        (["a"], Sequence[str], ("a",)),
        (None, int | None, None),
    ],
)
def test_a_value_that_fits_comes_as_the_type_asked_for(value: Any, wanted: Any, fitted: Any) -> None:
    assert fit(value, wanted) == fitted


def test_what_is_accepted_is_said_in_words() -> None:
    assert describe(Sequence[int] | None) == "several, each a whole number or nothing"
