"""The audit log: every operation of the API writes its act, or is listed here as one that need not."""

import asyncio
from typing import get_args

import pytest
from starlette.testclient import TestClient

from catenae.testing import FakeClock
from services.api.audit import Act
from services.api.collaborators import Collaborators
from services.api.live import Listener
from tests.services.api.conftest import Client
from tests.services.api.people import PASSWORD, alert, disputed, sign_in, topic, user_document
from tests.services.api.test_access import called, operations
from tests.services.api.typescript import keys_of

ALERT, USER = "/api/v1/alerts/{user}", "/api/v1/users/{user}"
ACTS: dict[tuple[str, str], Act] = {
    ("GET", "/api/v1/alerts"): "alerts listed",
    ("GET", ALERT): "alert seen",
    ("GET", f"{ALERT}/history"): "history seen",
    ("PUT", f"{ALERT}/label"): "label",
    ("DELETE", f"{ALERT}/label"): "unlabel",
    ("GET", f"{ALERT}/reviews"): "reviews seen",
    ("PUT", f"{ALERT}/review"): "label",
    ("DELETE", f"{ALERT}/review"): "unlabel",
    ("PUT", f"{ALERT}/settlement"): "settle",
    ("DELETE", f"{ALERT}/settlement"): "unsettle",
    ("PUT", f"{ALERT}/hidden"): "hide",
    ("DELETE", f"{ALERT}/hidden"): "unhide",
    ("GET", "/api/v1/users"): "users searched",
    ("GET", USER): "user seen",
    ("GET", f"{USER}/probabilities"): "probabilities seen",
    ("GET", f"{USER}/words"): "probabilities seen",
    ("GET", f"{USER}/posts"): "posts seen",
    ("GET", f"{USER}/posts/{{post_id}}"): "posts seen",
    ("GET", f"{USER}/record"): "record downloaded",
    ("POST", f"{USER}/forget"): "forget requested",
    ("GET", "/api/v1/forget-requests"): "forget requests listed",
    ("GET", "/api/v1/alerts/{user}/precedents"): "alert seen",
    ("POST", "/api/v1/topics"): "topic begun",
    ("PUT", "/api/v1/topics/{topic}"): "topic changed",
    ("DELETE", "/api/v1/topics/{topic}"): "topic forgotten",
    ("GET", "/api/v1/topics/{topic}/posts"): "topic posts seen",
    ("POST", "/api/v1/queue/next"): "case given",
    ("PUT", "/api/v1/alerts/{user}/skip"): "case skipped",
    ("GET", "/api/v1/datasets/{which}"): "dataset downloaded",
    ("GET", "/api/v1/dead-letters/{topic}"): "dead letters seen",
    ("POST", "/api/v1/dead-letters/{topic}/replay"): "dead letters replayed",
    ("POST", "/api/v1/topology/nodes/{node}/pause"): "node paused",
    ("POST", "/api/v1/topology/nodes/{node}/resume"): "node resumed",
    ("GET", "/api/v1/audit"): "audit log read",
    ("DELETE", "/api/v1/session"): "sign-out",
    ("PUT", "/api/v1/session/password"): "password change failed",
    ("DELETE", "/api/v1/session/others"): "other sessions ended",
    ("PUT", "/api/v1/session/second-factor"): "second factor set-up failed",
    ("POST", "/api/v1/session/second-factor/offer"): "second factor set-up failed",
}
# They tell nothing of a person, and change nothing.
UNNOTED = {
    ("GET", f"/api/v1/{path}")
    for path in (
        "alerts/counts",
        "datasets",
        "dead-letters",
        "openapi.json",
        "session",
        "session/others",
        "session/second-factor",
        "statistics",
        "statistics/agreement",
        "statistics/first-looks",
        "statistics/history",
        "topology",
        "versions",
    )
} | {
    # They count, and show nobody; who begins, steers and reads a search is noted.
    ("GET", "/api/v1/topics"),
    ("GET", "/api/v1/topics/{topic}"),
    ("GET", "/api/v1/topics/{topic}/counts"),
    # Who looks at a case is noted; who goes on with it from minute to minute need not be.
    ("PUT", "/api/v1/alerts/{user}/lease"),
    ("DELETE", "/api/v1/alerts/{user}/lease"),
}


