"""Messages become documents."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, nullcontext
from typing import Any

import pytest

from catenae import Document, Documents
from catenae.stores import open_documents
from catenae.testing import message
from services.storage.document_storer import DocumentStorer, OthersDocument


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


class Meanwhile:
    """Documents in which somebody else stores something at the moment after they were looked at."""

    def __init__(self, documents: Documents, act: Callable[[], None]) -> None:
        self._documents = documents
        self._act: Callable[[], None] | None = act

    def get_many(self, collection: str, document_ids: Iterable[str]) -> dict[str, Document]:
        found = self._documents.get_many(collection, document_ids)
        act, self._act = self._act, None
        if act is not None:
            act()
        return found

    def __getattr__(self, name: str) -> Any:
        return getattr(self._documents, name)


@pytest.mark.parametrize("removed", [False, True])
def test_of_two_replicas_at_one_moment_an_id_stays_who_was_first(
    documents: Documents, *, removed: bool
) -> None:
    hers = {"id": "t1_1", "author": "ann", "body": "hers"}
    first = DocumentStorer(documents, "posts", user_field="author")
    meanwhile: Any = Meanwhile(documents, lambda: first.consume_many([message(hers)]))
    his = {"id": "t1_1", "author": "mallory", "removed": removed}

    with pytest.raises(OthersDocument) if not removed else nullcontext():
        DocumentStorer(meanwhile, "posts", user_field="author").consume_many([message(his)])

    assert documents.get("posts", "t1_1") == hers


def test_what_the_same_user_has_stored_at_that_moment_is_replaced(documents: Documents) -> None:
    storer = DocumentStorer(documents, "posts")
    meanwhile: Any = Meanwhile(documents, lambda: storer.consume_many([message({"id": "a", "user": "ann"})]))

    DocumentStorer(meanwhile, "posts").consume_many([message({"id": "a", "user": "ann", "n": 2})])

    assert documents.get("posts", "a") == {"id": "a", "user": "ann", "n": 2}
