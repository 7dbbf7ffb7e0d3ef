"""A thousand models that somebody has meddled with, checksums put right or not: one line each, or a model."""

import json
from collections.abc import Mapping
from random import Random
from typing import Any

import pytest

from services.classifiers.classifier import Post, PostClassifier
from services.classifiers.kinds import classifier_of
from services.classifiers.kinds.encoder import encoder_of
from services.classifiers.kinds.linear import linear_of
from services.classifiers.manifest import version_of
from services.depression.model.artefact import files_of as files_of_words
from services.models.folder import MANIFEST, ModelError, seals
from tests.unit.classifiers.conftest import in_memory, letter_encoder
from tests.unit.classifiers.image_files import colours_onnx, image_files, thumbnail
from tests.unit.classifiers.test_fused_kind import fused, parts
from tests.unit.classifiers.test_kinds import MODEL
from tests.unit.classifiers.words_files import network_files, sum_of_weights, svm_files

TRIALS = 500  # of either kind
ODD: tuple[Any, ...] = (
    None, True, -1, 0, 10**400, 1e308, -0.0, "", "../x", "\ud800", "a" * 9999, "\n", [], [[]], {}, {"": 1}
)  # fmt: skip


def meddled_with(files: Mapping[str, bytes], random: Random) -> dict[str, bytes]:
    """Return the files with a few bytes of one, or a few values of the manifest, changed."""
    changed = dict(files)
    if random.random() < 0.5:
        name = random.choice(list(files))
        content = bytearray(files[name])
        for _ in range(random.randint(1, 4)):
            at = random.randint(0, len(content))
            content[at : at + random.choice((0, 1, 9))] = random.randbytes(random.choice((0, 1, 7)))
        changed[name] = bytes(content)
        if name == MANIFEST or random.random() < 0.3:
            return changed
    manifest = json.loads(files[MANIFEST])
    for _ in range(random.randint(0, 2)):
        place = manifest
        while isinstance(inner := place[name := random.choice(list(place))], dict) and inner:
            place = inner
        place[name] = random.choice(ODD)
    others = {name: content for name, content in changed.items() if name != MANIFEST}
    if isinstance(manifest.get("files"), dict) and random.random() < 0.9:
        manifest["files"] |= seals(others)
    if manifest.get("kind") != "linear" and random.random() < 0.8:
        manifest["version"] = version_of(manifest)
    return {**others, MANIFEST: json.dumps(manifest).encode()}


def made(kind: str, files: Mapping[str, bytes]) -> PostClassifier:
    if kind == "linear":
        return linear_of(in_memory(files))
    if kind == "encoder":
        return encoder_of(in_memory(files), 1, letter_encoder)
    return classifier_of(in_memory(files))


@pytest.mark.lengthy
@pytest.mark.parametrize("kind", ["linear", "encoder", "one-hot", "word2vec", "lstm", "image", "fused"])
def test_a_model_that_was_meddled_with_is_one_line_or_works(kind: str, files: dict[str, bytes]) -> None:
    if kind in {"lstm", "image", "fused"}:
        pytest.importorskip("onnxruntime", reason="the extra classify is not installed")
    whole = {
        "linear": lambda: files_of_words(MODEL),
        "encoder": lambda: files,
        "one-hot": lambda: svm_files("one-hot"),
        "word2vec": lambda: svm_files("word2vec"),
        "lstm": lambda: network_files("lstm", sum_of_weights()),
        "image": lambda: image_files(colours_onnx()),
        "fused": lambda: fused(parts()),
    }[kind]()
    refused: list[str] = []
    for seed in range(TRIALS):
        fuzzed = meddled_with(whole, Random(seed))
        try:
            (judged,) = made(kind, fuzzed).classify([Post("so sad 难过 茶", images=[thumbnail(9, 7, 5)])])
        except ModelError as error:
            refused.append(str(error))
        else:
            assert 0 <= judged.probability <= 1, seed

    assert TRIALS * 0.5 < len(refused) < TRIALS
    assert all("\n" not in error and len(error) < 500 for error in refused)
