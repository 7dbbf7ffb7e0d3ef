"""Leases: nobody takes up what somebody else has open, however many try at once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Barrier

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from catenae import Documents, open_documents
from catenae.testing import FakeClock
from services.api.alerts import Alerts
from services.api.collaborators import Collaborators
from services.api.first_look import FirstLook
from services.api.leases import LEASE_MS, Leases
from services.api.pseudonyms import Pseudonyms
from services.api.readable import Reader
from tests.services.api.people import alert

RACES = 200
ACCOUNTS = ("one", "other", "third")


@pytest.fixture
def documents() -> Iterator[Documents]:
    with closing(open_documents("sqlite:")) as opened:
        opened.upsert("alerts", [alert("ann")])
        yield opened


def leases_of(documents: Documents, clock: FakeClock) -> Leases:
    return Leases(documents, Pseudonyms(b"k" * 32), lambda: int(clock.now_s() * 1000))


@pytest.mark.lengthy
def test_of_those_who_take_a_case_at_once_one_has_it_and_all_are_told(tmp_path: Path) -> None:
    url, start = f"sqlite:{tmp_path / 'documents.sqlite'}", Barrier(len(ACCOUNTS))
    with closing(open_documents(url)) as documents, ThreadPoolExecutor(len(ACCOUNTS)) as pool:
        leases = leases_of(documents, FakeClock())

        def take(user: str, account: str) -> str:
            start.wait()
            return leases.take(user, account).account

        for number in range(RACES):
            holders = pool.map(take, [f"user{number}"] * len(ACCOUNTS), ACCOUNTS)
            assert len(set(holders)) == 1


@given(
    steps=st.lists(
        st.tuples(st.sampled_from(["take", "leave", "wait"]), st.sampled_from(ACCOUNTS)), max_size=30
    )
)
def test_a_case_is_whose_it_was_taken_by_until_it_is_left_or_its_time_is_over(
    steps: list[tuple[str, str]],
) -> None:
    clock, holder, until_s = FakeClock(), "", 0.0
    with closing(open_documents("sqlite:")) as documents:
        leases = leases_of(documents, clock)
        for act, account in steps:
            if act == "wait":
                clock.advance(LEASE_MS / 2000)
            elif act == "leave":
                leases.leave("ann", account)
                holder = "" if account == holder else holder
            else:
                if holder in {"", account} or clock.now_s() >= until_s:
                    holder, until_s = account, clock.now_s() + LEASE_MS / 1000
                assert leases.take("ann", account).account == holder


def test_an_alert_says_who_works_on_it_and_no_longer(documents: Documents) -> None:
    clock = FakeClock()
    leases = leases_of(documents, clock)
    alerts = Alerts(documents, Reader(lambda _: None), FirstLook(is_blind=False))

    leases.take("ann", "one")
    taken = alerts.get("ann", "other")
    clock.advance(LEASE_MS / 1000)
    alerts.wake(int(clock.now_s() * 1000))
    over = alerts.get("ann", "other")

    assert taken is not None
    assert over is not None
    assert (taken.leased_by, over.leased_by) == ("one", None)


def test_leases_name_nobody(documents: Documents) -> None:
    leases_of(documents, FakeClock()).take("ann", "one")

    assert "ann" not in str(documents.find("leases").documents)


def test_lists_are_of_whose_cases_one_wants(
    reviewer: TestClient, curator: TestClient, here: Collaborators
) -> None:
    here.documents.upsert("alerts", [alert(user) for user in ("ann", "bob", "cid")])
    assert reviewer.put("/api/v1/alerts/ann/lease").json()["is_mine"] is True
    assert curator.put("/api/v1/alerts/bob/lease").json()["is_mine"] is True

    told = curator.put("/api/v1/alerts/ann/lease").json()
    shown = {
        whose: {each["user"] for each in reviewer.get(f"/api/v1/alerts?whose={whose}").json()["items"]}
        for whose in ("mine", "nobodys", "all")
    }

    assert (told["account"], told["is_mine"]) == ("the_reviewer", False)
    assert shown == {"mine": {"ann"}, "nobodys": {"cid"}, "all": {"ann", "bob", "cid"}}
    assert reviewer.delete("/api/v1/alerts/ann/lease").status_code == 204
    assert curator.put("/api/v1/alerts/ann/lease").json()["is_mine"] is True


def next_of(client: TestClient, **wanted: object) -> str | None:
    answer = client.post("/api/v1/queue/next", json=wanted)
    assert answer.status_code == 200, answer.text
    found = answer.json()["alert"]
    return None if found is None else found["user"]


def test_the_queue_gives_each_a_case_of_nobody(
    reviewer: TestClient, curator: TestClient, here: Collaborators
) -> None:
    raised = {"ann": 3, "bob": 2, "cid": 1}
    here.documents.upsert("alerts", [alert(user, raised_ms=at_ms) for user, at_ms in raised.items()])

    given = [next_of(client) for client in (reviewer, curator, reviewer, curator)]

    assert given == ["ann", "bob", "cid", None]


def test_what_is_skipped_is_not_given_again_to_who_skipped_it(
    reviewer: TestClient, curator: TestClient, here: Collaborators
) -> None:
    here.documents.upsert("alerts", [alert("ann")])
    assert next_of(reviewer) == "ann"

    assert reviewer.put("/api/v1/alerts/ann/skip", json={"why": "acquainted"}).status_code == 204

    assert (next_of(reviewer), next_of(curator)) == (None, "ann")


def test_the_queue_gives_what_is_wanted(reviewer: TestClient, here: Collaborators) -> None:
    here.documents.upsert(
        "alerts",
        [
            alert("low", probability=0.4, band="low", raised_ms=9),
            alert("old", probability=0.95, band="very high", raised_ms=1),
            alert("new", probability=0.95, band="very high", raised_ms=5),
        ],
    )

    assert next_of(reviewer, bands=["very high"], raised_since_ms=2) == "new"
    assert next_of(reviewer, bands=["high"]) is None
    assert next_of(reviewer, is_above=True) == "old"
    assert next_of(reviewer) == "low"


def test_lists_are_of_what_is_wanted(reviewer: TestClient, here: Collaborators) -> None:
    here.documents.delete("alerts", ["ann"])
    here.documents.upsert(
        "alerts",
        [
            alert("low", probability=0.4, band="low", raised_ms=9),
            alert("old", probability=0.95, band="very high", raised_ms=1),
            alert("new", probability=0.95, band="very high", raised_ms=5, leased_by="the_reviewer"),
        ],
    )

    def listed(**wanted: str | bool | int) -> list[str]:
        params = {"sort": "raised", "label": "none", **wanted}
        return [each["user"] for each in reviewer.get("/api/v1/alerts", params=params).json()["items"]]

    assert listed(band="very high") == ["new", "old"]
    assert listed(is_above=True) == ["new", "old"]
    assert listed(raised_since_ms=5) == ["low", "new"]
    assert listed(band="very high", raised_since_ms=2, sort="probability") == ["new"]
    assert [listed(whose="mine", band=band) for band in ("low", "very high")] == [[], ["new"]]


@pytest.mark.lengthy
def test_returns_are_at_most_their_share_of_what_is_given(reviewer: TestClient, here: Collaborators) -> None:
    again = {"label": "no_risk", "again": True, "again_ms": 1, "again_why": "risen", "again_of": 1}
    returns = [alert(f"back{at}", **again, review_version=1, said_by=["one"]) for at in range(10)]
    here.documents.upsert("alerts", [*returns, *(alert(f"new{at}") for at in range(27))])

    given = [next_of(reviewer) for _ in range(37)]

    assert sum(str(user).startswith("back") for user in given[:30]) == 3
    assert len(set(given)) == 37
