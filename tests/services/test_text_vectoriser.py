"""From texts to term counts."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from catenae import ConfigError
from catenae.testing import MemoryMetrics, message
from services.depression.model.artefact import Model
from services.depression.model.counts import unpack
from services.depression.text_vectoriser import TextVectoriser

Posts = Sequence[dict[str, Any]]


def test_known_words_are_counted_and_the_text_stays_behind(stages: Any, posts: Posts, model: Model) -> None:
    (counted,) = stages.counts(posts[0])

    ids, counts = unpack(counted.value["terms"])
    assert (ids.tolist(), counts.tolist()) == ([0, 1, 2], [1, 1, 2])
    assert set(counted.value) == {"user", "post_id", "kind", "created_utc", "removed", "model", "terms"}
    assert (counted.value["post_id"], counted.value["model"]) == ("t1_1", model.version)


def test_counts_are_keyed_by_author_whatever_the_key_of_the_text(stages: Any, posts: Posts) -> None:
    (counted,) = stages.vectoriser.transform(message(posts[0], key="somebody"))

    assert (counted.key, counted.value["user"]) == ("ann", "ann")


def test_a_removed_post_counts_negatively(stages: Any, posts: Posts) -> None:
    (counted,) = stages.counts({**posts[0], "removed": True})

    assert unpack(counted.value["terms"]).counts.tolist() == [-1, -1, -2]
    assert counted.value["removed"] is True


def test_a_thread_title_is_not_the_commenters_words(stages: Any, posts: Posts) -> None:
    (counted,) = stages.counts({**posts[2], "title": "tea and tea"})

    assert unpack(counted.value["terms"]).ids.tolist() == [2]


def test_a_post_without_known_words_goes_on(stages: Any, posts: Posts) -> None:
    (counted,) = stages.counts({**posts[0], "body": "42!"})

    assert (counted.rejected, counted.value["terms"]) == ("", b"")


@pytest.mark.parametrize(("value", "reason"), [({"id": "t1_1"}, "no author"), (None, "not an object")])
def test_what_is_no_text_is_rejected_with_the_reason(stages: Any, value: Any, reason: str) -> None:
    (rejected,) = stages.counts(value)

    assert (rejected.rejected, rejected.value) == (reason, value)


def test_a_node_without_a_model_stops_with_one_line(tmp_path: Path, stages: Any) -> None:
    nowhere = TextVectoriser(stages.documents, MemoryMetrics(), str(tmp_path / "none"))
    with pytest.raises(ConfigError, match=r"manifest\.json: missing\. Train a model") as caught:
        nowhere.setup()
    nowhere.teardown()

    assert "\n" not in str(caught.value)


@pytest.mark.lengthy
def test_no_node_needs_what_training_needs() -> None:
    nodes = (
        "depression.text_vectoriser, services.depression.vector_aggregator, "
        "services.depression.tfidf_transformer, services.depression.logistic_predictor, "
        "services.depression.alert_manager, services.storage.document_storer, services.reddit.replay"
    )
    program = f"import sys, services.{nodes}; print(*{{'sklearn', 'scipy', 'pandas'}} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == ""
