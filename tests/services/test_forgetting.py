"""Requests to forget: where they come from, and when they are done."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from catenae import Documents, Message, Store
from catenae.stores import open_documents, open_store
from catenae.testing import FakeClock, message
from services.forgetting.forget_recorder import ForgetRecorder
from services.forgetting.forget_requests import COLLECTION, NAMED_FOR_S, ForgetRequests
from services.forgetting.request import request
from services.reddit.names import Names


@pytest.fixture
def documents() -> Iterator[Documents]:
    with closing(open_documents("sqlite:")) as opened:
        opened.upsert(COLLECTION, [{"id": "ann", "status": "requested", "requested_ms": 1}])
        yield opened


@pytest.fixture
def store() -> Iterator[Store]:
    with closing(open_store("embedded:")) as opened:
        yield opened


def look(generated: Iterator[Message | None], clock: FakeClock) -> list[Message]:
    clock.advance(1.0)
    return [each for each in iter(lambda: next(generated), None) if each is not None]


def test_a_request_is_passed_on_once(documents: Documents, store: Store) -> None:
    clock = FakeClock()
    generated = ForgetRequests(documents, store, clock=clock.now_s).generate(None)

    first, second = look(generated, clock), look(generated, clock)

    assert [(each.key, each.value) for each in first] == [("ann", request("ann"))]
    assert second == []


def test_who_is_requested_again_after_it_was_done_is_passed_on_again(
    documents: Documents, store: Store
) -> None:
    clock = FakeClock()
    generated = ForgetRequests(documents, store, clock=clock.now_s).generate(None)
    look(generated, clock)
    documents.upsert(COLLECTION, [{"id": "ann", "status": "requested", "requested_ms": 2}])

    assert [each.key for each in look(generated, clock)] == ["ann"]


def test_for_a_run_that_ends_it_ends(documents: Documents, store: Store) -> None:
    assert [each.key for each in ForgetRequests(documents, store, ends=True).generate(None) if each] == [
        "ann"
    ]


def test_it_is_done_when_no_document_is_left(documents: Documents) -> None:
    recorder = ForgetRecorder(documents, FakeClock(20.0).now_s)
    documents.upsert("posts", [{"id": "t1_1", "author": "ann"}])
    (again,) = recorder.transform(message(request("ann"), "ann"))
    assert (documents.get(COLLECTION, "ann") or {})["status"] == "requested"
    documents.delete("posts", ["t1_1"])

    assert list(recorder.transform(message(again.value, "ann"))) == []
    assert documents.get(COLLECTION, "ann") == {
        "id": "ann",
        "status": "done",
        "requested_ms": 1,
        "done_ms": 20_000,
        "is_named": True,
    }


def test_what_is_no_request_is_left_alone(documents: Documents) -> None:
    assert list(ForgetRecorder(documents).transform(message({"id": "ann", "user": "ann"}, "ann"))) == []


def test_a_day_after_it_was_done_the_request_names_nobody(documents: Documents, store: Store) -> None:
    clock = FakeClock()
    done = {"id": "ann", "status": "done", "done_ms": int(clock.now_s() * 1000), "is_named": True}
    documents.merge(COLLECTION, [done])
    generated = ForgetRequests(documents, store, clock=clock.now_s).generate(None)
    look(generated, clock)
    assert documents.get(COLLECTION, "ann") is not None
    clock.advance(NAMED_FOR_S + 1)

    look(generated, clock)

    (kept,) = documents.find(COLLECTION).documents
    assert (kept["status"], kept["requested_ms"]) == ("done", 1)
    assert kept["id"] == Names(store).hash("ann")
