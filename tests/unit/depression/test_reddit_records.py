"""One record from rows of any origin."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.reddit.notices import is_notice
from services.reddit.records import OddRow, is_gone, text_record

COMMENT = {
    "id": "eczv6a2",
    "author": "ann",
    "subreddit": "tea",
    "created_utc": 1546300800,
    "body": "green, please",
    "link_id": "t3_abc",
    "parent_id": "t1_def",
    "permalink": "/r/tea/comments/abc/_/eczv6a2/",
    "edited": 1546300900.0,
}
SUBMISSION = {"id": "abc", "author": "ann", "created_utc": 1, "title": "Which tea?", "selftext": "Help me."}


def test_a_comment_of_a_dump_becomes_a_text_record() -> None:
    assert text_record(COMMENT) == {
        "id": "t1_eczv6a2",
        "author": "ann",
        "kind": "comment",
        "subreddit": "tea",
        "created_utc": 1546300800,
        "title": "",
        "body": "green, please",
        "link_id": "t3_abc",
        "parent_id": "t1_def",
        "permalink": "/r/tea/comments/abc/_/eczv6a2/",
    }


def test_a_submission_has_a_title_and_a_body() -> None:
    record = text_record(SUBMISSION)

    assert (record["id"], record["kind"]) == ("t3_abc", "submission")
    assert (record["title"], record["body"]) == ("Which tea?", "Help me.")


@pytest.mark.parametrize("row", [COMMENT, SUBMISSION, SUBMISSION | {"generated": True}])
def test_a_text_record_passes_unchanged(row: dict[str, Any]) -> None:
    record = text_record(row)

    assert text_record(record) == record


TEXTS = (
    st.sampled_from(["", " ", "tea", "[removed]", "a [b]", "&amp;", "so \ud83d", "thé\n", "at://a"])
    | st.text()
)
USUAL = {
    "id": st.sampled_from(["t1_a", "t3_a", "t3_", "T3_a", "a", " t1_a", "t3_at://b", "t1_" + "a" * 600])
    | TEXTS,
    "author": st.sampled_from(["ann", " ann", "[deleted]", "a\nb", "a" * 600]) | TEXTS,
    "kind": st.sampled_from(["comment", "submission", "t1", ""]),
    "subreddit": TEXTS,
    "created_utc": st.sampled_from([1, 1.5, "1", True, -1, 32_503_680_000]) | st.integers(),
    "title": TEXTS | st.none(),
    "body": TEXTS | st.integers(),
    "link_id": TEXTS,
    "parent_id": TEXTS,
    "permalink": TEXTS,
}


def outcome(row: object) -> object:
    try:
        return list(text_record(row).items())
    except OddRow as odd:
        return odd.reason


@pytest.mark.lengthy
@given(st.fixed_dictionaries(USUAL, optional={"generated": st.sampled_from([True, False, None, 1])}))
def test_what_has_the_fields_of_a_text_record_is_read_as_any_row(row: dict[str, Any]) -> None:
    assert outcome(row) == outcome({"something": "else", **row})


@given(st.sampled_from([COMMENT, SUBMISSION]), st.data())
def test_a_text_record_with_one_odd_field_is_read_as_any_row(of: dict[str, Any], data: st.DataObject) -> None:
    field = data.draw(st.sampled_from(sorted(USUAL)))
    row = text_record(of) | {field: data.draw(USUAL[field])}

    assert outcome(row) == outcome({"something": "else", **row})


@pytest.mark.parametrize("found", [1546300800, 1546300800.9, "1546300800", "1546300800.0"])
def test_a_time_is_read_from_int_float_and_text(found: object) -> None:
    assert text_record(COMMENT | {"created_utc": found})["created_utc"] == 1546300800


def test_a_prefix_tells_the_kind_and_is_not_doubled() -> None:
    assert text_record(COMMENT | {"id": "t1_eczv6a2"})["id"] == "t1_eczv6a2"
    assert text_record(SUBMISSION | {"id": "t3_abc", "kind": "odd"})["kind"] == "submission"


def test_a_removed_body_leaves_the_title() -> None:
    assert text_record(SUBMISSION | {"selftext": "[removed]"})["body"] == ""


def test_the_title_of_another_persons_thread_is_not_the_commenters() -> None:
    row = COMMENT | {"id": "t1_a", "title": "somebody else's"}

    assert text_record(row)["title"] == ""


def test_half_a_surrogate_pair_can_be_encoded() -> None:
    assert text_record(COMMENT | {"body": "so \ud83d"})["body"] == "so ?"


def test_a_post_of_images_alone_has_them_in_its_record_and_passes_again() -> None:
    record = text_record(COMMENT | {"body": "", "images": ["dusk.jpg", "https://a.example/1"]})

    assert record["images"] == ["dusk.jpg", "https://a.example/1"]
    assert text_record(record) == record


@pytest.mark.parametrize("images", [[], None, "dusk.jpg", {"0": "dusk.jpg"}, [1]])
def test_what_is_no_list_of_names_is_no_images(images: object) -> None:
    assert "images" not in text_record(COMMENT | {"images": images})
    with pytest.raises(OddRow, match="no text"):
        text_record(COMMENT | {"body": "", "images": images})


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"id": ""}, "no id"),
        ({"id": 7}, "no id"),
        ({"author": None}, "no author"),
        ({"author": ["ann"]}, "no author"),
        ({"author": "[deleted]"}, "deleted author"),
        ({"body": "[removed]"}, "no text"),
        ({"body": " \n"}, "no text"),
        ({"created_utc": True}, "bad created_utc"),
        ({"created_utc": "yesterday"}, "bad created_utc"),
        ({"created_utc": float("nan")}, "bad created_utc"),
        ({"created_utc": 1546300800000}, "bad created_utc"),
        ({"created_utc": 10**400}, "bad created_utc"),
    ],
)
def test_an_odd_row_says_why(change: dict[str, Any], reason: str) -> None:
    assert outcome(COMMENT | change) == reason
    assert outcome(text_record(COMMENT) | change) == reason


def test_a_row_that_is_no_object_is_odd() -> None:
    with pytest.raises(OddRow, match="not an object"):
        text_record(["ann"])


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ("tea &amp; toast &lt;3", "tea & toast <3"),
        ("&amp;lt; &amp;amp;", "&lt; &amp;"),
        ("&#x200B;&gt; theirs", "\u200b> theirs"),
        ("tea &amp; toast <3", "tea &amp; toast <3"),
        ("R&D &amp; tea", "R&D &amp; tea"),
    ],
)
def test_a_row_that_comes_escaped_is_unescaped_once(body: str, shown: str) -> None:
    record = text_record(COMMENT | {"body": body})

    assert record["body"] == shown
    assert text_record(record) == record


@pytest.mark.parametrize("name", ["t1_a", "at://ann/app.bsky.feed.post/a"])
def test_what_comes_with_a_full_name_is_not_escaped(name: str) -> None:
    assert text_record(COMMENT | {"id": name, "body": "&amp;lt;"})["body"] == "&amp;lt;"


NOTICES = [
    "[deleted]",
    "[removed]",
    "[ Removed by Reddit ]",
    "[deleted by user]",
    " [Removed by moderator]\n",
    "*[removed]*",
    "\\[removed\\]",
    "[ Removed by reddit in response to a copyright notice. ]",
    "[ Removed by Reddit on account of violating the [content policy](/help/contentpolicy). ]",
]


@pytest.mark.parametrize("notice", NOTICES)
def test_no_notice_of_removal_is_anybodys_words(notice: str) -> None:
    assert text_record(SUBMISSION | {"title": notice})["title"] == ""
    assert text_record(SUBMISSION | {"selftext": notice})["body"] == ""
    assert is_gone({"author": "ann", "title": "soup", "selftext": notice})
    assert is_gone({"author": "ann", "title": notice, "selftext": "good"})


@pytest.mark.parametrize(
    "text", ["[deleted scene]", "[removed] but i go on", "deleted", "[removed by me] and [by you]", ""]
)
def test_a_text_about_removal_is_no_notice(text: str) -> None:
    assert not is_notice(text)
    assert not is_gone({"author": "ann", "body": text})


@pytest.mark.parametrize(
    "row",
    [
        {"id": "a", "title": "theirs", "body": "mine", "link_id": "t3_x"},
        {"id": "a", "title": "theirs", "body": "mine", "parent_id": "t1_x"},
        {"id": "a", "title": "theirs", "body": "mine", "name": "t1_a"},
        {"id": "a", "title": "theirs", "body": "mine", "kind": "t1"},
    ],
)
def test_a_comment_that_comes_with_its_threads_title_is_still_a_comment(row: dict[str, Any]) -> None:
    record = text_record({"author": "ann", "created_utc": 1} | row)

    assert (record["id"], record["title"], record["body"]) == ("t1_a", "", "mine")


def test_a_time_written_out_is_utc() -> None:
    assert text_record(COMMENT | {"created_utc": "2019-01-01 00:00:00"})["created_utc"] == 1546300800
