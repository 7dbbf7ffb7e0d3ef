"""Dates and times as people and programs write them."""

import os
import time

import pytest

from services.reddit.times import seconds_of


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2015-05-01 12:22:21", 1430482941),
        ("2015-05-01T12:22:21Z", 1430482941),
        ("2015-05-01T14:22:21+02:00", 1430482941),
        ("2015-5-1 1:2:3", 1430442123),
        (" 2015-5-1 1:2 ", 1430442120),
        ("2016-12-31T23:59:60Z", 1483228800),
        ("1970-01-01", 0),
    ],
)
def test_a_time_is_read_and_is_utc_without_a_zone(text: str, seconds: int) -> None:
    assert seconds_of(text) == seconds


def test_a_time_is_the_same_on_every_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "TZ", "America/New_York")
    time.tzset()
    try:
        assert seconds_of("2015-05-01T12:22:21") == 1430482941
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize("text", ["", "yesterday", "2015-13-1", "2015-1-1 1:2:61", "9999-12-31 23:59:60"])
def test_what_is_no_time_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"time|month|second|calendar"):
        seconds_of(text)
