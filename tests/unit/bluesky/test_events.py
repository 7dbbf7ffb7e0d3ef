"""What the events of a Jetstream mean."""

from typing import Any

import pytest

from services.bluesky.events import value_of
from services.reddit.records import OddRow, text_record

ANN = "did:plc:ann"
SEEN_UTC = 1_750_000_000
RECORD: dict[str, Any] = {
    "$type": "app.bsky.feed.post",
    "createdAt": "2025-06-15T15:06:00.123Z",
    "langs": ["en"],
    "text": "the soup was good",
}


def commit(
    operation: str = "create", collection: str = "app.bsky.feed.post", **record: Any
) -> dict[str, Any]:
    found = {"operation": operation, "collection": collection, "rkey": "3kabc"}
    if operation != "delete":
        found["record"] = {**RECORD, **record}  # type: ignore[assignment]
    return {"did": ANN, "time_us": SEEN_UTC * 1_000_000 + 5, "kind": "commit", "commit": found}


def account(*, active: bool, status: str) -> dict[str, Any]:
    return {"did": ANN, "time_us": 1, "kind": "account", "account": {"active": active, "status": status}}


def test_a_post_becomes_the_text_record_that_every_network_has() -> None:
    assert value_of(commit()) == {
        "id": "at://did:plc:ann/app.bsky.feed.post/3kabc",
        "author": ANN,
        "kind": "submission",
        "subreddit": "",
        "created_utc": 1_749_999_960,
        "title": "",
        "body": "the soup was good",
        "link_id": "",
        "parent_id": "",
        "permalink": "https://bsky.app/profile/did:plc:ann/post/3kabc",
    }


def test_a_record_of_it_passes_unchanged() -> None:
    record = value_of(commit())

    assert text_record(record) == record


def test_an_answer_is_a_comment_that_says_to_what() -> None:
    reply = {"root": {"uri": "at://root", "cid": ""}, "parent": {"uri": "at://parent", "cid": ""}}

    record = value_of(commit(reply=reply))

    assert record is not None
    assert (record["kind"], record["link_id"], record["parent_id"]) == ("comment", "at://root", "at://parent")


@pytest.mark.parametrize(
    "created_at",
    ["2099-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "yesterday", None, 12, "1969-12-31T23:00:00Z"],
)
def test_a_time_that_cannot_be_is_when_it_was_seen(created_at: object) -> None:
    record = value_of(commit(createdAt=created_at))

    assert record is not None
    assert record["created_utc"] == SEEN_UTC


def test_a_time_without_a_zone_is_utc() -> None:
    record = value_of(commit(createdAt="2025-06-15T10:00:00"))

    assert record is not None
    assert record["created_utc"] == 1_749_981_600


@pytest.mark.parametrize(
    ("languages", "is_wanted"),
    [
        (["en"], True),
        (["de", "en-GB"], True),
        (["EN-us"], True),
        (["de"], False),
        (None, False),
        ([3], False),
    ],
)
def test_only_posts_in_a_wanted_language_pass(languages: object, *, is_wanted: bool) -> None:
    assert (value_of(commit(langs=languages), {"en"}) is not None) == is_wanted
    assert value_of(commit(langs=languages)) is not None


def test_what_is_deleted_is_named() -> None:
    address = "at://did:plc:ann/app.bsky.feed.post/3kabc"

    assert value_of(commit("delete")) == {"author": ANN, "id": address, "deleted": True}
    assert value_of(account(active=False, status="deleted")) == {"author": ANN, "deleted": True}
    assert value_of(account(active=False, status="takendown")) == {"author": ANN, "deleted": True}


@pytest.mark.parametrize(
    "event",
    [
        commit("update"),
        commit(collection="app.bsky.feed.like"),
        commit(text=""),
        commit(text=None),
        account(active=False, status="deactivated"),
        account(active=True, status="deleted"),
        {"did": ANN, "time_us": 1, "kind": "identity", "identity": {}},
        {"did": ANN, "time_us": 1, "kind": "news of a later version"},
    ],
)
def test_all_else_is_left_alone(event: dict[str, Any]) -> None:
    assert value_of(event) is None


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (None, "not an event"),
        ({"kind": "commit"}, "not an event"),
        (commit() | {"time_us": "now"}, "no time"),
        ({**commit(), "commit": {**commit()["commit"], "record": None}}, "no record"),
    ],
)
def test_an_event_that_cannot_be_read_says_why(event: object, reason: str) -> None:
    with pytest.raises(OddRow, match=reason):
        value_of(event)
