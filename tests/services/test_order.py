"""What the order of posts changes: from counts to the alert, through all stages, over random streams."""

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catenae import Message
from catenae.testing import MemoryMetrics, MemoryState, message
from services.depression.alert_manager import AlertManager
from services.depression.logistic_predictor import LogisticPredictor
from services.depression.model.artefact import Model, save_model
from services.depression.model.certainty import Calibration, Certainty, Line
from services.depression.model.counts import count_words, pack
from services.depression.tfidf_transformer import TfidfTransformer
from services.depression.values import WITHDRAWN
from services.depression.vector_aggregator import VectorAggregator
from tests.examples import share

HOUR_S = 3600
WORDS = ("i", "tea", "sad", "other")
# The words of a post, and the hour it was written in.
WRITTEN = st.lists(
    st.tuples(st.lists(st.sampled_from(WORDS), max_size=4), st.integers(0, 4)), min_size=1, max_size=10
)


class Outcome(NamedTuple):
    """What there is at the end: the last picture and the alert."""

    picture: dict[str, Any]
    alert: dict[str, Any]


@pytest.fixture(scope="module")
def certain(tmp_path_factory: pytest.TempPathFactory) -> tuple[Model, Path]:
    """Return a model of three words that says how sure it is, and its folder."""
    curve = Calibration(few=Line(0.3, -0.6), many=Line(1.4, 0.4), half=3.0)
    model = Model(
        WORDS[:3],
        np.array([1.0, 1.5, 2.0]),
        np.array([0.1, -1.0, 2.0]),
        bias=-1.0,
        threshold=0.5137,
        certainty=Certainty(prior=4.0, calibration=curve, min_posts=2),
    )
    folder = tmp_path_factory.mktemp("certain") / "model"
    save_model(model, folder)
    return model, folder


def counted(model: Model, posts: Sequence[tuple[int, tuple[list[str], int]]]) -> list[Message]:
    """Return what the first stage makes of numbered posts."""
    return [
        message(
            {
                "user": "ann",
                "post_id": f"t1_{number:02}",
                "kind": "comment",
                "created_utc": HOUR_S * hour + number,
                "removed": False,
                "model": model.version,
                "terms": pack(count_words(" ".join(words), model.index)[0]),
            },
            key="ann",
        )
        for number, (words, hour) in posts
    ]


def outcome(folder: Path, counts: Sequence[Message], chance: random.Random) -> Outcome:
    """Return what comes of counts that are cut into batches by chance, the same for all stages."""
    transformer = TfidfTransformer(str(folder))
    predictor = LogisticPredictor(MemoryState(), MemoryMetrics(), str(folder))
    aggregator, manager = VectorAggregator(MemoryState()), AlertManager(MemoryState())
    transformer.setup()
    predictor.setup()
    picture: dict[str, Any] = {}
    alert: dict[str, Any] = {}
    while counts:
        cut = chance.randint(1, len(counts))
        changes = list(transformer.transform_many(list(aggregator.transform_many(counts[:cut]))))
        users = [each for each in predictor.transform_many(changes) if each.port == "users"]
        picture = users[-1].value
        for each in manager.transform_many(users):
            alert = {} if WITHDRAWN in each.headers else each.value
        counts = counts[cut:]
    # Of which post it was told last is no part of what is known of the user.
    return Outcome({name: picture[name] for name in picture if name not in ("post_id", "created_utc")}, alert)


@pytest.mark.lengthy
@given(posts=WRITTEN, chance=st.randoms(use_true_random=False))
@settings(max_examples=share(1000), deadline=None)
def test_within_an_hour_and_at_the_edges_of_batches_order_changes_nothing(
    certain: tuple[Model, Path], posts: Sequence[tuple[list[str], int]], chance: random.Random
) -> None:
    model, folder = certain
    in_order = sorted(enumerate(posts), key=lambda each: each[1][1])
    shuffled = sorted(chance.sample(in_order, len(in_order)), key=lambda each: each[1][1])

    found = outcome(folder, counted(model, shuffled), chance)

    expected = outcome(folder, counted(model, in_order), chance)
    assert found.picture == pytest.approx(expected.picture, abs=1e-12)
    assert found.alert == pytest.approx(expected.alert, abs=1e-12)


@pytest.mark.lengthy
@given(posts=WRITTEN, chance=st.randoms(use_true_random=False))
@settings(max_examples=share(300), deadline=None)
def test_no_order_at_all_changes_the_final_probability(
    certain: tuple[Model, Path], posts: Sequence[tuple[list[str], int]], chance: random.Random
) -> None:
    model, folder = certain
    numbered = list(enumerate(posts))
    shuffled = chance.sample(numbered, len(numbered))

    found = outcome(folder, counted(model, shuffled), chance)

    assert found.picture == pytest.approx(
        outcome(folder, counted(model, numbered), chance).picture, abs=1e-12
    )
