"""Models trained on the spot, and scikit-learn's own word on the texts they are tried with."""

import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from services.depression.model.artefact import Model, save_model
from services.depression.model.text import own_words, tokenise
from services.reddit.records import text_record

Reference = Callable[[Sequence[str]], Sequence[float]]
Screening = tuple[Path, Reference]
Fit = Callable[[Mapping[str, str], Mapping[str, bool]], Screening]


@pytest.fixture(scope="session")
def fit(tmp_path_factory: pytest.TempPathFactory) -> Fit:
    """Return what fits a model to one text per user and the truth about each.

    It returns the model's folder, and scikit-learn's probabilities for whole texts by the same model.
    """

    def fit(texts: Mapping[str, str], truth: Mapping[str, bool]) -> Screening:
        counter = CountVectorizer(tokenizer=tokenise, token_pattern=None, lowercase=False)
        transformer, regression = TfidfTransformer(), LogisticRegression(C=100)
        pipeline = make_pipeline(counter, transformer, regression)
        pipeline.fit(list(texts.values()), [truth[user] for user in texts])
        weights, bias = regression.coef_[0], float(regression.intercept_[0])
        words = tuple(counter.get_feature_names_out())
        folder = tmp_path_factory.mktemp("screening") / "model"
        save_model(Model(words, np.asarray(transformer.idf_), weights, bias, threshold=0.5), folder)
        return folder, lambda some: pipeline.predict_proba(some)[:, 1].tolist()

    return fit


@pytest.fixture(scope="session")
def invented() -> Sequence[dict[str, Any]]:
    """200 posts of 15 users, mixed, by time; every third user prefers words from the back."""
    chance = random.Random(7)
    words = ["i", *(f"{a}{b}{c}" for a in "bcdfgklm" for b in "aeiou" for c in "nrstwxz")]
    posts = []
    for number in range(200):
        user = chance.randrange(15)
        start = 150 if user % 3 == 0 and chance.random() < 0.5 else 0
        text = chance.choices(words[start:], k=chance.randrange(1, 26))
        fields = (
            {"id": f"t3_{number}", "kind": "submission", "title": text[0], "body": " ".join(text[1:])}
            if number % 4 == 0
            else {"id": f"t1_{number}", "kind": "comment", "body": " ".join(text)}
        )
        posts.append({**fields, "author": f"user {user}", "created_utc": 60 * number})
    return posts


@pytest.fixture(scope="session")
def screening(fit: Fit, invented: Sequence[Mapping[str, Any]]) -> Screening:
    """Return a model of the invented posts, and scikit-learn's."""
    texts: dict[str, str] = {}
    for post in invented:
        texts[post["author"]] = f"{texts.get(post['author'], '')}\n{own_words(text_record(post))}"
    return fit(texts, {user: int(user.split()[1]) % 3 == 0 for user in texts})
