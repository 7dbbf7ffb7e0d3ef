"""Own words, and the words in them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.depression.model.text import own_words, tokenise
from services.reddit.records import text_record


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("I'm NOT fine, am I?", ["i", "not", "fine", "am", "i"]),
        ("a 2nd b2b x", ["nd"]),
        ("snake_case and _i_", ["snake", "case", "and", "i"]),
        ("Übermut, naïve", ["übermut", "naïve"]),
        ("", []),
    ],
)
def test_words_have_two_letters_but_the_pronoun_i(text: str, words: list[str]) -> None:
    assert tokenise(text) == words


@settings(max_examples=50)
@given(st.text(), st.text())
def test_the_words_of_joined_texts_are_the_words_of_each(first: str, second: str) -> None:
    assert tokenise(f"{first}\n{second}") == tokenise(first) + tokenise(second)


def test_a_submission_counts_with_its_title_and_a_comment_without() -> None:
    row = {"author": "ann", "created_utc": 1, "title": "the title", "body": "the body"}

    assert own_words(text_record(row | {"id": "t3_a"})) == "the title\nthe body"
    assert own_words(text_record(row | {"id": "t1_a"})) == "the body"
