"""One record from rows of any origin."""

from typing import Any

import pytest

from services.reddit.records import OddRow, text_record

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
    with pytest.raises(OddRow) as caught:
        text_record(COMMENT | change)

    assert caught.value.reason == reason


def test_a_row_that_is_no_object_is_odd() -> None:
    with pytest.raises(OddRow, match="not an object"):
        text_record(["ann"])
