"""Training on a small generated collection, and the methods that decide with what comes of it."""

import json
import os
import random
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.linear_model import LogisticRegression

from services.cli.report import training_summary
from services.depression.demo.files import write_demo
from services.depression.evaluate import courses_of, evaluate, probabilities, split_users
from services.depression.model.artefact import Model
from services.depression.model.certainty import Certainty
from services.depression.model.collection import Collection
from services.depression.model.collections import open_collection
from services.depression.model.counts import Floats
from services.depression.model.course import Course
from services.depression.model.policies import policies, running
from services.depression.model.scores import Decision
from services.depression.model.text import tokenise
from services.depression.recipe import PAPER, Recipe, TrainingError
from services.depression.train import STOP_WORDS, train

RECIPE = Recipe(strengths=(8, 32), class_weights=("balanced", 0.8), priors=(0, 100))
AS_IN_THE_PAPER = replace(PAPER, strengths=(8, 32), class_weights=("balanced", 0.8))
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


@pytest.fixture(scope="module")
def of_the_paper(collection: Collection) -> Model:
    """Return a model of it as the paper trains it."""
    return train(collection, AS_IN_THE_PAPER)[0]


def decisions(model: Model, probability: Floats) -> Mapping[str, Decision]:
    """Return what each method decides of one user, who writes a post an hour."""
    posts = len(probability)
    nothing, ends, days = np.zeros(posts), np.ones(posts, np.bool_), np.arange(posts)
    course = Course(probability, probability, probability, nothing, ends, days, nothing)
    return {policy.name: policy.decide(course) for policy in policies(model, random.Random(0))}


@pytest.mark.lengthy
def test_training_is_scikit_learn_on_one_text_per_user(collection: Collection, of_the_paper: Model) -> None:
    model = of_the_paper
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


@pytest.mark.lengthy
def test_common_words_come_first_and_the_pronouns_stay(collection: Collection, model: Model) -> None:
    users = [{word for post in posts for word in tokenise(post.text)} for posts in collection.posts.values()]
    df = [sum(word in words for words in users) for word in model.vocabulary]

    assert df == sorted(df, reverse=True)
    assert "i" in model.vocabulary
    assert not STOP_WORDS & set(model.vocabulary)


@pytest.mark.lengthy
def test_the_same_recipe_gives_the_same_model(collection: Collection, model: Model) -> None:
    assert train(collection, RECIPE)[0].version == model.version


@pytest.mark.lengthy
@pytest.mark.long
def test_progress_counts_the_trials_up_to_all(collection: Collection) -> None:
    seen: list[tuple[int, int]] = []
    _, report = train(collection, RECIPE, lambda done, total: seen.append((done, total)))

    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert report.best.log_loss == min(trial.log_loss for trial in report.trials)


@pytest.mark.lengthy
def test_the_paper_takes_the_best_f1_and_says_nothing_of_certainty(
    collection: Collection, of_the_paper: Model
) -> None:
    best, trials = of_the_paper.training["best"], of_the_paper.training["trials"]

    assert best["f1"] == max(trial["f1"] for trial in trials)
    assert (of_the_paper.certainty, of_the_paper.threshold) == (Certainty(), 0.5)


@pytest.mark.lengthy
@pytest.mark.long
def test_a_strength_at_the_edge_of_what_was_tried_is_said(collection: Collection) -> None:
    _, report = train(collection, replace(RECIPE, strengths=(0.01, 0.02)))
    told = training_summary(train(collection, RECIPE)[0], report, {})

    assert report.is_at_edge
    assert "warning: C=0.02 is the largest that was tried" in told


@pytest.mark.lengthy
def test_the_report_is_of_the_rule_as_it_runs_and_of_users_held_out(collection: Collection) -> None:
    model, report = train(collection, RECIPE)

    rule = report.running_rule
    assert rule.true_positives + rule.false_negatives == report.positives
    assert rule.true_positives + rule.false_positives + rule.true_negatives <= report.users
    assert rule.intervals["f1"].low <= rule.scores.f1 <= rule.intervals["f1"].high
    assert model.training["running_rule"]["f1"] == rule.scores.f1
    json.dumps(model.training, allow_nan=False)


@pytest.mark.lengthy
def test_probabilities_of_users_held_out_are_what_they_say(collection: Collection) -> None:
    _, report = train(collection, RECIPE)

    assert report.quality.whole.ece < 0.08


