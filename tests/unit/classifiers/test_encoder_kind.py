"""Kind "encoder": steps, points, a line to a probability, and what weighed most."""

import json
from math import exp
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from services.classifiers.classifier import Post
from services.classifiers.kinds.encoder import HEAD, KIND
from services.classifiers.manifest import files_of
from services.models.arrays import npy_of
from services.models.folder import ModelError
from tests.unit.classifiers.conftest import LETTERS, SAID, WEIGHTS, in_memory, made

Files = dict[str, bytes]
NOTHING_SAID = 1 / (1 + exp(-(1.5 * -1.0 + 0.25)))


def probabilities(files: Files, *texts: str) -> list[float]:
    return [each.probability for each in made(files).classify([Post(text) for text in texts])]


def test_a_probability_is_that_of_the_line_on_the_head(files: Files) -> None:
    log_odds = 1.5 * ((2 * 4.0 - 0.5) / np.sqrt(5) - 1.0) + 0.25

    assert probabilities(files, "SsA") == pytest.approx([1 / (1 + exp(-log_odds))], abs=1e-6)


def test_of_no_text_it_says_what_it_says_of_nothing(files: Files) -> None:
    (judged,) = made(files).classify([Post("@ann  ")])

    assert judged.probability == pytest.approx(NOTHING_SAID)
    assert judged.modality == "none"


def test_a_batch_changes_nothing(files: Files) -> None:
    texts = ["so sad", "", "tea @ann", "s" * 5000, "\ud800 odd", "so sad"]

    one_by_one = [each for text in texts for each in probabilities(files, text)]

    assert probabilities(files, *texts) == pytest.approx(one_by_one, abs=1e-9)
    assert probabilities(files, *reversed(texts)) == pytest.approx(one_by_one[::-1], abs=1e-9)


def test_the_steps_of_the_manifest_are_taken(files: Files) -> None:
    assert probabilities(files, "TEA @sss   with milk") == probabilities(files, "tea with milk")


def test_no_more_of_a_text_is_read_than_the_model_says(files: Files) -> None:
    classifier = made(files)

    classifier.classify([Post("a" * 10_000)])

    assert [len(text) for text in classifier._encoder.asked[0]] == [2000]  # type: ignore[attr-defined]


def test_words_are_what_the_log_odds_would_lose_without_them(files: Files) -> None:
    (judged,) = made(files).classify([Post("sss quiet")], words=2)

    with_all, without = probabilities(files, "sss quiet", "quiet")
    lost = np.log(with_all / (1 - with_all)) - np.log(without / (1 - without))
    word, weight = judged.words[0]
    assert (word, round(weight, 6)) == ("sss", round(lost, 6))


def test_words_are_told_of_what_reaches_the_threshold_alone(files: Files) -> None:
    high, low = made(files).classify([Post("ssss"), Post("tea")], words=5)

    assert (bool(high.words), low.words) == (True, [])


def test_files_give_the_same_model_wherever_they_are(files: Files) -> None:
    assert made(files).version == made(dict(reversed(files.items()))).version
    assert len(made(files).version) == 12


def test_the_version_changes_with_whatever_a_probability_depends_on(files: Files) -> None:
    others: list[dict[str, Any]] = [
        {"bias": 0.0},
        {"threshold": 0.6},
        {"preprocessing": ["case"]},
        {"reading": 1},
        {"about": "gambling"},
    ]
    changed = {
        in_memory(files_of(replace(SAID, **other), KIND, {HEAD: npy_of(WEIGHTS)})).version for other in others
    }
    head = in_memory(files_of(SAID, KIND, {HEAD: npy_of(-WEIGHTS)})).version
    told = in_memory(files_of(replace(SAID, training={}), KIND, {HEAD: npy_of(WEIGHTS)}))

    assert len({*changed, head, made(files).version}) == len(others) + 2
    assert told.version == made(files).version


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"bias": None}, r"Expected `float`, got `null` - at `\$.bias`"),
        ({"bias": 1e999}, "Infinity is no number"),
        ({"threshold": 1.5}, "threshold"),
        ({"labels": ["one"]}, "labels"),
        ({"calibration": {"slope": -1.0, "intercept": 0.0}}, "slope"),
        ({"encoder": {"name": "letters"}}, "missing required field"),
        ({"bias": -2.0}, "for the content"),
        ({"version": "0123456789ab"}, "for the content"),
    ],
)
def test_a_manifest_that_says_what_no_model_is_is_refused(files: Files, changes: Any, found: str) -> None:
    manifest = json.loads(files["manifest.json"]) | changes

    with pytest.raises(ModelError, match=found) as refused:
        made({**files, "manifest.json": json.dumps(manifest).encode()})

    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("said", "head", "found"),
    [
        (
            {"preprocessing": ["magic"]},
            WEIGHTS,
            "step 'magic' of preprocessing, which this code",
        ),
        ({"reading": 9}, WEIGHTS, "reading 9 of texts"),
        ({}, WEIGHTS[1:], f"{len(LETTERS) - 1} weights for points of {len(LETTERS)} numbers"),
        ({}, np.full(len(LETTERS), np.inf), "not finite"),
    ],
)
def test_what_does_not_fit_together_is_refused(said: Any, head: Any, found: str) -> None:
    files = files_of(replace(SAID, **said), KIND, {HEAD: npy_of(head)})

    with pytest.raises(ModelError, match=found):
        made(files)
