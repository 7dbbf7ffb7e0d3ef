"""Training on a small generated collection, and the methods that decide with what comes of it."""

import os
import random
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.linear_model import LogisticRegression

from services.depression.demo.files import write_demo
from services.depression.evaluate import evaluate, methods, probabilities, split_users
from services.depression.model.artefact import Model
from services.depression.model.collection import Collection
from services.depression.model.collections import open_collection
from services.depression.model.counts import Floats
from services.depression.model.scores import Decision
from services.depression.model.text import tokenise
from services.depression.recipe import Recipe, TrainingError
from services.depression.train import STOP_WORDS, train

RECIPE = Recipe(strengths=(8, 32), class_weights=("balanced", 0.8))
RISING = np.array([0.1, 0.6, 0.4, 0.8, 0.2])


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Collection:
    """Return a small demo collection."""
    folder = tmp_path_factory.mktemp("demo")
    write_demo(folder, users=80, posts=3_000)
    return open_collection(folder)


@pytest.fixture(scope="module")
def model(collection: Collection) -> Model:
    """Return a model of it."""
    return train(collection, RECIPE)[0]


def decisions(running: Floats, threshold: float = 0.5) -> Mapping[str, Decision]:
    """Return what each method decides of one user."""
    return {method.name: method.decide(running) for method in methods(threshold, random.Random(0))}


@pytest.mark.lengthy
def test_training_is_scikit_learn_on_one_text_per_user(collection: Collection, model: Model) -> None:
    documents = ["\n".join(post.text for post in posts) for posts in collection.posts.values()]
    vectoriser = CountVectorizer(
        tokenizer=tokenise, token_pattern=None, vocabulary=list(model.vocabulary), lowercase=False
    )
    scale = TfidfTransformer()
    tfidf = scale.fit_transform(vectoriser.transform(documents))
    best = model.training["best"]
    weights = best["class_weight"]
    fitted = LogisticRegression(
        C=best["strength"],
        l1_ratio=1,
        class_weight=weights if weights == "balanced" else {0: 1 - weights, 1: weights},
        solver="liblinear",
        random_state=0,
    ).fit(tfidf, list(collection.truth.values()))

    last = [probabilities(model, (post.text for post in posts))[-1] for posts in collection.posts.values()]
    assert last == pytest.approx(fitted.predict_proba(tfidf)[:, 1], abs=1e-9)


def test_common_words_come_first_and_the_pronouns_stay(collection: Collection, model: Model) -> None:
    users = [{word for post in posts for word in tokenise(post.text)} for posts in collection.posts.values()]
    df = [sum(word in words for words in users) for word in model.vocabulary]

    assert df == sorted(df, reverse=True)
    assert "i" in model.vocabulary
    assert not STOP_WORDS & set(model.vocabulary)


def test_the_same_recipe_gives_the_same_model(collection: Collection, model: Model) -> None:
    assert train(collection, RECIPE)[0].version == model.version


def test_progress_counts_the_trials_up_to_all(collection: Collection) -> None:
    seen: list[tuple[int, int]] = []
    _, report = train(collection, RECIPE, lambda done, total: seen.append((done, total)))

    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert report.best.f1 == max(trial.f1 for trial in report.trials)


def test_too_few_users_of_a_class_cannot_be_trained_on(collection: Collection) -> None:
    well = [user for user, positive in collection.truth.items() if not positive]

    with pytest.raises(TrainingError, match="0 positive users of 70"):
        train(collection.only(well), RECIPE)


def test_words_nobody_shares_cannot_be_trained_on(collection: Collection) -> None:
    with pytest.raises(TrainingError, match="no word that 81 users share"):
        train(collection, replace(RECIPE, min_df=81))


def test_the_halves_share_no_user_and_do_not_depend_on_order() -> None:
    users = [f"user{number}" for number in range(9)]
    first, second = split_users(users, seed=3)

    assert sorted(first + second) == users
    assert (len(first), len(second)) == (5, 4)
    assert split_users(reversed(users), seed=3) == (first, second)
    assert split_users(users, seed=4) != (first, second)


def test_the_incremental_method_alerts_at_the_first_post_that_reaches_the_threshold() -> None:
    decided = decisions(RISING)

    assert decided["incremental 0.50"] == (True, 2)
    assert decided["incremental 0.75"] == (True, 4)
    assert decided["incremental 0.90"] == (False, 5)


def test_the_other_methods_decide_once() -> None:
    decided = decisions(np.array([0.1] * 9 + [0.6] + [0.2] * 2))

    assert decided["all positive"] == (True, 1)
    assert decided["first 10"] == (True, 10)
    assert decided["first 100"] == decided["all"] == (False, 12)


def test_a_threshold_of_the_models_own_is_one_method_more() -> None:
    assert len(decisions(RISING)) == 9
    assert decisions(RISING, threshold=0.6)["incremental 0.60"] == (True, 2)


def test_a_user_of_no_known_word_has_the_probability_of_the_bias(model: Model) -> None:
    expected = 1 / (1 + np.exp(-model.bias))

    assert probabilities(model, ["zzz", ""]) == pytest.approx([expected, expected])
    assert len(probabilities(model, [])) == 0


def test_every_method_is_scored(collection: Collection, model: Model) -> None:
    scores = evaluate(model, collection, seed=1)

    assert len(scores) == 9
    assert scores["all positive"].recall == 1.0
    assert scores["all"].f1 > scores["random"].f1


@pytest.mark.lengthy
def test_half_of_the_private_users_are_told_apart_by_the_other_half() -> None:
    here = Path(__file__).parents[3]
    folder = Path(os.environ.get("CATENAE_SCREENING_DEV", here.parent / "shared/data/screening-dev"))
    if not folder.is_dir():
        pytest.skip(f"no private collection at {folder}; set CATENAE_SCREENING_DEV")
    collection = open_collection(folder)
    first, second = split_users(collection.truth, seed=0)

    trained, _ = train(collection.only(first), replace(RECIPE, strengths=(16,)))

    assert max(found.f1 for found in evaluate(trained, collection.only(second)).values()) > 0.68
