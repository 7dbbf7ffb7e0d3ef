"""What somebody tries who hopes that one part of a server reads a request otherwise than another."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from services.api.answers import Role
from services.api.collaborators import Collaborators
from tests.services.api.conftest import Client
from tests.services.api.people import PASSWORD, alert, post, sign_in, user_document

SESSION = "/api/v1/session"
EVIL = "evil.example"


@pytest.fixture
def ann(here: Collaborators) -> Collaborators:
    here.documents.upsert("alerts", [alert("ann")])
    here.documents.upsert("users", [user_document("ann")])
    here.documents.upsert("posts", [post("ann", 1)])
    return here


@pytest.mark.parametrize(
    "path", [SESSION, "/%61pi/v1/session", "/api/v1/%73ession", "/API/../api/v1/session"]
)
def test_no_spelling_of_a_path_gets_round_the_name_of_the_host(reviewer: TestClient, path: str) -> None:
    told = {"Host": EVIL, "X-Forwarded-Host": str(reviewer.base_url.netloc, "ascii")}

    assert "the_reviewer" not in reviewer.get(path, headers=told).text


@pytest.mark.parametrize("header", ["X-Forwarded-Host", "X-Host", "X-Original-URL", "X-Rewrite-URL"])
def test_no_header_says_which_host_or_path_was_meant(reviewer: TestClient, header: str) -> None:
    assert reviewer.get(SESSION, headers={"Host": EVIL, header: "127.0.0.1:8080"}).status_code == 400
    assert reviewer.get("/api/v1/sign-in", headers={header: SESSION}).json().keys() == {"password", "oidc"}


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
def test_no_header_says_which_method_was_meant(reviewer: TestClient, header: str) -> None:
    assert reviewer.get(SESSION, params={"_method": "DELETE"}, headers={header: "DELETE"}).status_code == 200
    assert reviewer.get(SESSION).status_code == 200


@pytest.mark.parametrize(
    "name",
    [
        "' OR '1'='1",
        '" OR 1=1 --',
        '{"$ne":null}',
        "[$ne]",
        "%",
        "_nn",
        "a*",
        "%00",
        "ann%00",
        "ann ",
        "../ann",
    ],
)
def test_no_name_is_a_query(reviewer: TestClient, ann: Collaborators, name: str) -> None:
    found = reviewer.get("/api/v1/users", params={"prefix": name})
    answers = [reviewer.get(f"/api/v1/{which}/{name}") for which in ("users", "alerts")]

    assert found.status_code == 422 or found.json()["items"] == []
    assert {each.status_code for each in answers} <= {404, 422}


@pytest.mark.parametrize("name", [{"$ne": None}, ["the_reviewer"], True, None, 5])
def test_nobody_signs_in_by_what_is_no_name(client: Client, name: Any) -> None:
    answer = client().post("/api/v1/sign-in", json={"name": name, "password": PASSWORD})

    assert answer.status_code == 422


def test_nobody_gives_themselves_a_role(client: Client) -> None:
    more = {"role": "administrator", "is_administrator": True, "__proto__": {"role": "administrator"}}

    answer = client().post("/api/v1/sign-in", json={"name": "the_reviewer", "password": PASSWORD, **more})

    assert answer.json()["role"] == Role.REVIEWER.value


def test_a_label_sets_nothing_but_what_it_says(reviewer: TestClient, ann: Collaborators) -> None:
    more = {"hidden": True, "reviewed_by": "the_curator", "probability": 0.0, "user": "bob", "id": "bob"}

    assert reviewer.put("/api/v1/alerts/ann/label", json={"label": "risk", **more}).status_code < 300

    kept = ann.documents.get("alerts", "ann") or {}
    assert {**kept, "changed_ms": 1} == {**kept, **alert("ann")}
    assert (kept["label"], kept.get("reviewed_by"), kept.get("hidden")) == ("risk", None, None)
    assert ann.documents.get("alerts", "bob") is None


def test_a_token_that_somebody_else_has_chosen_opens_nothing(client: Client) -> None:
    browser = client()
    browser.cookies.set("screening", "chosen by a stranger", domain=browser.base_url.host)

    sign_in(browser, "the_reviewer")

    stranger = client()
    stranger.cookies.set("screening", "chosen by a stranger", domain=stranger.base_url.host)
    assert (browser.get(SESSION).status_code, stranger.get(SESSION).status_code) == (200, 401)
