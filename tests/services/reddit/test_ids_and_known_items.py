"""Reddit's names as numbers, and what is remembered of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.reddit.ids import name_of, number_of
from services.reddit.known_items import KnownItems


def test_names_are_numbers_of_base_36() -> None:
    assert [number_of("t1_zz"), number_of("100"), name_of("comment", 35), name_of("submission", 36)] == [
        1295,
        1296,
        "t1_z",
        "t3_10",
    ]


@given(st.integers(0, 2**60))
def test_a_number_and_its_name_are_one(number: int) -> None:
    assert number_of(name_of("comment", number)) == number


def test_what_is_no_name_is_refused() -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        number_of("t1_?")


@given(st.dictionaries(st.integers(0, 2**63), st.integers(0, 2**32 - 1)))
def test_known_items_are_packed_and_read_again(items: dict[int, int]) -> None:
    packed = KnownItems(items).packed()

    assert len(packed) == 12 * len(items)
    assert KnownItems.unpacked(packed).packed() == packed
    assert set(KnownItems.unpacked(packed)) == set(items)
