"""Who may do what: nothing without signing in, each role its own, and nothing for another site's page."""

import logging
import re
from base64 import urlsafe_b64encode
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from starlette.datastructures import QueryParams
from starlette.routing import Route
from starlette.testclient import TestClient

from services.api.alerts import Alerts
from services.api.answers import Role
from services.api.application import Application
from services.api.collaborators import Collaborators
from services.api.routes import api_router
from tests.services.api.conftest import Client
from tests.services.api.people import ORIGIN, alert, disputed, topic, user_document

UNSIGNED = {
    ("GET", "/api/v1/sign-in"),
    ("POST", "/api/v1/sign-in"),
    ("GET", "/api/v1/sign-in/oidc"),
    ("GET", "/api/v1/sign-in/oidc/callback"),
}
CURATORS = {
    ("GET", "/api/v1/datasets"),
    ("GET", "/api/v1/datasets/{which}"),
    ("DELETE", "/api/v1/topics/{topic}"),
}
ADMINISTRATORS = {
    ("GET", "/api/v1/users/{user}/record"),
    ("POST", "/api/v1/users/{user}/forget"),
    ("GET", "/api/v1/forget-requests"),
    ("GET", "/api/v1/dead-letters"),
    ("GET", "/api/v1/dead-letters/{topic}"),
    ("POST", "/api/v1/dead-letters/{topic}/replay"),
    ("GET", "/api/v1/audit"),
    ("POST", "/api/v1/topology/nodes/{node}/pause"),
    ("POST", "/api/v1/topology/nodes/{node}/resume"),
}
BODIES: dict[str, Any] = {
    "/api/v1/alerts/{user}/label": {"label": "risk"},
    "/api/v1/alerts/{user}/review": {"verdict": "risk"},
    "/api/v1/alerts/{user}/settlement": {"label": "risk"},
    "/api/v1/alerts/{user}/skip": {"why": "other"},
    "/api/v1/queue/next": {},
    "/api/v1/topology/nodes/{node}/pause": {"for_s": 60, "reason": "a trial"},
    "/api/v1/topology/nodes/{node}/resume": {"reason": "a trial"},
    "/api/v1/topics": {"query": "tea", "sources": ["held"]},
    "/api/v1/topics/{topic}": {"act": "stop"},
    "/api/v1/session/password": {"current": "x", "new": "y"},
    "/api/v1/session/second-factor": {"code": "123456"},
    "/api/v1/session/second-factor/offer": {"password": "x"},
}
# They take the password, or a code, of which BODIES has none that is right: 403, and not for the role.
PROVEN = {
    ("PUT", "/api/v1/session/password"),
    ("PUT", "/api/v1/session/second-factor"),
    ("POST", "/api/v1/session/second-factor/offer"),
}
RANKS = [None, *Role]


def operations() -> list[tuple[str, str]]:
    """Return the method and path of every operation but those that anybody may."""
    app = FastAPI()
    app.include_router(api_router())
    described = app.openapi()["paths"].items()
    found = {(method.upper(), path) for path, methods in described for method in methods}
    return sorted({*found, ("GET", "/api/v1/openapi.json")} - UNSIGNED)


OPERATIONS = operations()


def needed(operation: tuple[str, str]) -> Role:
    if operation in ADMINISTRATORS:
        return Role.ADMINISTRATOR
    return Role.CURATOR if operation in CURATORS else Role.REVIEWER


def called(client: TestClient, operation: tuple[str, str], **arguments: Any) -> httpx2.Response:
    method, path = operation
    filled = path.format(user="ann", post_id="t1_ann0", which="all", topic="texts", node="replay")
    body = BODIES.get(path) if method in {"PUT", "POST"} else None
    return client.request(
        method, f"{filled}?prefix=a" if path.endswith("users") else filled, json=body, **arguments
    )


@pytest.mark.parametrize("operation", OPERATIONS, ids=" ".join)
def test_each_operation_takes_its_role(
    operation: tuple[str, str], client: Client, here: Collaborators
) -> None:
    disputed(here, "ann")
    here.documents.upsert("users", [user_document("ann")])

    for role in RANKS:
        here.documents.upsert("topics", [topic("texts")])
        status = called(client(role), operation).status_code

        if role is None:
            assert status == 401
        elif RANKS.index(role) < RANKS.index(needed(operation)) or operation in PROVEN:
            assert status == 403, role
        else:
            assert status < 300 or (status == 404 and "post_id" in operation[1]), role


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:8081"},
        {"Origin": ORIGIN, "Sec-Fetch-Site": "cross-site"},
        {"Origin": ORIGIN, "Sec-Fetch-Site": "same-site"},
        {"Origin": ""},
    ],
)
def test_what_another_site_asks_for_is_refused(
    headers: dict[str, str], client: Client, here: Collaborators
) -> None:
    here.documents.upsert("alerts", [alert("ann")])

    answer = client(Role.REVIEWER).put("/api/v1/alerts/ann/label", json={"label": "risk"}, headers=headers)

    assert answer.status_code == 403
    assert here.alerts.get("ann", "one") == here.alerts.get("ann", "one")
    assert "label" not in (here.documents.get("alerts", "ann") or {})


