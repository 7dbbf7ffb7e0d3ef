"""One user's row of a public Weibo collection as text records."""

from datetime import UTC, datetime
from typing import Any

import pytest

from services.reddit.records import OddRow, text_record
from services.weibo.posts import label, nickname, record, tweets


def tweet(content: Any = "今天很好", time: Any = "2020-01-31 08:30", **more: Any) -> dict[str, Any]:
    return {"tweet_content": content, "posting_time": time, "posted_picture_url": "无", **more}


def test_a_tweet_is_a_text_record_like_those_of_all_networks() -> None:
    made = record("甲", tweet())

    assert text_record(made) == made
    assert (made["author"], made["body"], made["title"]) == ("甲", "今天很好", "")
    assert (made["subreddit"], made["id"][:8]) == ("weibo", "weibo://")


@pytest.mark.parametrize("time", ["2020-01-31 08:30", "2020-1-31 8:30", "2020-01-31 08:30:00"])
def test_times_are_those_of_shanghai(time: str) -> None:
    at = datetime.fromtimestamp(record("甲", tweet(time=time))["created_utc"], UTC)

    assert at == datetime(2020, 1, 31, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("content", "own"),
    [("说得对//@乙:我很难过", "说得对"), ("说得对 //@乙:一//@丙:二", "说得对"), ("今天//明天", "今天//明天")],
)
def test_of_a_repost_only_what_its_author_put_in_front_counts(content: str, own: str) -> None:
    assert record("甲", tweet(content))["body"] == own


@pytest.mark.parametrize(
    ("odd", "reason"),
    [
        ("text", "not an object"),
        (tweet(None), "no text"),
        (tweet("  "), "no text"),
        (tweet("转发微博"), "no text"),
        (tweet("//@乙:我很难过"), "no text"),
        (tweet(time="刚刚"), "bad posting_time"),
        (tweet(time=None), "bad posting_time"),
        (tweet(time=1580430600), "bad posting_time"),
        (tweet(time="9999-12-31 23:59"), "bad created_utc"),
        (tweet(time="0001-01-01 00:00"), "bad created_utc"),
    ],
)
def test_what_is_odd_has_a_reason(odd: Any, reason: str) -> None:
    with pytest.raises(OddRow) as raised:
        record("甲", odd)

    assert raised.value.reason == reason


def test_equal_tweets_of_one_user_are_one_and_of_two_are_two() -> None:
    one = record("甲", tweet())["id"]

    assert record("甲", tweet())["id"] == one
    others = (
        record("乙", tweet()),
        record("甲", tweet("别的")),
        record("甲", tweet(time="2020-01-31 08:31")),
    )
    assert one not in {each["id"] for each in others}


def test_a_user_is_read_by_time_and_what_has_none_comes_first() -> None:
    times = ("2020-01-02 00:00", "2020-01-01 00:00", "刚刚")

    assert [each["posting_time"] for each in tweets({"tweets": [tweet(time=time) for time in times]})] == [
        *("刚刚", "2020-01-01 00:00", "2020-01-02 00:00")
    ]


@pytest.mark.parametrize(
    ("row", "reason"), [(["甲"], "not an object"), ({}, "no author"), ({"nickname": " "}, "no author")]
)
def test_a_row_of_nobody_has_a_reason(row: Any, reason: str) -> None:
    with pytest.raises(OddRow, match=reason):
        nickname(row)


def test_a_row_without_tweets_has_one_too() -> None:
    with pytest.raises(OddRow, match="no tweets"):
        tweets({"nickname": "甲", "tweets": "none"})


@pytest.mark.parametrize(
    ("written", "meant"), [("1", True), (1, True), ("0 ", False), ("2", None), (None, None)]
)
def test_a_label_is_one_or_nought(written: Any, meant: bool | None) -> None:
    assert label({"label": written}) is meant
