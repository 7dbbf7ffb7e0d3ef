"""In a blind project nobody is told the score of a person before they have said what they find."""

import json
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from catenae import Documents, Operations
from catenae.broker import Broker
from catenae.testing import FakeClock
from services.api.answers import Role
from services.api.collaborators import Collaborators, Site, put_together
from services.api.review_record import Verdict
from services.api.reviews import Opinion
from services.api.shares import share
from services.api.sign_in.passwords import Passwords
from services.forgetting.review_counts import keep_counts
from tests.services.api.conftest import Client
from tests.services.api.people import PASSWORD, alert, post, probability, user_document
from tests.services.api.test_live import heard, opened
from topologies.depression import topology

# Digits that are in no answer but as the score of somebody.
SCORE = 0.7654321
MODEL_WORD = "unmistakable"


@pytest.fixture
def here(
    site: Site, documents: Documents, broker: Broker, clock: FakeClock, passwords: Passwords
) -> Collaborators:
    operations = Operations(topology, broker)
    made = put_together(replace(site, is_blind=True), documents, operations, clock.now_s, passwords)
    for role in Role:
        made.accounts.add(f"the_{role}", role, PASSWORD, 0)
    return made


@pytest.fixture
def stored(here: Collaborators) -> Collaborators:
    documents = here.documents
    scores = {"probability": SCORE, "peak_probability": SCORE}
    documents.upsert(
        "alerts", [alert(user, **scores, raised_ms=1, band="very high") for user in ("ann", "bob")]
    )
    documents.upsert("users", [user_document("ann", probability=SCORE)])
    documents.upsert("posts", [post("ann", number) for number in range(3)])
    scored = {"user_probability": SCORE, "post_probability": SCORE, "words": [[MODEL_WORD, 1.5]]}
    documents.upsert("probabilities", [probability("ann", number, **scored) for number in range(3)])
    return here


READ = [
    "/alerts",
    "/alerts?sort=raised",
    "/alerts?sort=probability",
    "/alerts?sort=probability&at_least=0.7",
    "/alerts?band=very%20high",
    "/alerts?is_above=true",
    "/alerts/ann",
    "/alerts/ann/reviews",
    "/alerts/ann/history",
    "/alerts/ann/precedents",
    "/users?prefix=a",
    "/users/ann",
    "/users/ann/probabilities",
    "/users/ann/words",
    "/users/ann/posts",
    "/users/ann/posts?sort=recent",
    "/users/ann/posts?sort=oldest",
    "/users/ann/posts/t1_ann0",
    "/statistics",
    "/datasets",
]


def told(client: TestClient) -> str:
    return "".join(client.get(f"/api/v1{path}").text for path in READ)


@pytest.mark.lengthy
@pytest.mark.parametrize("role", list(Role))
def test_no_answer_tells_a_score_before_the_first_look(
    client: Client, stored: Collaborators, role: Role
) -> None:
    stored.reviews.say("ann", "a_colleague", Opinion(Verdict.RISK))

    said = told(client(role))

    assert "words 0" in said
    for secret in (str(SCORE), MODEL_WORD, "very high", '"is_trigger":true', 'opened_by":"t1'):
        assert secret not in said


@pytest.mark.lengthy
def test_the_answer_to_the_first_look_brings_the_score(reviewer: TestClient, stored: Collaborators) -> None:
    answer = reviewer.put("/api/v1/alerts/ann/review", json={"verdict": "no_risk"}).json()

    assert (answer["probability"], answer["band"], answer["is_blind"]) == (SCORE, "very high", False)
    assert MODEL_WORD in told(reviewer)
    (review,) = reviewer.get("/api/v1/alerts/ann/reviews").json()["reviews"]
    assert (review["is_blind"], review["probability"]) == (True, SCORE)


@pytest.mark.lengthy
def test_one_who_has_looked_opens_it_for_nobody_else(
    reviewer: TestClient, curator: TestClient, stored: Collaborators
) -> None:
    reviewer.put("/api/v1/alerts/ann/review", json={"verdict": "no_risk"})

    assert str(SCORE) not in told(curator)


def test_what_is_taken_back_does_not_make_blind_again(reviewer: TestClient, stored: Collaborators) -> None:
    for verdict in ("risk", "no_risk"):
        reviewer.put("/api/v1/alerts/ann/review", json={"verdict": verdict, "is_blind": True})
        reviewer.delete("/api/v1/alerts/ann/review")

    found = reviewer.get("/api/v1/alerts/ann/reviews").json()["reviews"]
    assert [each["is_blind"] for each in found] == [True, False, False, False]


def test_an_open_page_is_told_what_its_account_may_see(
    reviewer: TestClient, curator: TestClient, stored: Collaborators, clock: FakeClock
) -> None:
    stored.watch.look(clock.now_s())
    with opened(reviewer) as mine, opened(curator) as theirs:
        reviewer.put("/api/v1/alerts/ann/review", json={"verdict": "risk"})
        clock.advance(1)
        stored.watch.look(clock.now_s())
        ours = [heard(socket, stored, "alerts")["alerts"][0] for socket in (mine, theirs)]

    assert [each["probability"] for each in ours] == [SCORE, None]
    assert str(SCORE) not in json.dumps(ours[1])


def test_statistics_say_how_often_an_answer_changed(reviewer: TestClient, stored: Collaborators) -> None:
    for user, verdicts in {"ann": ["risk", "no_risk"], "bob": ["risk"]}.items():
        for verdict in verdicts:
            reviewer.put(f"/api/v1/alerts/{user}/review", json={"verdict": verdict})
    before = reviewer.get("/api/v1/statistics/first-looks").json()

    keep_counts(stored.documents, "ann")

    assert (before["looks"], before["changed"], before["share"]["value"]) == (2, 1, 0.5)
    assert reviewer.get("/api/v1/statistics/first-looks").json() == before


def test_labels_of_before_are_looks_of_their_reviewers(client: Client, stored: Collaborators) -> None:
    stored.reviews.say("ann", "the_reviewer", Opinion(Verdict.RISK))
    stored.documents.merge("alerts", [{"id": "ann", "said_by": None}])

    stored.reviews.prepare()

    assert client(Role.REVIEWER).get("/api/v1/alerts/ann").json()["probability"] == SCORE


@pytest.mark.parametrize(
    ("part", "cases", "low", "high"),
    # By R: binom::binom.wilson.
    [(5, 10, 0.23659309, 0.76340691), (0, 20, 0.0, 0.16112516), (20, 20, 0.83887484, 1.0)],
)
def test_a_share_is_told_with_its_interval(part: int, cases: int, low: float, high: float) -> None:
    found = share(part, cases)

    assert found is not None
    assert found == pytest.approx((part / cases, low, high), abs=1e-7)
    assert share(0, 0) is None
