"""From changes of counts to changes of tf-idf, by hand: idf is 1, 1.5 and 2 for "i", "tea" and "sad"."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

Posts = Sequence[dict[str, Any]]


def test_a_first_post_changes_everything_it_says(stages: Any, posts: Posts) -> None:
    (change,) = stages.tfidf_changes(posts[0])

    assert np.frombuffer(change.value["ids"], "<i4").tolist() == [0, 1, 2]
    assert np.frombuffer(change.value["change"], "<f8").tolist() == [1.0, 1.5, 4.0]
    assert change.value["squared_norm_change"] == 1.0 + 2.25 + 16.0


def test_the_post_by_itself_has_unit_length(stages: Any, posts: Posts) -> None:
    (change,) = stages.tfidf_changes(posts[0])

    own = np.frombuffer(change.value["own"], "<f8")
    assert own == pytest.approx(np.array([1.0, 1.5, 4.0]) / 19.25**0.5)


def test_a_later_post_changes_the_square_by_more_than_its_own(stages: Any, posts: Posts) -> None:
    _, change = stages.tfidf_changes(posts[0], posts[1])

    assert change.value["squared_norm_change"] == (3 * 1.5) ** 2 - 1.5**2


def test_a_removed_post_takes_its_change_back(stages: Any, posts: Posts) -> None:
    changes = stages.tfidf_changes(*posts, {**posts[1], "removed": True})

    assert changes[3].value["squared_norm_change"] == -changes[1].value["squared_norm_change"]
    assert np.frombuffer(changes[3].value["change"], "<f8").tolist() == [-3.0]


def test_what_a_model_counted_that_is_nowhere_is_rejected_and_the_rest_goes_on(
    stages: Any, posts: Posts
) -> None:
    first, second = stages.count_changes(posts[0], posts[1])
    foreign = first._replace(value={**first.value, "model": "older"})

    results = list(stages.transformer.transform_many([foreign, second]))

    assert [result.rejected for result in results] == ["model not found", ""]
    assert next(iter(stages.transformer.transform_many([foreign]))).rejected == "model not found"
