"""Own words, and the words in them."""

import html
import time
from unicodedata import category, normalize

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.depression.model import former_text
from services.depression.model.text import own_words, tokenise
from services.reddit.records import text_record
from tests.examples import share


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("I'm NOT fine, am I?", ["i", "not", "fine", "am", "i"]),
        ("a 2nd b2b x", ["nd"]),
        ("snake_case and _i_", ["snake", "case", "and", "i"]),
        ("Übermut, naïve", ["übermut", "naïve"]),
        ("I’m NOT fine, 2i i2", ["i", "not", "fine"]),
        ("", []),
    ],
)
def test_words_have_two_letters_but_the_pronoun_i(text: str, words: list[str]) -> None:
    assert tokenise(text) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("हिन्दी में क्‍ष", ["हिन्दी", "में", "क्‍ष"]),
        ("ภาษาไทย ที่", ["ภาษาไทย", "ที่"]),
        ("مُحَمَّد می‌خواهم ‌کتاب‌", ["مُحَمَّد", "می‌خواهم", "کتاب"]),
        ("tre\u0300s e\u0301puise\u0301e", ["très", "épuisée"]),
        ("un\u00adbe\u2060liev\ufeffable", ["unbelievable"]),
        ("İstanbul İyi I\u0301 Í", ["i̇stanbul", "i̇yi"]),
        ("ℹ️ 1️⃣ ❤️ i\ufe0f", ["i"]),
    ],
)
def test_words_of_every_script_are_whole_and_in_one_form(text: str, words: list[str]) -> None:
    assert tokenise(text) == words


@settings(max_examples=share(200))
@given(st.text(st.characters(exclude_categories=["Cs", "Cn", "Co"])))
def test_texts_that_are_canonically_equal_have_the_same_words(text: str) -> None:
    found = tokenise(normalize("NFC", text))

    assert tokenise(normalize("NFD", text)) == found
    assert [normalize("NFC", word) for word in found] == found


def test_every_mark_and_joiner_is_a_part_of_its_word() -> None:
    marks = [chr(point) for point in range(0x20000) if category(chr(point)) in ("Mn", "Mc")]
    shown = [mark for mark in [*marks, "\u200c", "\u200d"] if tokenise(f"y{mark}y") != ["yy"]]

    assert len(shown) > 2000
    assert [mark for mark in shown if len(tokenise(f"y{mark}y")) != 1] == []


@given(st.text(st.characters(max_codepoint=127)))
def test_plain_english_has_the_words_that_it_always_had(text: str) -> None:
    assert tokenise(text) == former_text.tokenise(text)


@settings(max_examples=share(50))
@given(st.text(), st.text())
def test_the_words_of_joined_texts_are_the_words_of_each(first: str, second: str) -> None:
    assert tokenise(f"{first}\n{second}") == tokenise(first) + tokenise(second)


def test_a_submission_counts_with_its_title_and_a_comment_without() -> None:
    row = {"author": "ann", "created_utc": 1, "title": "the title", "body": "the body"}

    assert own_words(text_record(row | {"id": "t3_a"})) == "the title\nthe body"
    assert own_words(text_record(row | {"id": "t1_a"})) == "the body"


def comment(body: str, **row: str) -> str:
    """Return the own words of a comment as a dump has it."""
    return own_words(text_record({"id": "c1", "author": "ann", "created_utc": 1, "body": body} | row))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("> theirs\n\nmine\n  >theirs too\r\nand mine > yours", ["mine", "and", "mine", "yours"]),
        (">!so sad!< i am", ["so", "sad", "am"]),
        (">:( i hate it\n>_< no", ["hate", "it", "no"]),
        ('see [the soup](https://soup.example/a_(b)?x=so "sad") now', ["see", "the", "soup", "now"]),
        ("at https://a.example/so-sad, www.b.org/sad or <https://c.example>.", ["at", "or"]),
        ("youtu.be/sad and me@sad.example mailto:me@sad.example", ["and"]),
        ("the end.Then he/she said", ["the", "end", "then", "he", "she", "said"]),
        ("don&#39;t&#x200B;&nbsp;go", ["don", "go"]),
    ],
)
def test_what_others_wrote_and_addresses_are_no_words_of_the_author(body: str, words: list[str]) -> None:
    assert [word for word in tokenise(comment(body)) if word != "i"] == words


def test_a_dump_and_the_crawler_give_the_same_words() -> None:
    shown = "> theirs\n\ntea & toast <3 &lt;b&gt; [&amp;](https://a.example/?b&c)"
    crawled = comment(shown, id="t1_c1")

    assert comment(html.escape(shown, quote=False)) == crawled
    assert tokenise(crawled) == ["tea", "toast", "lt", "gt", "amp"]


PIECES = ["\n", " ", "word", ">", "]", "](", "(", ")", '"', "www.", "a.de", "a@", "://", "&", "#39;", "nbsp;"]


@pytest.mark.lengthy
@settings(max_examples=share(300))
@given(st.lists(st.sampled_from(PIECES)).map("".join))
def test_signs_of_quotes_links_and_references_that_are_none_change_nothing_elsewhere(text: str) -> None:
    none = "\n<> ](( &# &nbsp"

    assert comment(f"a{text}{none}", id="t1_c1") == comment(f"a{text}", id="t1_c1") + none


@pytest.mark.parametrize(
    "evil", ["](", "](a", "a.", "a@", "[", "www.", "&#", '](x "', "> ", "(a)", "a://", "é\u0301"]
)
def test_no_text_takes_long(evil: str) -> None:
    begun_s = time.process_time()
    tokenise(comment(f"]({evil * 40_000}"))

    assert time.process_time() - begun_s < 2
