"""The words that an expert is shown are the model's own terms, to the last digit."""

from math import exp, sqrt
from typing import Any

import pytest
from starlette.testclient import TestClient

from catenae.testing import message
from services.api.collaborators import Collaborators
from services.depression.model.artefact import Model
from services.storage.document_storer import DocumentStorer
from tests.services.api.people import probability, user_document

COUNTS = {"i": 1, "tea": 1, "sad": 2}


def test_the_words_of_a_post_add_up_to_its_probability(
    stages: Any, posts: Any, model: Model, reviewer: TestClient, here: Collaborators
) -> None:
    storer = DocumentStorer(here.documents, "probabilities", id_field="post_id")
    scored = [each for each in stages.probabilities(posts[0]) if each.port == "texts"]
    storer.consume_many([message(each.value) for each in scored])

    (shown,) = reviewer.get("/api/v1/users/ann/posts").json()["items"]

    weighed = {word: model.idf[model.index[word]] * count for word, count in COUNTS.items()}
    norm = sqrt(sum(each**2 for each in weighed.values()))
    terms = {word: model.weights[model.index[word]] * each / norm for word, each in weighed.items()}
    assert dict(shown["words"]) == pytest.approx(
        {word: term for word, term in terms.items() if term}, abs=1e-12
    )
    score = sum(contribution for _, contribution in shown["words"]) + model.bias
    assert shown["post_probability"] == pytest.approx(1 / (1 + exp(-score)), abs=1e-12)
    assert [word for word, _ in shown["words"]] == ["sad", "tea"]


def test_the_words_that_carry_a_user_come_by_their_share(reviewer: TestClient, here: Collaborators) -> None:
    words = (
        [["sad", 3.0], ["tea", -1.0]],
        [["sad", 1.0], ["odd"], ["vast", 10**400], ["vast", 1e308]],
        "no words",
    )
    here.documents.upsert("users", [user_document("ann")])
    here.documents.upsert(
        "probabilities", [probability("ann", at, words=each) for at, each in enumerate(words)]
    )

    found = reviewer.get("/api/v1/users/ann/words").json()

    assert found == {
        "posts": 3,
        "words": [{"word": "sad", "share": 0.8, "posts": 2}, {"word": "tea", "share": -0.2, "posts": 1}],
    }
    assert reviewer.get("/api/v1/users/nobody/words").status_code == 404
