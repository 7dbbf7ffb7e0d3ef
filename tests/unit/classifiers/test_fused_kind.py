"""Kind "fused": texts and thumbnails joined late, and either alone where the other is missing."""

import json
from collections.abc import Callable, Mapping
from math import exp
from typing import Any

import numpy as np
import pytest

from services.classifiers.card import card_of
from services.classifiers.classifier import Judgement, Post
from services.classifiers.fusing import train_fused
from services.classifiers.kinds import classifier_of
from services.classifiers.kinds.cascade import log_odds
from services.classifiers.kinds.fused import FUSED, IMAGE, TEXT, FusedSaid
from services.classifiers.kinds.parts import parts_named
from services.classifiers.manifest import files_of
from services.classifiers.measures import Measures
from services.depression.model.artefact import Model
from services.depression.model.artefact import files_of as files_of_words
from services.depression.recipe import TrainingError
from services.models.folder import ModelError
from tests.unit.classifiers.conftest import in_memory

pytest.importorskip("onnxruntime", reason="the extra classify is not installed")
pytest.importorskip("onnx", reason="the extra train-images is not installed")

from tests.unit.classifiers.image_files import image_files, thumbnail

WORDS = Model(("sad", "tea"), np.ones(2), np.array([2.0, -2.0]), bias=0.0, threshold=0.5)
RED, BLUE, GREEN = thumbnail(200, 0, 0), thumbnail(0, 0, 200), thumbnail(0, 200, 0)
SAID = FusedSaid(
    about="low mood",
    languages=["en"],
    labels=("no", "yes"),
    reading=2,
    preprocessing=[],
    threshold=0.5,
    min_posts=1,
    training={},
    text_weight=0.7,
    image_weight=1.3,
    bias=-0.25,
)
POSTS = (Post("sad", images=[RED]), Post("tea", images=[BLUE]), Post("sad"), Post("", images=[RED]), Post(""))


def parts() -> dict[str, dict[str, bytes]]:
    return {TEXT: files_of_words(WORDS), IMAGE: image_files()}


def fused(some: Mapping[str, Mapping[str, bytes]] | None = None) -> dict[str, bytes]:
    of = {name: in_memory(files) for name, files in (some or parts()).items()}
    return files_of(SAID, FUSED, parts_named(of))


def judged(files: Mapping[str, bytes], posts: Any = POSTS) -> list[Judgement]:
    return classifier_of(in_memory(files)).classify(posts, words=3)


def test_of_both_it_is_the_weighed_sum_of_their_log_odds() -> None:
    text, image = (judged(files)[0].probability for files in parts().values())
    both = judged(fused())[0]

    odds = 0.7 * log_odds(text) + 1.3 * log_odds(image) - 0.25
    assert both.probability == pytest.approx(1 / (1 + exp(-odds)))
    assert both.modality == "both"
    assert [word for word, _ in both.words] == ["sad"]


def test_a_missing_modality_says_what_the_other_alone_says() -> None:
    both, text, image = judged(fused()), *map(judged, parts().values())

    assert [each.modality for each in both] == ["both", "both", "text", "image", "none"]
    assert [each.probability for each in both[2:]] == [
        text[2].probability,
        image[3].probability,
        text[4].probability,
    ]


def test_a_batch_changes_nothing() -> None:
    alone = [judged(fused(), [each])[0].probability for each in POSTS]

    assert [each.probability for each in judged(fused(), POSTS[::-1])] == pytest.approx(alone[::-1], abs=1e-9)


@pytest.mark.parametrize(
    ("files", "wrong"),
    [
        (lambda: fused({TEXT: fused(), IMAGE: image_files()}), "a model of parts within one"),
        (lambda: fused({TEXT: files_of_words(WORDS)}), "no checksum of image.manifest.json"),
        (lambda: {**fused(), "text.weights.npy": b""}, "text.weights.npy"),
    ],
)
def test_what_makes_no_model_is_one_line(files: Callable[[], dict[str, bytes]], wrong: str) -> None:
    with pytest.raises(ModelError, match=wrong):
        classifier_of(in_memory(files()))


def trained(posts: int, *, without: int = 0) -> tuple[dict[str, bytes], Mapping[str, Measures]]:
    """Return a model of posts whose text is right in seven of ten cases, and whose thumbnail in nine."""
    chance = np.random.default_rng(1)
    truth = [number % 2 == 0 for number in range(posts)]
    words, colours = ("tea", "sad"), (BLUE, RED)
    some = [
        Post(words[label == (chance.random() < 0.7)], images=[colours[label == (chance.random() < 0.9)]])
        for label in truth
    ]
    some += [Post("sad")] * without
    both = [in_memory(files) for files in parts().values()]
    return train_fused(some, np.array([*truth, *[True] * without]), *both)


def test_what_is_right_more_often_counts_more_and_what_lacks_one_not_at_all() -> None:
    files, by = trained(400, without=50)
    manifest = json.loads(files["manifest.json"])

    text, image = (each[0].probability for each in map(judged, parts().values()))
    assert manifest["image_weight"] * log_odds(image) > manifest["text_weight"] * log_odds(text) > 0
    assert manifest["training"]["posts"] == 400
    assert by[FUSED].accuracy >= max(by[TEXT].accuracy, by[IMAGE].accuracy)


def test_probabilities_of_both_are_calibrated() -> None:
    files, _ = trained(2000)

    agreed = judged(files, [Post("sad", images=[RED])])[0].probability
    # By Bayes, of two that are right seven and nine times in ten.
    assert agreed == pytest.approx(0.7 * 0.9 / (0.7 * 0.9 + 0.3 * 0.1), abs=0.03)


def test_too_few_posts_with_both_are_an_error() -> None:
    with pytest.raises(TrainingError, match="have a text and a thumbnail"):
        trained(30, without=100)


def test_both_have_a_card() -> None:
    assert "- Kind fused; classes: 'no' and 'yes'" in card_of(in_memory(fused()).manifest)
    assert "- Kind image; classes: 'no' and 'yes'" in card_of(in_memory(image_files()).manifest)