@pytest.mark.parametrize(
    "operation",
    [each for each in [*OPERATIONS, ("POST", "/api/v1/sign-in")] if each[0] != "GET"],
    ids=" ".join,
)
def test_a_change_without_an_origin_is_refused(operation: tuple[str, str], client: Client) -> None:
    browser = client()
    del browser.headers["Origin"]

    # Else it would be 401, or 422 for signing in with nothing.
    assert called(browser, operation).status_code == 403


def test_a_look_takes_no_origin(reviewer: TestClient) -> None:
    del reviewer.headers["Origin"]

    assert reviewer.get("/api/v1/session").status_code == 200


def test_nothing_but_the_api_and_its_probes_is_served(built: Application) -> None:
    assert {route.path for route in built.routes if isinstance(route, Route)} == {"/live", "/ready"}


def test_another_name_of_the_host_is_refused(reviewer: TestClient) -> None:
    answer = reviewer.get("/api/v1/session", headers={"Host": "rebound.example:8080"})

    assert answer.status_code == 400


@pytest.mark.parametrize("path", ["/api/v1/session", "/", "/live"])
def test_two_names_of_a_host_are_refused(path: str, reviewer: TestClient) -> None:
    hosts = [("Host", "127.0.0.1:8080"), ("Host", "evil.example")]
    given = [pair for pair in reviewer.headers.multi_items() if pair[0] != "host"]
    reviewer.headers.clear()

    assert reviewer.get(path, headers=[*given, *hosts]).status_code == 400


@pytest.mark.parametrize("path", ["/api/v1/alerts", "/api/v1/users?prefix=a", "/api/v1/users/ann/posts"])
@pytest.mark.parametrize("cursor", ["[" * 1400, "[[1,2],[3]]", "{}", "null", '["a","b","c"]'])
def test_a_cursor_that_is_none_is_told(
    path: str, cursor: str, reviewer: TestClient, here: Collaborators
) -> None:
    here.prepare()
    encoded = urlsafe_b64encode(cursor.encode()).decode()
    answer = reviewer.get(path, params={**dict(QueryParams(path.partition("?")[2])), "cursor": encoded})

    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")


def test_what_nobody_has_foreseen_tells_nothing_and_has_the_strict_headers(
    reviewer: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(*_: object) -> None:
        raise ValueError("ann is sad")

    monkeypatch.setattr(Alerts, "counts", fails)
    answer = reviewer.get("/api/v1/alerts/counts")

    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert (answer.headers["cache-control"], answer.headers["x-frame-options"]) == ("no-store", "DENY")
    assert "sad" not in answer.text
    assert "request failed" in caplog.messages


def test_a_large_body_is_refused(client: Client) -> None:
    answer = client().post("/api/v1/sign-in", json={"name": "x" * 70_000, "password": "y"})

    assert (answer.status_code, answer.headers["content-type"]) == (413, "application/problem+json")


def test_a_body_whose_length_is_not_told_is_refused(client: Client) -> None:
    answer = client().post("/api/v1/sign-in", content=iter([b"{}"]))

    assert (answer.status_code, answer.headers["content-type"]) == (411, "application/problem+json")


def test_an_unfit_request_is_told_what_does_not_fit_and_not_what_it_held(client: Client) -> None:
    answer = client().post("/api/v1/sign-in", json={"name": "ann", "password": "secret" * 1000})

    assert answer.status_code == 422
    assert answer.json()["errors"] == [
        {"where": "body.password", "message": "String should have at most 1000 characters"}
    ]


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/v2/alerts", "/docs.html", "/../etc/passwd.txt"])
def test_what_is_not_there_is_a_problem(path: str, reviewer: TestClient) -> None:
    answer = reviewer.get(path)

    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


def test_a_method_that_a_path_has_not_is_a_problem(reviewer: TestClient) -> None:
    answer = reviewer.delete("/api/v1/alerts")

    assert (answer.status_code, answer.headers["content-type"]) == (405, "application/problem+json")


@pytest.mark.parametrize("operation", OPERATIONS, ids=" ".join)
def test_nobody_is_named_in_the_log_of_the_process(
    operation: tuple[str, str],
    administrator: TestClient,
    here: Collaborators,
    caplog: pytest.LogCaptureFixture,
) -> None:
    here.documents.upsert("alerts", [alert("ann")])
    here.documents.upsert("users", [user_document("ann")])
    caplog.set_level(logging.DEBUG)

    called(administrator, operation)
    administrator.get("/api/v1/users", params={"prefix": "ann"})

    logged = str(
        [vars(record) for record in caplog.records if record.name.startswith(("services", "catenae"))]
    )
    assert not re.search(r"\bann\b", logged)


@pytest.mark.parametrize("path", ["/live", "/ready"])
def test_anybody_may_ask_whether_it_lives(path: str, client: Client) -> None:
    assert client().get(path).text.startswith("ok ")
