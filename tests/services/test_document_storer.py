"""Messages become documents."""

import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from catenae import Documents
from catenae.stores import open_documents
from catenae.testing import message
from services.forgetting.request import request
from services.storage.document_storer import DocumentStorer


@pytest.fixture
def documents() -> Iterator[Documents]:
    with closing(open_documents("sqlite:")) as opened:
        yield opened


def test_the_latest_message_of_each_id_is_kept(documents: Documents) -> None:
    storer = DocumentStorer(documents, "posts")

    storer.consume_many(
        [message({"id": "a", "n": 1}), message({"id": "b", "n": 2}), message({"id": "a", "n": 3})]
    )

    assert documents.find("posts").documents == [{"id": "a", "n": 3}, {"id": "b", "n": 2}]


def test_storing_again_changes_nothing(documents: Documents) -> None:
    storer, batch = DocumentStorer(documents, "posts"), [message({"id": "a", "n": 1}), message({"id": "b"})]
    storer.consume_many(batch)
    stored = documents.find("posts")

    storer.consume_many(batch)

    assert documents.find("posts") == stored


def test_merging_leaves_the_fields_of_somebody_else(documents: Documents) -> None:
    storer = DocumentStorer(documents, "alerts", merges=True)
    documents.upsert("alerts", [{"id": "ann", "label": "risk", "n": 1}])

    storer.consume_many([message({"id": "ann", "n": 2}), message({"id": "bob", "n": 3})])

    assert documents.find("alerts").documents == [
        {"id": "ann", "label": "risk", "n": 2},
        {"id": "bob", "n": 3},
    ]


@pytest.mark.parametrize("merges", [False, True])
def test_a_stamp_says_when_it_was_stored(documents: Documents, merges: bool) -> None:
    before_ms = int(time.time() * 1000)

    DocumentStorer(documents, "alerts", merges=merges, stamp="changed_ms").consume_many(
        [message({"id": "ann"})]
    )

    stored = documents.get("alerts", "ann") or {}
    assert before_ms <= stored["changed_ms"] <= int(time.time() * 1000)


def test_any_field_can_be_the_id(documents: Documents) -> None:
    DocumentStorer(documents, "users", id_field="user").consume_many([message({"user": "ann", "posts": 2})])

    assert documents.get("users", "ann") == {"id": "ann", "user": "ann", "posts": 2}


def test_what_is_removed_is_taken_away(documents: Documents) -> None:
    storer = DocumentStorer(documents, "posts")
    storer.consume_many([message({"id": "a"}), message({"id": "b"}), message({"id": "b", "removed": True})])

    storer.consume_many([message({"id": "a", "removed": True}), message({"id": "c", "removed": False})])

    assert documents.find("posts").documents == [{"id": "c", "removed": False}]


def test_a_message_without_its_id_is_an_error_and_stores_nothing(documents: Documents) -> None:
    with pytest.raises(KeyError):
        DocumentStorer(documents, "posts").consume_many([message({"id": "a"}), message({"n": 1})])

    assert documents.count("posts") == 0


def test_what_lists_are_made_by_has_an_index(documents: Documents, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[tuple[str, list[str]]] = []
    monkeypatch.setattr(
        documents, "ensure_index", lambda collection, fields: made.append((collection, fields))
    )

    DocumentStorer(documents, "alerts", indexes=["probability", "label updated_utc"]).setup()

    assert made == [("alerts", ["probability"]), ("alerts", ["label", "updated_utc"])]


def test_who_is_forgotten_has_no_document_left(documents: Documents) -> None:
    storer = DocumentStorer(documents, "posts")
    storer.consume_many([message({"id": str(n), "user": "ann" if n % 2 else "bob"}) for n in range(300)])

    storer.consume_many(
        [message({"id": "before", "user": "ann"}), request("ann"), message({"id": "c", "user": "cid"})]
    )

    assert {each["user"] for each in documents.find("posts", limit=1000).documents} == {"bob", "cid"}
    assert documents.count("posts") == 151