def acts(here: Collaborators, account: str) -> list[tuple[str, str | None]]:
    """Return what an account did and about whom, as the documents have it, the oldest first."""
    found = here.documents.find("audit", {"account": account}, limit=100).documents
    return [(each["action"], each["subject"]) for each in found]


@pytest.mark.lengthy
def test_every_operation_is_noted_or_need_not_be() -> None:
    assert sorted({*ACTS, *UNNOTED}) == operations()


@pytest.mark.parametrize("operation", ACTS, ids=" ".join)
def test_an_operation_is_noted_with_who_did_it_and_to_whom(
    operation: tuple[str, str], administrator: TestClient, here: Collaborators
) -> None:
    disputed(here, "ann")
    here.documents.upsert("users", [user_document("ann")])
    here.documents.upsert("topics", [topic("texts")])

    called(administrator, operation)

    subject = here.pseudonyms.of_name("ann") if "{user}" in operation[1] else None
    noted = [each for each in acts(here, "the_administrator") if not each[0].endswith("shown")]
    assert noted == [(ACTS[operation], subject)]


def test_who_is_refused_for_their_role_is_noted(reviewer: TestClient, here: Collaborators) -> None:
    reviewer.post("/api/v1/users/ann/forget", json={})

    assert acts(here, "the_reviewer") == [("role refused", here.pseudonyms.of_name("ann"))]
    (noted,) = here.documents.find("audit", {"action": "role refused"}).documents
    assert noted["detail"] == {"operation": "POST /users/{user}/forget"}


def test_signing_in_is_noted(client: Client, here: Collaborators) -> None:
    sign_in(client(), "the_reviewer")

    assert acts(here, "the_reviewer") == [("sign-in", None)]


def test_another_password_is_noted(reviewer: TestClient, here: Collaborators) -> None:
    reviewer.put("/api/v1/session/password", json={"current": PASSWORD, "new": "staple battery horse"})

    assert acts(here, "the_reviewer") == [("password change", None)]


def test_what_nobody_is_called_is_not_noted(client: Client, here: Collaborators) -> None:
    sign_in(client(), "a password in the wrong field")

    assert acts(here, "") == [("sign-in failed", None)]
    assert "wrong field" not in str(here.documents.find("audit").documents)


def test_who_is_disabled_is_noted_to_fail(client: Client, here: Collaborators) -> None:
    here.accounts.set_disabled("the_curator", is_disabled=True)

    sign_in(client(), "the_curator")

    assert acts(here, "the_curator") == [("sign-in failed", None)]


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_page_has_words_for_every_act(language: str) -> None:
    assert keys_of(f"i18n/{language}.ts", "audit", "acts") == set(get_args(Act))


def test_each_person_in_a_list_is_in_the_log_and_found_by_name(
    reviewer: TestClient, administrator: TestClient, here: Collaborators
) -> None:
    here.documents.upsert("alerts", [alert("ann"), alert("bob")])
    here.documents.upsert("users", [user_document("ann")])
    reviewer.get("/api/v1/alerts")
    reviewer.get("/api/v1/users", params={"prefix": "a"})

    of_ann = administrator.get("/api/v1/audit", params={"user": "ann"}).json()["items"]
    assert [(each["account"], each["action"]) for each in of_ann] == [
        ("the_reviewer", "user shown"),
        ("the_reviewer", "alert shown"),
    ]
    every = administrator.get("/api/v1/audit").json()["items"]
    assert not {"alert shown", "user shown"} & {each["action"] for each in every}
    shown = administrator.get("/api/v1/audit", params={"action": "alert shown"}).json()["items"]
    assert len(shown) == 2


def test_each_person_pushed_to_an_open_page_is_in_the_log(here: Collaborators, clock: FakeClock) -> None:
    here.watch.look(clock.now_s())
    session = here.sessions.find(here.sessions.begin("the_reviewer", here.now_ms()), here.now_ms())
    assert session is not None
    loop = asyncio.new_event_loop()
    here.listeners.add(Listener(session, loop))
    clock.advance(0.25)
    here.documents.upsert("alerts", [alert("ann", changed_ms=here.now_ms())])
    here.watch.look(clock.now_s())
    loop.close()

    assert acts(here, "the_reviewer") == [("alert pushed", here.pseudonyms.of_name("ann"))]
