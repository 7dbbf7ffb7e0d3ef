"""Posts of Bluesky, and what is deleted there."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from catenae import Documents, Message, open_documents
from catenae.stores import open_store
from catenae.testing import MemoryState, message
from services.bluesky.posts import Posts
from services.forgetting.request import request
from services.reddit.records import text_record


def post(number: int, author: str = "did:plc:ann") -> dict[str, Any]:
    address = f"at://{author}/app.bsky.feed.post/{number}"
    return dict(text_record({"id": address, "author": author, "created_utc": number, "body": "soup"}))


@pytest.fixture
def documents() -> Iterator[Documents]:
    with closing(open_documents("sqlite:")) as documents:
        yield documents


@pytest.fixture
def posts(documents: Documents) -> Posts:
    return Posts(MemoryState(), open_store("embedded:"), documents)


def handled(posts: Posts, value: dict[str, Any]) -> list[tuple[str, Any]]:
    """Return port and value of what comes of a message."""
    return [(each.port, each.value) for each in posts.transform(message(value, value["author"]))]


def gone(record: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"author": record["author"], "id": record["id"], "deleted": True, **more}


def test_a_post_passes(posts: Posts) -> None:
    assert handled(posts, post(1)) == [("texts", post(1))]


def test_what_is_deleted_waits_until_it_is_stored_and_is_then_taken_away(
    posts: Posts, documents: Documents
) -> None:
    [(port, waiting)] = handled(posts, gone(post(1)))
    documents.upsert("posts", [post(1)])

    assert port == "deletions"
    assert handled(posts, waiting) == [("texts", {**post(1), "removed": True})]


def test_what_is_not_stored_yet_is_looked_for_once_more(posts: Posts, documents: Documents) -> None:
    [(port, late)] = handled(posts, gone(post(1), looks=0))
    assert port == "late"
    assert handled(posts, late) == []
    documents.upsert("posts", [post(1)])

    assert handled(posts, late) == [("texts", {**post(1), "removed": True})]


def test_all_posts_of_an_account_that_was_deleted_go(posts: Posts, documents: Documents) -> None:
    documents.upsert("posts", [post(1), post(2), post(3, "did:plc:bob")])

    *removed, again = handled(posts, {"author": "did:plc:ann", "deleted": True, "looks": 0})

    assert removed == [("texts", {**post(number), "removed": True}) for number in (1, 2)]
    assert again[0] == "late"


def test_what_is_said_twice_to_be_deleted_is_taken_away_once(posts: Posts, documents: Documents) -> None:
    documents.upsert("posts", [post(1)])
    handled(posts, gone(post(1), looks=0))

    assert handled(posts, {"author": "did:plc:ann", "deleted": True, "looks": 1}) == []
    assert handled(posts, gone(post(1), looks=0)) == []


def test_nobody_takes_away_what_another_wrote(posts: Posts, documents: Documents) -> None:
    documents.upsert("posts", [post(1)])

    assert handled(posts, {**gone(post(1), looks=1), "author": "did:plc:bob"}) == []


def test_a_user_who_was_forgotten_stays_so(posts: Posts) -> None:
    asked = request("did:plc:ann")

    assert list(posts.forget(asked)) == [asked]

    assert handled(posts, post(1)) == []
    assert handled(posts, post(2, "did:plc:bob")) != []


def test_the_message_keeps_its_key(posts: Posts) -> None:
    found: list[Message] = list(posts.transform(message(post(1), "did:plc:ann")))

    assert [each.key for each in found] == ["did:plc:ann"]
