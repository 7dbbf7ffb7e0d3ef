"""A language is told by what is stated, else by a script or the commonest words, else not at all."""

import pytest

from services.topics.languages import is_wanted, language_of


@pytest.mark.parametrize(
    ("text", "stated", "language"),
    [
        ("I have not slept for days and it is all too much", "", "en"),
        ("no puedo dormir y todo me da igual desde hace días", "", "es"),
        ("我最近很抑郁，睡不着", "", "zh"),
        ("最近眠れないです", "", "ja"),
        ("요즘 잠이 안 와요", "", "ko"),
        ("ich kann nicht schlafen und das ist nicht schön", "", "de"),
        ("hello", "", ""),
        ("", "", ""),
        ("no puedo dormir", "en-GB", "en"),
        ("I am here and it is late", "klingon!", "en"),
    ],
)
def test_a_language_is_told(text: str, stated: str, language: str) -> None:
    assert language_of(text, stated) == language


def test_where_languages_are_asked_for_an_unknown_one_is_not_wanted() -> None:
    assert is_wanted("", [])
    assert not is_wanted("", ["en"])
    assert is_wanted("es", ["en", "es"])