@pytest.mark.lengthy
def test_one_post_alarms_nobody(model: Model) -> None:
    first = max(probabilities(model, [f"i {word}"])[0] for word in model.vocabulary)

    assert first < model.threshold
    assert model.certainty.min_posts == 3


@pytest.mark.lengthy
@pytest.mark.parametrize(
    "text",
    ["I don't.", "Life is good, I feel great, happy birthday!", "I feel so empty and tired, I cannot go on."],
)
def test_a_sentence_is_no_sign_whatever_it_says(model: Model, text: str) -> None:
    assert probabilities(model, [text])[0] < 0.5


@pytest.mark.lengthy
def test_what_is_given_is_not_chosen(collection: Collection) -> None:
    given = replace(RECIPE, priors=(7,), threshold=0.61, min_posts=5, is_calibrated=False, about="gambling")

    model, _ = train(collection, given)

    assert (model.threshold, model.certainty, model.about) == (
        0.61,
        Certainty(7, None, 5, holds_few=True),
        "gambling",
    )


@pytest.mark.lengthy
def test_too_few_users_of_a_class_cannot_be_trained_on(collection: Collection) -> None:
    well = [user for user, positive in collection.truth.items() if not positive]

    with pytest.raises(TrainingError, match="0 positive users of 70"):
        train(collection.only(well), RECIPE)


@pytest.mark.lengthy
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


@pytest.mark.lengthy
def test_the_incremental_method_alerts_at_the_first_post_that_reaches_the_threshold(
    of_the_paper: Model,
) -> None:
    decided = decisions(of_the_paper, RISING)

    assert decided["incremental 0.50"] == (True, 2)
    assert decided["incremental 0.75"] == (True, 4)
    assert decided["incremental 0.90"] == (False, 5)


@pytest.mark.lengthy
def test_the_other_methods_decide_once(of_the_paper: Model) -> None:
    decided = decisions(of_the_paper, np.array([0.1] * 9 + [0.6] + [0.2] * 2))

    assert decided["all positive"] == (True, 1)
    assert decided["first 10"] == (True, 10)
    assert decided["first 100"] == decided["all"] == (False, 12)


ENDS = np.array([True, False, True, True, True])


def test_the_running_rule_waits_for_posts_enough_and_for_the_end_of_the_hour() -> None:
    course = Course(RISING, RISING, RISING, RISING, ENDS, np.arange(5), RISING)

    assert running(0.1, 1)(course) == (True, 1)
    assert running(0.4, 1)(course) == (True, 3)
    assert running(0.4, 4)(course) == (True, 4)
    assert running(0.9, 1)(course) == (False, 5)


@pytest.mark.lengthy
def test_a_user_of_no_known_word_has_the_probability_of_the_bias(of_the_paper: Model) -> None:
    model = of_the_paper
    expected = 1 / (1 + np.exp(-model.bias))

    assert probabilities(model, ["zzz", ""]) == pytest.approx([expected, expected])
    assert len(probabilities(model, [])) == 0


@pytest.mark.lengthy
def test_every_method_is_scored(collection: Collection, model: Model) -> None:
    found = evaluate(model, collection, seed=1)

    assert found.methods["all positive"].scores.recall == 1.0
    assert found.methods["all"].scores.f1 > found.methods["random"].scores.f1
    assert found.methods["running rule"].scores.f1 > found.methods["random"].scores.f1
    assert found.quality.auc is not None
    assert found.quality.auc_interval.low <= found.quality.auc <= found.quality.auc_interval.high


@pytest.mark.lengthy
def test_the_course_of_a_user_ends_where_the_whole_text_is(collection: Collection, model: Model) -> None:
    courses = courses_of(model, collection)

    for user, posts in collection.posts.items():
        assert courses[user].probability == pytest.approx(
            probabilities(model, (post.text for post in posts)), abs=1e-12
        )


@pytest.mark.lengthy
def test_half_of_the_private_users_are_told_apart_by_the_other_half() -> None:
    here = Path(__file__).parents[3]
    folder = Path(os.environ.get("CATENAE_SCREENING_DEV", here.parent / "shared/data/screening-dev"))
    if not folder.is_dir():
        pytest.skip(f"no private collection at {folder}; set CATENAE_SCREENING_DEV")
    collection = open_collection(folder)
    first, second = split_users(collection.truth, seed=0)

    trained, _ = train(collection.only(first), replace(RECIPE, strengths=(16,)))

    assert evaluate(trained, collection.only(second)).methods["running rule"].scores.f1 > 0.75
