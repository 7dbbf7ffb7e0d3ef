"""Every kind by one contract, whatever its format; what is none of them is one line."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from services.classifiers.classifier import Post
from services.classifiers.kinds import classifier_of, load_classifier
from services.depression.evaluate import probabilities
from services.depression.model.artefact import Model, save_model
from services.depression.model.reading import FORMER
from services.models.folder import ModelError, read_folder
from services.reddit.records import text_record
from tests.unit.classifiers.conftest import in_memory

MODEL = Model(
    ("i", "tea", "sad"), np.array([1.0, 1.5, 2.0]), np.array([0.0, -1.0, 2.0]), bias=-1.0, threshold=0.5
)
TEXTS = ("I: sad, sad tea", "tea, tea!", "so sad", "nothing known", "")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    save_model(MODEL, tmp_path / "model")
    return tmp_path / "model"


def test_a_model_of_words_judges_a_post_as_that_of_a_user_who_wrote_no_other(folder: Path) -> None:
    judged = load_classifier(folder).classify([Post(text) for text in TEXTS])

    alone = [float(probabilities(MODEL, [text])[0]) for text in TEXTS]
    assert [each.probability for each in judged] == pytest.approx(alone, abs=1e-12)
    assert [each.modality for each in judged] == ["text", "text", "text", "none", "none"]


def test_no_post_is_judged_as_nothing(folder: Path) -> None:
    assert load_classifier(folder).classify([]) == []


def test_its_words_are_those_that_weigh_most(folder: Path) -> None:
    (judged,) = load_classifier(folder).classify([Post("sad tea, I")], words=2)

    assert [word for word, _ in judged.words] == ["sad", "tea"]


def test_a_model_of_the_first_format_is_a_classifier(tmp_path: Path) -> None:
    save_model(replace(MODEL, reading=FORMER), tmp_path / "model")
    path = tmp_path / "model" / "manifest.json"
    manifest = json.loads(path.read_text())
    kept = {name: value for name, value in manifest.items() if name not in {"kind", "reading", "certainty"}}
    path.write_text(json.dumps(kept | {"format": 1}))

    classifier = load_classifier(tmp_path / "model")

    assert classifier.version == replace(MODEL, reading=FORMER).version
    record = text_record({"id": "t1_a", "author": "ann", "created_utc": 1, "body": "> quoted\nso sad"})
    assert classifier.own_words(record) == FORMER.own_words(record)


def test_a_kind_of_another_release_is_one_line(folder: Path) -> None:
    files = read_folder(folder)
    manifest = {**files.manifest, "kind": "tea leaves"}
    contents = {**files.contents, "manifest.json": json.dumps(manifest).encode()}

    with pytest.raises(ModelError, match="kind 'tea leaves', which this code does not know: linear, encoder"):
        classifier_of(in_memory(contents))


def test_an_encoder_that_this_code_does_not_know_is_never_imported(files: dict[str, bytes]) -> None:
    with pytest.raises(ModelError, match="encoder 'letters' of package 'letters-package', which this code"):
        classifier_of(in_memory(files))
