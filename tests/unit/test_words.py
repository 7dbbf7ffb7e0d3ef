"""Many words are found where each by itself would be."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from catenae.operating.words import Words, pattern_of

LETTERS = "ab-_.: é"


@pytest.mark.hypothesis
@example({"a."}, "a.b")
@example({"a"}, "a-b")
@example({".a"}, "b.a")
@given(st.sets(st.text(LETTERS, min_size=1, max_size=5), max_size=5), st.text(LETTERS, max_size=30))
def test_they_are_found_where_each_by_itself_is(words: set[str], text: str) -> None:
    expected = {
        found.span()
        for word in words
        for found in re.finditer(b"(?=(%s))" % pattern_of({word}), text.encode())
    }
    starts = {start for start, _ in expected}

    assert {start for start, _ in Words(words).places(text.encode())} <= starts
    assert Words(words).are_in(text.encode()) == bool(starts)
