"""Reviews: each account's own word, none overwritten, and what an alert shows is what they come to."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from catenae import Documents, open_documents
from services.api.collaborators import Collaborators
from services.api.first_look import FirstLook
from services.api.pseudonyms import Pseudonyms
from services.api.review_record import Verdict
from services.api.reviews import Opinion, Overtaken, Reviews, Unfit
from tests.services.api.people import alert, disputed

ANN = "/api/v1/alerts/ann"
RISK, NO_RISK, UNSURE = Opinion(Verdict.RISK), Opinion(Verdict.NO_RISK), Opinion(Verdict.UNSURE)
RACES = 200


@pytest.fixture
def documents() -> Iterator[Documents]:
    with closing(open_documents("sqlite:")) as opened:
        opened.upsert("alerts", [alert("ann")])
        yield opened


@pytest.fixture
def reviews(documents: Documents) -> Reviews:
    return reviews_of(documents)


def reviews_of(documents: Documents) -> Reviews:
    made = Reviews(documents, Pseudonyms(b"k" * 32), lambda: 5, FirstLook(is_blind=False))
    made.prepare()
    return made


def kept(documents: Documents) -> dict[str, Any]:
    return dict(documents.get("alerts", "ann") or {})


def test_a_review_keeps_how_it_was_come_to(reviewer: TestClient, here: Collaborators) -> None:
    here.documents.upsert("alerts", [alert("ann", probability=0.8)])
    said = {"verdict": "unsure", "confidence": 2, "reason": "irony", "note": "ask again", "looked_ms": 90_000}

    reviewer.put(f"{ANN}/review", json=said)

    (review,) = reviewer.get(f"{ANN}/reviews").json()["reviews"]
    assert said.items() <= review.items()
    known = ("account", "deed", "stands", "probability", "model")
    assert [review[name] for name in known] == ["the_reviewer", "said", True, 0.8, "abc"]


def test_who_hides_is_not_who_labelled(
    reviewer: TestClient, curator: TestClient, here: Collaborators
) -> None:
    here.documents.upsert("alerts", [alert("ann")])
    reviewer.put(f"{ANN}/label", json={"label": "risk"})

    hidden = curator.put(f"{ANN}/hidden", json={"reason": "not a person"}).json()
    shown = curator.delete(f"{ANN}/hidden").json()

    assert [hidden[name] for name in ("labelled_by", "hidden_by")] == ["the_reviewer", "the_curator"]
    assert [shown[name] for name in ("labelled_by", "hidden_by")] == ["the_reviewer", None]


def test_opinions_that_differ_are_a_dispute_and_no_label(
    reviewer: TestClient, curator: TestClient, here: Collaborators
) -> None:
    here.documents.upsert("alerts", [alert("ann")])
    reviewer.put(f"{ANN}/label", json={"label": "risk"})

    answer = curator.put(f"{ANN}/label", json={"label": "no_risk"}).json()

    assert (answer["label"], answer["shelf"]) == (None, "disputed")
    found = reviewer.get("/api/v1/alerts", params={"label": "disputed"}).json()["items"]
    assert [each["user"] for each in found] == ["ann"]


def test_who_takes_back_takes_back_only_their_own(reviews: Reviews, documents: Documents) -> None:
    reviews.say("ann", "one", RISK)
    reviews.say("ann", "other", NO_RISK)

    reviews.take_back("ann", "one")
    reviews.take_back("ann", "third")

    assert (kept(documents)["label"], kept(documents)["labelled_by"]) == ("no_risk", "other")


def test_a_third_person_settles_what_two_dispute(
    administrator: TestClient, reviewer: TestClient, here: Collaborators
) -> None:
    disputed(here, "ann")

    settled = administrator.put(f"{ANN}/settlement", json={"label": "risk", "note": "both right"}).json()

    assert (settled["label"], settled["labelled_by"]) == ("risk", "the_administrator")
    assert reviewer.delete(f"{ANN}/settlement").status_code == 409
    assert administrator.delete(f"{ANN}/settlement").json()["shelf"] == "disputed"


@pytest.mark.parametrize("opinions", [{"one": RISK, "other": NO_RISK}, {"two": RISK, "three": RISK}])
def test_nobody_settles_their_own_dispute_or_none(reviews: Reviews, opinions: dict[str, Opinion]) -> None:
    for account, opinion in opinions.items():
        reviews.say("ann", account, opinion)

    with pytest.raises(Unfit):
        reviews.settle("ann", "one", Verdict.RISK, "")


def test_who_is_overtaken_is_told_by_whom_and_nothing_changes(
    reviewer: TestClient, curator: TestClient, here: Collaborators
) -> None:
    here.documents.upsert("alerts", [alert("ann")])
    read = reviewer.get(ANN).headers["ETag"]
    curator.put(f"{ANN}/label", json={"label": "no_risk"}, headers={"If-Match": read})

    answer = reviewer.put(f"{ANN}/label", json={"label": "risk"}, headers={"If-Match": read})

    assert answer.status_code == 409
    last = answer.json()["last"]
    assert (last["account"], last["deed"], last["verdict"]) == ("the_curator", "said", "no_risk")
    assert reviewer.get(ANN).json()["label"] == "no_risk"
    assert [each["account"] for each in here.documents.find("audit", {"is_review": True}).documents] == [
        "the_curator"
    ]


@pytest.mark.parametrize("tag", ['"0"', 'W/"0"', "*"])
def test_a_tag_that_fits_is_taken(reviewer: TestClient, here: Collaborators, tag: str) -> None:
    here.documents.upsert("alerts", [alert("ann")])

    answer = reviewer.put(f"{ANN}/review", json={"verdict": "risk"}, headers={"If-Match": tag})

    assert (answer.status_code, answer.headers["ETag"]) == (200, '"1"')


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["one", "other", "third"]),
        st.sampled_from(["say", "take back", "hide", "show"]),
        st.sampled_from(list(Verdict)),
    ),
    max_size=12,
)


@pytest.mark.lengthy
@given(ACTS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_an_alert_shows_what_its_reviews_come_to(acts: list[tuple[str, str, Verdict]]) -> None:
    words: dict[str, Verdict] = {}
    hidden_by = None
    with closing(open_documents("sqlite:")) as documents:
        documents.upsert("alerts", [alert("ann")])
        reviews = reviews_of(documents)
        for account, what, verdict in acts:
            if what == "say":
                words[account] = verdict
                reviews.say("ann", account, Opinion(verdict))
            elif what == "take back":
                words.pop(account, None)
                reviews.take_back("ann", account)
            else:
                hidden_by = None if what == "show" else hidden_by or account
                reviews.hide("ann", account, is_hidden=what == "hide")
        found = kept(documents)
    sure = set(words.values()) - {Verdict.UNSURE}
    one = next(iter(sure or words.values()), None)
    assert found.get("label") == ("disputed" if len(sure) == 2 else one)
    assert found.get("hidden_by") == hidden_by
    assert (found.get("labelled_by") is None) == (not words)


@pytest.mark.lengthy
def test_of_two_who_act_at_once_one_is_told_and_no_word_is_lost(tmp_path: Path) -> None:
    url, accounts = f"sqlite:{tmp_path / 'documents.sqlite'}", ("one", "other")
    with closing(open_documents(url)) as documents, ThreadPoolExecutor(2) as pool:
        reviews = reviews_of(documents)
        documents.upsert("alerts", [alert(f"user{number}") for number in range(RACES)])
        start = Barrier(2)

        def act(user: str, account: str) -> str:
            start.wait()
            try:
                reviews.say(user, account, RISK if account == "one" else NO_RISK, expected=0)
            except Overtaken as overtaken:
                return overtaken.last.account
            return account

        for number in range(RACES):
            user = f"user{number}"
            told = list(pool.map(act, (user, user), accounts))
            found = documents.get("alerts", user) or {}
            (record,) = reviews.documents(user)
            assert told == [record["account"]] * 2
            assert (found["labelled_by"], found["review_version"]) == (record["account"], 1)


@pytest.mark.lengthy
def test_of_two_who_act_at_once_without_a_tag_both_words_stand(tmp_path: Path) -> None:
    url = f"sqlite:{tmp_path / 'documents.sqlite'}"
    with closing(open_documents(url)) as documents, ThreadPoolExecutor(2) as pool:
        reviews = reviews_of(documents)
        documents.upsert("alerts", [alert(f"user{number}") for number in range(RACES)])
        for number in range(RACES):
            user = f"user{number}"
            list(pool.map(lambda account, user=user: reviews.say(user, account, RISK), ("one", "other")))
            assert (documents.get("alerts", user) or {})["review_version"] == 2
            assert {each["account"] for each in reviews.documents(user)} == {"one", "other"}


def test_a_label_of_before_becomes_the_review_of_who_gave_it(here: Collaborators) -> None:
    for account, act, label in (("one", "label", "risk"), ("other", "hide", None)):
        here.audit.note(account, act, "ann", is_review=True, label=label)  # type: ignore[arg-type]
    # The former fields name who acted last, whatever it was.
    former = {"label": "risk", "hidden": True, "reviewed_by": "other", "reviewed_ms": 9}
    here.documents.upsert("alerts", [alert("ann", **former)])

    here.reviews.prepare()
    here.reviews.prepare()

    found = here.alerts.get("ann", "one")
    assert found is not None
    assert (found.label, found.labelled_by, found.hidden_by) == ("risk", "one", "other")
    assert [each["deed"] for each in here.reviews.documents("ann")] == ["said", "hid"]


def test_a_label_of_before_that_the_log_does_not_know_is_whose_the_alert_says(
    reviews: Reviews, documents: Documents
) -> None:
    documents.upsert("alerts", [alert("ann", label="no_risk", reviewed_by="one", reviewed_ms=9)])

    reviews.prepare()

    known = ("label", "labelled_by", "labelled_ms")
    assert [kept(documents)[name] for name in known] == ["no_risk", "one", 9]


def test_a_label_of_nobody_known_gives_way_to_a_word(reviews: Reviews, documents: Documents) -> None:
    documents.upsert("alerts", [alert("ann", label="no_risk")])

    reviews.say("ann", "one", RISK)

    assert (kept(documents)["label"], kept(documents)["labelled_by"]) == ("risk", "one")


def test_what_an_alert_was_not_told_before_an_end_it_is_told_at_the_start(
    reviews: Reviews, documents: Documents
) -> None:
    reviews.say("ann", "one", UNSURE)
    # As if the process had died between the two.
    documents.merge("alerts", [{"id": "ann", "label": None, "review_version": 0}])

    reviews_of(documents)

    assert (kept(documents)["label"], kept(documents)["review_version"]) == ("unsure", 1)
