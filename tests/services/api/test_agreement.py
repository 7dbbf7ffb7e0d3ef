"""Agreement beyond chance, as it is told: of what each reviewer says now."""

import pytest
from starlette.testclient import TestClient

from services.api.collaborators import Collaborators
from services.api.review_record import Verdict
from services.api.reviews import Opinion
from services.forgetting.review_counts import keep_counts
from tests.services.api.people import alert

AGREEMENT = "/api/v1/statistics/agreement"


def review(here: Collaborators) -> None:
    for number in range(6):
        user = f"user{number}"
        here.documents.upsert("alerts", [alert(user)])
        here.reviews.say(user, "ann", Opinion(Verdict.RISK if number < 3 else Verdict.NO_RISK))
        here.reviews.say(user, "bob", Opinion(Verdict.RISK if number < 4 else Verdict.NO_RISK))
    # Neither one's second thought nor who decides is a reviewer more.
    here.reviews.say("user0", "ann", Opinion(Verdict.RISK))
    here.reviews.settle("user3", "cid", Verdict.RISK, "")


def test_agreement_is_of_what_each_says_now_and_names_nobody(
    reviewer: TestClient, here: Collaborators
) -> None:
    review(here)

    answer = reviewer.get(AGREEMENT).json()

    assert (answer["cases"], answer["reviewers"], answer["pairs"]) == (6, 2, [])
    assert answer["alpha"]["low"] < answer["alpha"]["value"] < answer["alpha"]["high"]


def test_administrators_see_who_agrees_with_whom(administrator: TestClient, here: Collaborators) -> None:
    review(here)

    (pair,) = administrator.get(AGREEMENT).json()["pairs"]

    assert (pair["one"], pair["other"], pair["cases"]) == ("ann", "bob", 6)
    assert pair["kappa"]["value"] == pytest.approx(2 / 3)


def test_agreement_stays_when_somebody_is_forgotten(administrator: TestClient, here: Collaborators) -> None:
    review(here)
    before = administrator.get(AGREEMENT).json()

    keep_counts(here.documents, "user0")

    assert administrator.get(AGREEMENT).json() == before
