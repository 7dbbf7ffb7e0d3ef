"""Probabilities by hand: weights are 0, -1 and 2 for "i", "tea" and "sad", the bias is -1."""

from collections.abc import Sequence
from math import exp, sqrt
from typing import Any

import pytest

from services.depression.model.artefact import Model

Posts = Sequence[dict[str, Any]]


def sigmoid(score: float) -> float:
    return 1 / (1 + exp(-score))


def port(messages: Any, name: str) -> list[dict[str, Any]]:
    return [each.value for each in messages if each.port == name]


def test_a_first_post_makes_the_picture(stages: Any, posts: Posts, model: Model) -> None:
    expected = sigmoid((-1.5 + 2 * 4.0) / sqrt(19.25) - 1)

    (text,) = port(stages.probabilities(posts[0]), "texts")

    assert text["user_probability"] == pytest.approx(expected, abs=1e-12)
    assert text["post_probability"] == pytest.approx(expected, abs=1e-12)
    assert (text["user"], text["post_id"], text["model"]) == ("ann", "t1_1", model.version)


def test_a_later_post_is_told_apart_from_its_user(stages: Any, posts: Posts) -> None:
    _, text = port(stages.probabilities(posts[0], posts[1]), "texts")

    dot, squared_norm = -3 * 1.5 + 2 * 4.0, 1.0 + 4.5**2 + 16.0
    assert text["user_probability"] == pytest.approx(sigmoid(dot / sqrt(squared_norm) - 1), abs=1e-12)
    assert text["post_probability"] == pytest.approx(sigmoid(-1 - 1), abs=1e-12)


def test_words_come_by_strength_and_those_without_weight_not_at_all(stages: Any, posts: Posts) -> None:
    (text,) = port(stages.probabilities(posts[0]), "texts")

    assert [word for word, _ in text["words"]] == ["sad", "tea"]
    assert [added for _, added in text["words"]] == pytest.approx([8.0 / sqrt(19.25), -1.5 / sqrt(19.25)])


def test_the_user_has_posts_and_times_whatever_their_order(stages: Any, posts: Posts) -> None:
    users = port(stages.probabilities(posts[1], posts[0], posts[2]), "users")

    assert [user["posts"] for user in users] == [1, 2, 3]
    assert [(user["first_utc"], user["last_utc"]) for user in users] == [(120, 120), (60, 120), (60, 180)]
    assert users[-1]["threshold"] == 0.5


def test_a_post_without_known_words_changes_no_probability(stages: Any, posts: Posts) -> None:
    first, second = port(stages.probabilities(posts[0], {**posts[1], "body": "?"}), "texts")

    assert second["user_probability"] == first["user_probability"]
    assert (second["post_probability"], second["words"]) == (pytest.approx(sigmoid(-1)), [])


def test_a_user_whose_posts_are_all_removed_is_as_a_new_one(stages: Any, posts: Posts) -> None:
    gone = [{**post, "removed": True} for post in posts]

    users = port(stages.probabilities(*posts, *gone), "users")

    assert (users[-1]["posts"], users[-1]["probability"]) == (0, pytest.approx(sigmoid(-1), abs=1e-12))


def test_what_a_model_counted_that_is_nowhere_is_rejected(stages: Any, posts: Posts) -> None:
    (change,) = stages.tfidf_changes(posts[0])
    foreign = change._replace(value={**change.value, "model": "older"})

    assert [each.rejected for each in stages.predictor.transform_many([foreign])] == ["model not found"]
