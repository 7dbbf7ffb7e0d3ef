"""Kind "image": thumbnails, points, a line to a probability."""

from collections.abc import Callable
from math import exp

import numpy as np
import pytest

from services.classifiers.classifier import Judgement, Post
from services.classifiers.kinds import classifier_of
from services.models.folder import ModelError
from tests.unit.classifiers.conftest import in_memory

pytest.importorskip("onnxruntime", reason="the extra classify is not installed")
pytest.importorskip("onnx", reason="the extra train-images is not installed")

from tests.unit.classifiers.image_files import (
    BIAS,
    LINE,
    WEIGHTS,
    colours_onnx,
    image_files,
    thumbnail,
)

RED, GREEN, GREY = thumbnail(200, 0, 0), thumbnail(0, 90, 0), thumbnail(30, 30, 30)


def judged(*posts: Post) -> list[Judgement]:
    return classifier_of(in_memory(image_files())).classify(posts)


def expected(score: float) -> float:
    return 1 / (1 + exp(-(LINE.slope * (score + BIAS) + LINE.intercept)))


def test_a_probability_is_that_of_the_line_on_the_head() -> None:
    (red,), (grey,) = judged(Post("", images=[RED])), judged(Post("so sad", images=[GREY]))

    assert red.probability == pytest.approx(expected(WEIGHTS[0]), abs=1e-6)
    assert red.modality == "image"
    assert grey.probability == pytest.approx(expected(sum(WEIGHTS) / np.sqrt(3)), abs=1e-6)


def test_of_several_thumbnails_it_is_the_mean_that_counts() -> None:
    (both,) = judged(Post("", images=[RED, GREEN]))

    assert both.probability == pytest.approx(expected((WEIGHTS[0] + WEIGHTS[1]) / 2), abs=1e-6)


@pytest.mark.parametrize("images", [[], [b""], [RED[:-1]], [b"\x89PNG"]])
def test_of_no_whole_thumbnail_it_says_what_it_says_of_nothing(images: list[bytes]) -> None:
    (nothing,) = judged(Post("so sad", images=images))

    assert nothing.probability == pytest.approx(expected(0.0))
    assert nothing.modality == "none"


def test_a_batch_changes_nothing() -> None:
    posts = [Post("", images=each) for each in ([RED] * 9, [], [GREEN, GREY], [GREY], [RED, b""], [GREEN])]
    alone = [judged(each)[0].probability for each in posts]

    assert [each.probability for each in judged(*posts)] == pytest.approx(alone, abs=1e-9)
    assert [each.probability for each in judged(*posts[::-1])] == pytest.approx(alone[::-1], abs=1e-9)
    assert judged() == []


@pytest.mark.parametrize(
    ("files", "wrong"),
    [
        (lambda: image_files(colours_onnx(takes="images")), "takes \\['images'\\]"),
        (lambda: image_files(colours_onnx(axes=(1, 2, 3))), "where a network of images returns a point"),
        (lambda: image_files(b"no graph"), "network.onnx"),
        (lambda: image_files(weights=(1.0, 2.0)), "2 weights for points of 3 numbers"),
        (lambda: image_files(weights=(1.0, 2.0, float("nan"))), "weights for points"),
    ],
)
def test_what_makes_no_model_is_one_line(files: Callable[[], dict[str, bytes]], wrong: str) -> None:
    with pytest.raises(ModelError, match=wrong) as raised:
        classifier_of(in_memory(files()))
    assert "\n" not in str(raised.value)
