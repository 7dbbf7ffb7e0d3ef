"""Somebody in whom no risk was seen comes back when their picture has changed, and it is said why."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from catenae import ConfigError, Documents, open_documents
from catenae.testing import message
from services.api.alerts import Alerts, alert_answer
from services.api.first_look import FirstLook
from services.api.pseudonyms import Pseudonyms
from services.api.readable import Reader
from services.api.review_record import Verdict
from services.api.reviews import Opinion, Reviews
from services.depression.alert_manager import band
from services.depression.storers import AlertStorer
from tests.services.api.people import alert

NO_RISK, RISK, UNSURE = Opinion(Verdict.NO_RISK), Opinion(Verdict.RISK), Opinion(Verdict.UNSURE)


@pytest.fixture
def documents() -> Iterator[Documents]:
    with closing(open_documents("sqlite:")) as opened:
        yield opened


def reviews(documents: Documents) -> Reviews:
    return Reviews(documents, Pseudonyms(b"k" * 32), lambda: 5, FirstLook(is_blind=False))


def screened(documents: Documents, user: str, probability: float, posts: int = 3, **options: Any) -> None:
    """Have what the screening says of a user's alert stored."""
    storer = AlertStorer(documents, "alerts", merges=True, clock=lambda: 9.0, **options)
    said = alert(user, probability=probability, posts_since=posts, band=band(probability), raised_ms=0)
    storer.consume_many([message(said, key=user)])


def why(documents: Documents, user: str = "ann") -> str | None:
    found = documents.get("alerts", user)
    assert found is not None
    again = alert_answer(found, "one", FirstLook(is_blind=False)).again
    return None if again is None else again.why


@pytest.mark.parametrize(
    ("then", "now", "reason"),
    [
        (0.52, 0.97, "risen"),
        (0.5, 0.7, "risen"),
        (0.74, 0.76, "band"),
        (0.52, 0.71, None),
        (0.97, 0.52, None),
    ],
)
@pytest.mark.parametrize("opinion", [NO_RISK, UNSURE])
def test_who_has_risen_comes_back(
    documents: Documents, then: float, now: float, reason: str | None, opinion: Opinion
) -> None:
    screened(documents, "ann", then)
    reviews(documents).say("ann", "one", opinion)

    screened(documents, "ann", now)

    assert why(documents) == reason


def test_who_writes_on_comes_back_where_that_is_asked_for(documents: Documents) -> None:
    screened(documents, "ann", 0.6, posts=3)
    reviews(documents).say("ann", "one", NO_RISK)

    screened(documents, "ann", 0.6, posts=12, second_look_posts=10)
    assert why(documents) is None
    screened(documents, "ann", 0.6, posts=13, second_look_posts=10)

    assert why(documents) == "posts"


def test_who_is_at_risk_or_not_reviewed_does_not_come_back(documents: Documents) -> None:
    for user in ("ann", "bob"):
        screened(documents, user, 0.5)
    reviews(documents).say("ann", "one", RISK)

    for user in ("ann", "bob"):
        screened(documents, user, 0.97)

    assert (why(documents, "ann"), why(documents, "bob")) == (None, None)


def test_the_next_review_takes_a_case_off_again_and_counts_anew(documents: Documents) -> None:
    screened(documents, "ann", 0.5)
    reviews(documents).say("ann", "one", NO_RISK)
    screened(documents, "ann", 0.72)

    reviews(documents).say("ann", "one", NO_RISK)
    assert why(documents) is None
    screened(documents, "ann", 0.73)
    assert why(documents) is None
    screened(documents, "ann", 0.93)

    assert why(documents) == "risen"
    assert (documents.get("alerts", "ann") or {})["reviewed"]["probability"] == 0.72


def test_the_same_news_twice_brings_a_case_back_once(documents: Documents) -> None:
    screened(documents, "ann", 0.5)
    reviews(documents).say("ann", "one", NO_RISK)
    screened(documents, "ann", 0.9)
    storer = AlertStorer(documents, "alerts", merges=True, clock=lambda: 99.0)

    storer.consume_many([message(alert("ann", probability=0.95, band="very high"), key="ann")])

    assert (documents.get("alerts", "ann") or {})["again_ms"] == 9_000


def test_who_is_put_off_comes_back_on_the_day_and_not_before(documents: Documents) -> None:
    screened(documents, "ann", 0.5)
    reviews(documents).say("ann", "one", Opinion(Verdict.NO_RISK, snoozed_ms=20_000))

    screened(documents, "ann", 0.97)
    alerts = Alerts(documents, Reader(lambda _: None), FirstLook(is_blind=False))
    alerts.wake(19_999)
    assert why(documents) is None
    alerts.wake(20_000)

    assert why(documents) == "date"


@pytest.mark.lengthy
def test_a_hundred_without_risk_who_rise_all_come_back(documents: Documents) -> None:
    risen = [f"risen{number}" for number in range(100)]
    calm = [f"calm{number}" for number in range(900)]
    for user in risen + calm:
        screened(documents, user, 0.55)
        reviews(documents).say(user, "one", NO_RISK)

    for step in range(1, 5):
        for at, user in enumerate(risen):
            screened(documents, user, 0.55 + step * 0.09 + at / 10_000)
        for at, user in enumerate(calm):
            screened(documents, user, 0.55 + 0.1 * ((at + step) % 3 - 1))

    back = documents.find("alerts", {"again": True}, limit=1000).documents
    assert {each["id"] for each in back} == set(risen)


@pytest.mark.parametrize("option", [{"second_look_rise": 2.0}, {"second_look_posts": -1}])
def test_a_rule_that_can_be_none_is_refused(documents: Documents, option: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="second_look"):
        AlertStorer(documents, "alerts", **option)
