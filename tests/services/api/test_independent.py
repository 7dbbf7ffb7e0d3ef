"""Where several judge a case, none is told what the others found before having said it."""

import json
import uuid
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from catenae import ConfigError, Documents, Operations
from catenae.broker import Broker
from catenae.testing import FakeClock
from services.api.answers import Role
from services.api.collaborators import Collaborators, Site, put_together
from services.api.review_record import Verdict
from services.api.reviews import Opinion
from services.api.server import checked_opinions
from services.api.sign_in.passwords import Passwords
from tests.services.api.conftest import Client
from tests.services.api.people import PASSWORD, alert
from tests.services.api.test_leases import next_of
from tests.services.api.test_live import heard, opened
from topologies.depression import topology

ANN = "/api/v1/alerts/ann"
# In no answer but as the words of who has reviewed.
WORDS = "unmistakable words"
READ = [
    "/alerts",
    *(f"/alerts?label={label}" for label in ("none", "risk", "no_risk", "unsure", "disputed", "again")),
    "/alerts/ann",
    "/alerts/ann/reviews",
    "/alerts/ann/history",
    "/alerts/counts",
    "/users?prefix=a",
    "/users/ann",
    "/statistics",
    "/datasets",
]


def put_up(
    site: Site, documents: Documents, broker: Broker, clock: FakeClock, passwords: Passwords, opinions: int
) -> Collaborators:
    operations = Operations(topology, broker)
    return put_together(replace(site, opinions=opinions), documents, operations, clock.now_s, passwords)


@pytest.fixture
def here(
    site: Site, documents: Documents, broker: Broker, clock: FakeClock, passwords: Passwords
) -> Collaborators:
    made = put_up(site, documents, broker, clock, passwords, 2)
    for role in Role:
        made.accounts.add(f"the_{role}", role, PASSWORD, 0)
    documents.upsert("alerts", [alert("ann")])
    return made


def say(client: TestClient, verdict: str, version: int | None = None) -> int:
    headers = {} if version is None else {"If-Match": f'"{version}"'}
    said = {"verdict": verdict, "confidence": 5, "note": WORDS}
    return client.put(f"{ANN}/review", json=said, headers=headers).status_code


def told(client: TestClient) -> str:
    return "".join(client.get(f"/api/v1{path}").text for path in READ)


@pytest.mark.lengthy
@pytest.mark.parametrize("verdict", list(Verdict))
def test_nothing_tells_what_a_colleague_found_until_one_has_said_it_oneself(
    reviewer: TestClient, curator: TestClient, verdict: Verdict
) -> None:
    before = told(curator)
    say(reviewer, verdict)

    # That somebody has reviewed it shows, and not what they found.
    version, changed = json.loads(curator.get(ANN).text), told(curator)
    same = changed.replace('"opinions":1', '"opinions":0').replace('"review_version":1', '"review_version":0')
    same = same.replace(f'"changed_ms":{version["changed_ms"]}', '"changed_ms":1')
    assert same == before
    say(curator, "risk")
    assert WORDS in told(curator)


def test_a_case_has_a_label_once_as_many_have_judged_it_as_are_to(
    reviewer: TestClient, curator: TestClient
) -> None:
    say(reviewer, "risk")
    begun = reviewer.get(ANN).json()
    say(curator, "risk")

    judged = reviewer.get(ANN).json()
    assert [begun[name] for name in ("label", "shelf", "opinions", "is_done")] == [None, None, 1, True]
    assert [judged[name] for name in ("label", "opinions", "is_done")] == ["risk", 2, False]


def test_a_case_waits_for_each_until_they_have_said_it(reviewer: TestClient, curator: TestClient) -> None:
    say(reviewer, "risk")

    def waiting(client: TestClient) -> tuple[int, int]:
        listed = client.get("/api/v1/alerts?label=none").json()["items"]
        return len(listed), client.get("/api/v1/alerts/counts").json()["unlabelled"]

    assert (waiting(reviewer), waiting(curator)) == ((0, 0), (1, 1))
    assert (next_of(reviewer), next_of(curator)) == (None, "ann")


def test_who_judges_alone_is_overtaken_by_nobody(reviewer: TestClient, curator: TestClient) -> None:
    assert [say(reviewer, "risk", 0), say(curator, "no_risk", 0), say(curator, "risk", 0)] == [200, 200, 409]


def test_a_third_person_settles_once_all_have_said_it(
    reviewer: TestClient, curator: TestClient, administrator: TestClient
) -> None:
    def settle() -> int:
        return administrator.put(f"{ANN}/settlement", json={"label": "risk"}).status_code

    say(reviewer, "risk")
    assert settle() == 409
    say(curator, "no_risk")

    assert WORDS in administrator.get(f"{ANN}/reviews").text
    assert settle() == 200


def test_an_open_page_is_told_nothing_of_a_colleagues_word(
    reviewer: TestClient, curator: TestClient, here: Collaborators, clock: FakeClock
) -> None:
    here.watch.look(clock.now_s())
    with opened(reviewer) as mine, opened(curator) as theirs:
        say(reviewer, "risk")
        clock.advance(1)
        here.watch.look(clock.now_s())
        events = [heard(socket, here, "alerts") for socket in (mine, theirs)]

    assert [event["alerts"][0]["is_done"] for event in events] == [True, False]
    assert [event["counts"]["unlabelled"] for event in events] == [0, 1]
    assert [event["alerts"][0]["labelled_by"] for event in events] == [None, None]


def test_a_project_that_asks_for_more_opinions_or_fewer_tells_its_cases(
    site: Site,
    documents: Documents,
    broker: Broker,
    clock: FakeClock,
    passwords: Passwords,
    here: Collaborators,
) -> None:
    here.reviews.say("ann", "one", Opinion(Verdict.RISK))

    def label_of(opinions: int) -> str | None:
        put_up(site, documents, broker, clock, passwords, opinions).reviews.prepare()
        return (documents.get("alerts", "ann") or {}).get("label")

    assert [label_of(opinions) for opinions in (1, 2, 1)] == ["risk", None, "risk"]


@pytest.mark.lengthy
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
@given(says=st.lists(st.tuples(st.sampled_from(list(Role)), st.sampled_from(list(Verdict))), max_size=6))
def test_whoever_says_what_nobody_is_told_first(
    client: Client, here: Collaborators, says: list[tuple[Role, Verdict]]
) -> None:
    user, said = uuid.uuid4().hex, set[Role]()
    here.documents.upsert("alerts", [alert(user)])
    for role, verdict in says:
        here.reviews.say(user, f"the_{role}", Opinion(verdict, note=WORDS))
        said.add(role)
        for each in Role:
            shown = client(each).get(f"/api/v1/alerts/{user}/reviews").text
            assert (WORDS in shown) == (each in said or len(said) >= 2)


def test_nobody_is_to_be_judged_by_nobody() -> None:
    with pytest.raises(ConfigError, match="opinions"):
        checked_opinions(0)
