"""Live updates: what is told to whom, and when a page hears no more."""

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from starlette.testclient import TestClient, WebSocketDenialResponse
from starlette.websockets import WebSocketDisconnect

from catenae.testing import FakeClock
from services.api.answers import Role
from services.api.collaborators import Collaborators
from services.api.live import MOST_PAGES, MOST_WAITING, SIGNED_OUT, TOO_SLOW, Listener
from services.api.sign_in.sessions import IDLE_MS, LONGEST_MS, Session
from services.api.statistics import STEP_S
from tests.services.api.conftest import Client
from tests.services.api.people import ORIGIN, alert

LIVE = f"{ORIGIN.replace('http', 'ws')}/api/v1/live"
Look = Callable[[], None]


@pytest.fixture
def look(here: Collaborators, clock: FakeClock) -> Look:
    """Return what lets the watch look once, a moment later."""

    def once() -> None:
        clock.advance(0.25)
        here.watch.look(clock.now_s())

    once()
    return once


def store(here: Collaborators, clock: FakeClock, *users: str, **fields: Any) -> None:
    changed_ms = int(clock.now_s() * 1000)
    here.documents.merge("alerts", [alert(user, changed_ms=changed_ms, **fields) for user in users])


@contextmanager
def opened(client: TestClient) -> Iterator[Any]:
    """Open a page that hears from now on all that is told."""
    with client.websocket_connect(LIVE) as socket:
        assert json.loads(socket.receive_text())["type"] == "hello"
        yield socket


def all_heard(socket: Any, here: Collaborators) -> list[dict[str, Any]]:
    """Return what a page was told since the last time; it waits for nothing that may never come."""
    here.listeners.tell(json.dumps({"type": "end"}))
    return list(iter(lambda: json.loads(socket.receive_text()), {"type": "end"}))


def heard(socket: Any, here: Collaborators, kind: str) -> dict[str, Any]:
    """Return the one message of a kind that a page was told since the last time."""
    (found,) = [message for message in all_heard(socket, here) if message["type"] == kind]
    return found


def test_a_page_is_greeted_and_told_what_changes(
    reviewer: TestClient, here: Collaborators, clock: FakeClock, look: Look
) -> None:
    with reviewer.websocket_connect(LIVE) as socket:
        assert json.loads(socket.receive_text()) == {
            "type": "hello",
            "name": "the_reviewer",
            "role": "reviewer",
        }
        store(here, clock, "ann", "bob")
        look()
        told = heard(socket, here, "alerts")

    assert {each["user"] for each in told["alerts"]} == {"ann", "bob"}
    assert told["counts"]["unlabelled"] == 2


def test_nothing_is_told_twice_and_nothing_is_left_out(
    reviewer: TestClient, here: Collaborators, clock: FakeClock, look: Look
) -> None:
    told = []
    with opened(reviewer) as socket:
        for number in range(20):
            store(here, clock, f"user{number}", "always")
            look()
            told.append(sorted(each["user"] for each in heard(socket, here, "alerts")["alerts"]))

    assert told == [["always", f"user{number}"] for number in range(20)]


def test_what_was_stored_late_with_an_earlier_time_is_told(
    reviewer: TestClient, here: Collaborators, clock: FakeClock, look: Look
) -> None:
    with opened(reviewer) as socket:
        store(here, clock, "ann")
        look()
        heard(socket, here, "alerts")
        here.documents.upsert("alerts", [alert("late", changed_ms=int(clock.now_s() * 1000) - 1000)])
        look()

        assert [each["user"] for each in heard(socket, here, "alerts")["alerts"]] == ["late"]


def test_a_label_of_one_is_told_to_all(
    client: Client, here: Collaborators, clock: FakeClock, look: Look
) -> None:
    with opened(client(Role.REVIEWER)) as socket:
        store(here, clock, "ann")
        look()
        heard(socket, here, "alerts")
        client(Role.CURATOR).put("/api/v1/alerts/ann/label", json={"label": "risk"})
        look()
        (told,) = heard(socket, here, "alerts")["alerts"]

    assert (told["label"], told["reviewed_by"]) == ("risk", "the_curator")


