"""Of the reviews of somebody who is forgotten nothing stays but who found what, of nobody's case."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from catenae import Documents
from catenae.stores import open_documents
from services.api.first_look import FirstLook
from services.api.pseudonyms import Pseudonyms
from services.api.review_record import COUNTS, Verdict
from services.api.reviews import Opinion, Reviews
from services.depression.storers import AlertStorer
from services.forgetting.forget import forget
from services.forgetting.request import request
from services.forgetting.review_counts import keep_counts
from tests.services.api.people import alert

NOTE = "she wrote of her sister Dorothea"


def review(documents: Documents, user: str) -> Reviews:
    documents.upsert("alerts", [alert(user)])
    reviews = Reviews(documents, Pseudonyms(b"k" * 32), lambda: 5, FirstLook(is_blind=False))
    reviews.say(user, "one", Opinion(Verdict.RISK, note=NOTE))
    reviews.say(user, "other", Opinion(Verdict.NO_RISK))
    reviews.hide(user, "one", "a joke", is_hidden=True)
    return reviews


@pytest.fixture
def documents() -> Iterator[Documents]:
    with closing(open_documents("sqlite:")) as opened:
        review(opened, "ann")
        yield opened


def test_the_storer_of_alerts_counts_and_erases(documents: Documents) -> None:
    AlertStorer(documents, "alerts", id_field="user", merges=True).forget(request("ann"))

    assert documents.count("reviews") == 0
    (kept,) = documents.find(COUNTS).documents
    assert kept["opinions"] == [["one", "risk"], ["other", "no_risk"]]
    assert kept["deeds"] == {"said": 2, "hid": 1}
    assert not [word for word in ("ann", "Dorothea", "joke", "at_ms") if word in str(kept)]


def test_what_was_broken_off_is_counted_once(documents: Documents) -> None:
    reviews = documents.find("reviews", sort="number").documents
    keep_counts(documents, "ann")
    (before,) = documents.find(COUNTS).documents
    # As if it had been killed before all of them were erased.
    documents.upsert("reviews", reviews[:1])

    keep_counts(documents, "ann")

    assert documents.find(COUNTS).documents == [before]
    assert documents.count("reviews") == 0


def test_a_word_that_comes_while_its_user_is_forgotten_leaves_nothing(documents: Documents) -> None:
    # The alert goes after it was looked at, and before it is told of the record.
    reviews = Reviews(
        documents,
        Pseudonyms(b"k" * 32),
        lambda: documents.delete("alerts", ["ann"]),
        FirstLook(is_blind=False),
    )

    assert not reviews.say("ann", "one", Opinion(Verdict.RISK, note=NOTE))
    assert documents.count("reviews") == 0


def test_no_byte_of_a_review_is_left_in_the_files(tmp_path: Path) -> None:
    with closing(open_documents(f"sqlite:{tmp_path / 'documents.sqlite'}")) as documents:
        review(documents, "annabel")
        review(documents, "somebody")

    forget("annabel", tmp_path)

    left = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"annabel" not in left
    assert left.count(b"Dorothea") == 1
    with closing(open_documents(f"sqlite:{tmp_path / 'documents.sqlite'}")) as documents:
        assert documents.count(COUNTS) == 1
