"""Whether users are like those of the training."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from services.depression.demo.files import write_demo
from services.depression.drift import NothingToCompare, drift
from services.depression.model.artefact import Model
from services.depression.model.collection import Collection
from services.depression.model.collections import open_collection
from services.depression.model.drift import profile, profile_from, shares, stability_index
from services.depression.recipe import Recipe
from services.depression.train import train


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "first"
    write_demo(folder, users=120, posts=4_000)
    return folder


@pytest.fixture(scope="module")
def collection(demo: Path) -> Collection:
    return open_collection(demo)


@pytest.fixture(scope="module")
def model(collection: Collection) -> Model:
    return train(collection, Recipe(strengths=(8,), class_weights=("balanced",), priors=(100,)))[0]


def test_an_index_by_hand() -> None:
    expected = profile_from({"edges": [0.5], "shares": [0.5, 0.5]})

    found = stability_index(expected, np.array([0.1, 0.2, 0.3, 0.9]))

    assert found == pytest.approx(0.25 * np.log(0.75 / 0.5) - 0.25 * np.log(0.25 / 0.5))
    assert stability_index(expected, np.array([0.1, 0.9])) == 0.0


def test_a_profile_comes_back_and_takes_equal_values() -> None:
    found = profile(np.array([0.5] * 7 + [0.9] * 3))

    assert profile_from(found.to_json()) == found
    assert sum(shares(np.array([0.5, 0.9]), np.array(found.edges))) == pytest.approx(1.0)


@pytest.mark.lengthy
def test_the_users_of_the_training_are_no_other_population(model: Model, collection: Collection) -> None:
    found = drift(model, collection.posts)

    assert found.words < 0.1
    assert found.known == pytest.approx(found.known_then)


@pytest.mark.lengthy
def test_another_language_is_another_population(model: Model, collection: Collection) -> None:
    foreign = {
        user: [post._replace(text=post.text[::-1]) for post in posts]
        for user, posts in collection.posts.items()
    }

    found = drift(model, foreign)

    assert found.known < 0.5 * found.known_then
    assert any("known words are spread as in another population" in each for each in found.warnings)


@pytest.mark.lengthy
def test_few_users_are_said_to_be_few(model: Model, collection: Collection) -> None:
    some = dict(list(collection.posts.items())[:3])

    assert any("3 users are few" in each for each in drift(model, some).warnings)


@pytest.mark.lengthy
def test_there_must_be_something_to_compare(model: Model, collection: Collection) -> None:
    with pytest.raises(NothingToCompare, match="does not say what it was trained on"):
        drift(replace(model, training={}), collection.posts)
    with pytest.raises(NothingToCompare, match="nobody"):
        drift(model, {})