def test_two_reviews_within_a_moment_are_both_told(
    look: Look, reviewer: TestClient, curator: TestClient, here: Collaborators, clock: FakeClock
) -> None:
    store(here, clock, "ann")
    with opened(reviewer) as socket:
        for each, shelf in ((reviewer, "risk"), (curator, "disputed")):
            verdict = "risk" if each is reviewer else "no_risk"
            each.put("/api/v1/alerts/ann/review", json={"verdict": verdict})
            here.watch.look(clock.now_s())
            assert heard(socket, here, "alerts")["alerts"][0]["shelf"] == shelf


def test_who_was_forgotten_is_told(
    reviewer: TestClient, here: Collaborators, clock: FakeClock, look: Look
) -> None:
    done_ms = int(clock.now_s() * 1000)
    request = {"status": "done", "requested_ms": 1, "requested_by": "ada", "done_ms": done_ms}
    with opened(reviewer) as socket:
        here.documents.upsert("forget_requests", [{"id": "ann", **request}])
        look()

        assert heard(socket, here, "forgotten")["users"] == ["ann"]


def test_statistics_are_told_every_few_seconds(
    reviewer: TestClient, here: Collaborators, clock: FakeClock, look: Look
) -> None:
    with opened(reviewer) as socket:
        here.documents.upsert("posts", [{"id": f"{number}"} for number in range(20)])
        clock.advance(STEP_S)
        look()
        told = heard(socket, here, "statistics")

    assert told["posts"] == 20
    assert told["posts_per_s"] == pytest.approx(20 / (STEP_S + 0.25), abs=0.01)
    assert "alert_manager" in {each["name"] for each in told["nodes"]}


def closed(socket: Any, here: Collaborators) -> int:
    """Return the code that a page was closed with."""
    with pytest.raises(WebSocketDisconnect) as closing:
        all_heard(socket, here)
    return closing.value.code


def test_signing_out_closes_the_page(reviewer: TestClient, here: Collaborators) -> None:
    with opened(reviewer) as socket:
        reviewer.delete("/api/v1/session")

        assert closed(socket, here) == SIGNED_OUT


def test_a_session_that_ends_elsewhere_closes_the_page(
    reviewer: TestClient, here: Collaborators, clock: FakeClock, look: Look
) -> None:
    with opened(reviewer) as socket:
        here.accounts.set_disabled("the_reviewer", is_disabled=True)
        clock.advance(STEP_S)
        look()

        assert closed(socket, here) == SIGNED_OUT


@pytest.mark.parametrize("pause_ms", [IDLE_MS, LONGEST_MS])
def test_a_session_that_is_idle_or_old_closes_the_page(
    reviewer: TestClient, here: Collaborators, clock: FakeClock, look: Look, pause_ms: int
) -> None:
    with opened(reviewer) as socket:
        clock.advance(pause_ms / 1000)
        look()

        assert closed(socket, here) == SIGNED_OUT


def test_nobody_hears_without_signing_in(client: Client) -> None:
    with client().websocket_connect(LIVE) as socket, pytest.raises(WebSocketDisconnect) as closing:
        socket.receive_text()

    assert closing.value.code == SIGNED_OUT


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "", None])
def test_a_page_of_another_site_is_not_let_in(reviewer: TestClient, origin: str | None) -> None:
    del reviewer.headers["Origin"]
    headers = {} if origin is None else {"Origin": origin}

    with pytest.raises(WebSocketDenialResponse) as refused, reviewer.websocket_connect(LIVE, headers=headers):
        pass
    assert refused.value.status_code == 403


def test_a_page_that_does_not_read_has_to_come_again() -> None:
    async def waiting() -> list[Any]:
        listener = Listener(
            Session("a", "ann", Role.REVIEWER, 0, has_password=True), asyncio.get_running_loop()
        )
        for number in range(MOST_WAITING + 1):
            listener.put(str(number))
        return [listener.waiting.get_nowait() for _ in range(listener.waiting.qsize())]

    assert asyncio.run(waiting()) == [TOO_SLOW]


def test_a_page_that_is_gone_is_forgotten(reviewer: TestClient, here: Collaborators) -> None:
    with opened(reviewer):
        assert len(here.listeners.sessions()) == 1

    assert here.listeners.sessions() == set()


@pytest.mark.lengthy
def test_a_session_has_so_many_pages_open_at_most(reviewer: TestClient) -> None:
    with ExitStack() as stack:
        for _ in range(MOST_PAGES):
            stack.enter_context(opened(reviewer))

        with reviewer.websocket_connect(LIVE) as one_more, pytest.raises(WebSocketDisconnect) as refused:
            one_more.receive_text()
    assert refused.value.code == TOO_SLOW
