"""What is counted of a text: words, and hashtags."""

import pytest

from services.topics.words import counted_words, hashtags, without_function_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("So tired, SO tired!", ["so", "tired"]),
        ("look: https://example.org/tired @somebody", ["look"]),
        ("call 555 123 4567 or mail me@example.org a 1", ["call", "or", "mail"]),
        ("Café résumé", ["cafe", "resume"]),
        ("我很抑郁", ["我很", "很抑", "抑郁"]),
        ("", []),
    ],
)
def test_each_word_is_counted_once(text: str, words: list[str]) -> None:
    assert counted_words(text) == words


def test_hashtags_are_words_behind_a_sign() -> None:
    assert hashtags("#Sleep no #sleep, C#sharp #1 ＃失眠 #Día") == ["sleep", "失眠", "dia"]


def test_what_is_in_most_texts_says_nothing_of_a_topic() -> None:
    assert without_function_words(["the", "tired", "y", "los", "cansado"]) == ["tired", "cansado"]
