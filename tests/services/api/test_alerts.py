"""Alerts: listed by label, recency and probability; labelled and hidden by experts beside their storer."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from catenae import Documents
from catenae.testing import message
from services.api.collaborators import Collaborators
from services.api.review_record import Verdict
from services.api.reviews import Opinion
from services.storage.document_storer import DocumentStorer
from tests.services.api.people import alert

ALERTS = "/api/v1/alerts"


@pytest.fixture
def stored(here: Collaborators) -> Documents:
    here.documents.upsert(
        "alerts",
        [
            alert("ann", opened_utc=3, probability=0.6),
            alert("bob", opened_utc=2, probability=0.9, label="risk"),
            alert("cid", opened_utc=1, probability=0.7, label="no_risk"),
            alert("dan", opened_utc=4, probability=0.8, hidden=True),
        ],
    )
    return here.documents


def users(client: TestClient, **query: Any) -> str:
    found = client.get(ALERTS, params=query)
    assert found.status_code == 200, found.text
    return " ".join(each["user"] for each in found.json()["items"])


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, "ann bob cid"),
        ({"sort": "probability"}, "bob cid ann"),
        ({"label": "none"}, "ann"),
        ({"label": "risk"}, "bob"),
        ({"label": "no_risk", "sort": "probability"}, "cid"),
        ({"hidden": True}, "dan"),
        ({"sort": "probability", "at_least": 0.7}, "bob cid"),
        ({"sort": "probability", "at_least": 0.6, "below": 0.9}, "cid ann"),
    ],
)
def test_alerts_are_listed(reviewer: TestClient, stored: Documents, query: Any, found: str) -> None:
    assert users(reviewer, **query) == found


def test_a_new_alert_about_an_old_post_comes_first(reviewer: TestClient, stored: Documents) -> None:
    stored.upsert("alerts", [alert("new", opened_utc=0, raised_ms=9_000)])

    assert users(reviewer, sort="raised").startswith("new ")


def test_alerts_of_before_are_dated_by_their_post(here: Collaborators, stored: Documents) -> None:
    here.alerts.prepare()

    kept = stored.get_many("alerts", ["ann", "dan"])
    assert {name: each["raised_ms"] for name, each in kept.items()} == {"ann": 3_000, "dan": 4_000}


def test_bounds_go_with_the_probability_alone(reviewer: TestClient) -> None:
    assert reviewer.get(ALERTS, params={"at_least": 0.5}).status_code == 422


@pytest.mark.parametrize("sort", ["recent", "raised", "probability"])
def test_pages_neither_skip_nor_repeat_while_alerts_arrive(
    reviewer: TestClient, documents: Documents, sort: str
) -> None:
    documents.upsert("alerts", [alert(f"u{number}", opened_utc=number % 7) for number in range(40)])
    seen: list[str] = []
    cursor = None
    for number in range(100):
        query: dict[str, Any] = {"limit": 6, "sort": sort, **({"cursor": cursor} if cursor else {})}
        page = reviewer.get(ALERTS, params=query).json()
        seen += [each["user"] for each in page["items"]]
        cursor = page["cursor"]
        if cursor is None:
            break
        documents.upsert("alerts", [alert(f"new{number}", opened_utc=number, probability=number / 20)])

    assert len(seen) == len(set(seen))
    assert {f"u{number}" for number in range(40)} <= set(seen)


@pytest.mark.parametrize("cursor", ["nonsense", "WzFd", "é"])
def test_a_cursor_of_another_list_is_refused(reviewer: TestClient, cursor: str) -> None:
    assert reviewer.get(ALERTS, params={"cursor": cursor}).status_code == 422


def test_a_label_is_kept_with_who_and_when(reviewer: TestClient, stored: Documents) -> None:
    answer = reviewer.put(f"{ALERTS}/ann/label", json={"label": "risk"}).json()

    assert (answer["label"], answer["reviewed_by"]) == ("risk", "the_reviewer")
    assert answer["reviewed_ms"] == 1_700_000_000_000
    assert users(reviewer, label="risk") == "ann bob"


def test_a_label_stays_when_the_alert_is_stored_again(reviewer: TestClient, stored: Documents) -> None:
    storer = DocumentStorer(stored, "alerts", merges=True, stamp="changed_ms")
    reviewer.put(f"{ALERTS}/ann/label", json={"label": "no_risk"})

    storer.consume_many([message(alert("ann", probability=0.95, band="very high"))])

    found = reviewer.get(f"{ALERTS}/ann").json()
    assert (found["label"], found["probability"], found["band"]) == ("no_risk", 0.95, "very high")


def test_a_label_of_an_alert_that_has_just_gone_makes_none(here: Collaborators) -> None:
    assert not here.reviews.say("forgotten meanwhile", "the_reviewer", Opinion(Verdict.RISK))

    assert here.documents.count("alerts") == 0


def test_a_label_is_taken_back(reviewer: TestClient, stored: Documents) -> None:
    assert reviewer.delete(f"{ALERTS}/bob/label").json()["label"] is None

    assert users(reviewer, label="none") == "ann bob"


def test_a_hidden_alert_is_out_of_the_lists_and_comes_back(reviewer: TestClient, stored: Documents) -> None:
    assert reviewer.put(f"{ALERTS}/ann/hidden").json()["is_hidden"]
    assert users(reviewer) == "bob cid"

    assert not reviewer.delete(f"{ALERTS}/ann/hidden").json()["is_hidden"]
    assert users(reviewer) == "ann bob cid"


def test_alerts_are_counted_by_label(reviewer: TestClient, stored: Documents) -> None:
    stored.upsert("alerts", [alert("eve", label="risk", hidden=True), alert("fay"), alert("gil")])

    counts = reviewer.get(f"{ALERTS}/counts").json()

    assert counts == {
        "unlabelled": 3,
        "risk": 1,
        "no_risk": 1,
        "unsure": 0,
        "disputed": 0,
        "hidden": 2,
        "again": 0,
    }


def test_the_history_says_who_did_what(reviewer: TestClient, curator: TestClient, stored: Documents) -> None:
    reviewer.put(f"{ALERTS}/ann/label", json={"label": "risk"})
    curator.put(f"{ALERTS}/ann/label", json={"label": "no_risk"})
    curator.put(f"{ALERTS}/ann/hidden")
    curator.put(f"{ALERTS}/bob/hidden")
    reviewer.get(f"{ALERTS}/ann")

    events = reviewer.get(f"{ALERTS}/ann/history").json()["items"]
    assert [(each["account"], each["action"], each["label"]) for each in events] == [
        ("the_curator", "hide", None),
        ("the_curator", "label", "no_risk"),
        ("the_reviewer", "label", "risk"),
    ]


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
@pytest.mark.parametrize("what", ["label", "hidden"])
def test_an_alert_that_is_not_there_is_not_made(
    reviewer: TestClient, here: Collaborators, method: str, what: str
) -> None:
    body = {"label": "risk"} if (method, what) == ("PUT", "label") else None

    assert reviewer.request(method, f"{ALERTS}/nobody/{what}", json=body).status_code == 404
    assert here.documents.count("alerts") == 0
    assert here.documents.count("audit", {"is_review": True}) == 0


def test_a_case_is_told_how_those_of_its_band_were_judged(reviewer: TestClient, here: Collaborators) -> None:
    judged = {"risk": 3, "no_risk": 5, "unsure": 2, "disputed": 1}
    here.documents.upsert("alerts", [alert("ann", band="high"), alert("far", band="low", label="risk")])
    here.documents.upsert(
        "alerts",
        [
            alert(f"{label}{at}", band="high", label=label)
            for label, cases in judged.items()
            for at in range(cases)
        ],
    )

    found = reviewer.get(f"{ALERTS}/ann/precedents").json()

    assert [found[name] for name in ("band", "cases", "confirmed")] == ["high", 8, 3]
    assert found["share"]["low"] < 3 / 8 < found["share"]["high"]
