"""What a running node says of users who are not like those of the training."""

import logging

import numpy as np
import pytest

from catenae.testing import MemoryMetrics
from services.depression.demo.files import write_demo
from services.depression.drifting import Drifting
from services.depression.model.artefact import Model
from services.depression.model.collection import Collection
from services.depression.model.collections import open_collection
from services.depression.model.course import course
from services.depression.model.drift import OTHER
from services.depression.model.drift_watch import MOST_USERS, ScoreWatch, WordWatch, last_by_stratum
from services.depression.recipe import Recipe


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Collection:
    folder = tmp_path_factory.mktemp("drifting") / "demo"
    write_demo(folder, users=150, posts=4_500)
    return open_collection(folder)


@pytest.fixture(scope="module")
def model(collection: Collection) -> Model:
    # Who runs none of the tests that take long does not wait for scikit-learn.
    from services.depression.train import train  # noqa: PLC0415

    return train(collection, Recipe(strengths=(8,), class_weights=("balanced",), priors=(100,)))[0]


@pytest.fixture
def metrics() -> MemoryMetrics:
    return MemoryMetrics()


def scores(
    metrics: MemoryMetrics, model: Model, collection: Collection, shift: float = 0.0
) -> Drifting[ScoreWatch]:
    """Return what is told once all posts have come, users' probabilities raised by a shift."""
    drifting = Drifting(metrics, "drift_scores", ScoreWatch)
    for user, posts in collection.posts.items():
        for number, found in enumerate(course(model, posts).probability.tolist(), start=1):
            drifting.of(model).note(user, number, min(1.0, found + shift))
    return drifting


@pytest.mark.lengthy
def test_users_of_the_training_are_no_others_however_many_posts_there_are(
    metrics: MemoryMetrics, model: Model, collection: Collection, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        scores(metrics, model, collection).tell()
    assert 0 < metrics.values["drift_scores"] < OTHER
    assert not caplog.records


@pytest.mark.lengthy
def test_others_are_warned_of_once_and_it_is_told_when_it_is_over(
    metrics: MemoryMetrics, model: Model, collection: Collection, caplog: pytest.LogCaptureFixture
) -> None:
    drifting = scores(metrics, model, collection, shift=0.3)
    with caplog.at_level(logging.INFO):
        for _ in range(3):
            drifting.tell()
            assert metrics.values["drift_scores"] > OTHER
        for user in collection.posts:
            drifting.forget(user)
        # So many posts, or as many as there were users, until it is looked at again.
        for _ in range(MOST_USERS):
            drifting.of(model).note("somebody", 1, 0.1)
        drifting.tell()
        assert metrics.values["drift_scores"] == 0.0

    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]
    assert vars(caplog.records[0])["bound"] == OTHER


@pytest.mark.lengthy
def test_a_language_that_the_model_does_not_know_shows_in_its_words(model: Model) -> None:
    watch = WordWatch(model.training["seen"])
    for number in range(150):
        watch.note(f"user {number}", known=20, words=400)

    assert watch.index() > OTHER


@pytest.mark.lengthy
def test_of_few_users_and_of_a_model_that_says_nothing_no_index_is_told(model: Model) -> None:
    few, unsaid = ScoreWatch(model.training["seen"]), ScoreWatch({})
    for number in range(200):
        few.note(f"user {number % 99}", 1, 0.99)
        unsaid.note(f"user {number}", 1, 0.99)

    assert (few.index(), unsaid.index()) == (0.0, 0.0)


def test_users_are_compared_after_about_as_many_posts() -> None:
    found = dict(last_by_stratum([np.array([0.1, 0.2, 0.3, 0.4]), np.array([0.5, 0.6])]))

    assert found == {1: [0.3, 0.6], 4: [0.4], 10: [], 25: [], 100: []}
