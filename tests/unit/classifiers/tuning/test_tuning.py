"""An encoder that is tuned: what it learns, that it runs as it was trained, and what a kill costs."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest

pytest.importorskip("jax", reason="the extra tune is not installed")
pytest.importorskip("onnx", reason="the extra tune is not installed")
pytest.importorskip("tokenizers", reason="the extra classify is not installed")

from catenae import ConfigError
from services.classifiers.card import card_of
from services.classifiers.classifier import Post
from services.classifiers.encoders.choice import untuned
from services.classifiers.encoders.minilm import minilm_files, minilm_missing
from services.classifiers.encoders.onnx import ONNX, TOKENIZER, OnnxEncoder
from services.classifiers.kinds import load_classifier
from services.classifiers.splits import k_fold
from services.classifiers.tuning.bert import read_bert
from services.classifiers.tuning.checkpoint import Checkpoint
from services.classifiers.tuning.command import run_tuning
from services.classifiers.tuning.export import onnx_of
from services.classifiers.tuning.exported import exported_of, tokens_of
from services.classifiers.tuning.network import points_of_all
from services.classifiers.tuning.train import Epoch
from services.classifiers.tuning.tuned import some_of, tune
from services.depression.recipe import TrainingError
from services.models.folder import read_folder
from tests.unit.classifiers.tuning import tiny

# Of an extra that `make test` does without.
pytestmark = pytest.mark.long

TEXTS = ["so sad", "tea", "we and all it day " * 30, "nobody", "sun " * 255]


@pytest.fixture(scope="module")
def tuned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a model, tuned without a break."""
    folder = tmp_path_factory.mktemp("tuned") / "model"
    run_tuning(tiny.written(), None, folder, tiny.untuned(), tiny.RECIPE, tiny.TUNING)
    return folder


def test_the_graph_gives_the_points_of_the_network_whatever_is_beside_a_text() -> None:
    asked = tiny.untuned()
    shape, weights = read_bert(asked.config, asked.weights)

    points = points_of_all(weights, shape, tokens_of(asked.tokenizer, TEXTS, 256))
    found = OnnxEncoder(onnx_of(shape, weights), asked.tokenizer, threads=1).encode(TEXTS)

    assert np.abs(points - found).max() <= 1e-5
    assert np.abs(points[0] - points[1]).max() > 0.01


def test_a_graph_that_is_not_the_network_is_no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = tiny.untuned()
    shape, weights = read_bert(asked.config, asked.weights)
    other = {**weights, "embeddings.LayerNorm.bias": weights["embeddings.LayerNorm.bias"] + 1e-3}
    monkeypatch.setattr(
        "services.classifiers.tuning.exported.onnx_of", lambda shape, _: onnx_of(shape, other)
    )

    with pytest.raises(TrainingError, match="the graph is off by"):
        exported_of({"encoder": weights, "head": [0], "bias": 0}, shape, asked.tokenizer, TEXTS)


def test_an_encoder_that_learns_tells_posts_apart(tuned: Path) -> None:
    said = json.loads((tuned / "manifest.json").read_text())["training"]

    assert [said["posts"], said["parts"]] == [len(tiny.written().posts), [99, 13, 13]]
    losses = [each["loss"] for each in said["epochs"]]
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] < losses[0] / 2
    assert said["held_out"]["f1"] > 0.8
    assert said["graph_is_off_by"] <= 1e-5


def test_a_tuned_model_runs_without_what_trained_it(tuned: Path) -> None:
    program = (
        "import sys; sys.modules.update(dict.fromkeys(['jax', 'optax', 'onnx', 'sklearn']))\n"
        "from pathlib import Path\n"
        "from services.classifiers.kinds import load_classifier\n"
        "from services.classifiers.classifier import Post\n"
        f"print([p.probability for p in load_classifier(Path({str(tuned)!r})).classify([Post('sad so')])])"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    (there,) = json.loads(run.stdout)
    classifier = load_classifier(tuned)
    together = classifier.classify([Post("tea " * 200), Post("sad so"), Post("")])
    assert together[1].probability == pytest.approx(there, abs=1e-5)
    assert there > classifier.threshold


def test_a_picture_and_the_card_show_how_it_learned(tuned: Path) -> None:
    picture = ET.fromstring(tuned.with_name("model.svg").read_text())
    card = card_of(read_folder(tuned).manifest)

    assert len(list(picture.iter("{http://www.w3.org/2000/svg}polyline"))) == 4
    assert "| 13 posts that nothing was chosen by | |" in card
    assert "| epoch | loss | accuracy |" in card
    assert "licence CC0-1.0" in card


def test_killed_in_the_middle_it_goes_on_and_ends_the_same(tuned: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", tiny.__name__, str(tmp_path / "model")]
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as killed:
        assert killed.stdout
        first = killed.stdout.readline()
        killed.send_signal(signal.SIGKILL)
    assert not (tmp_path / "model").exists()
    assert [each.name[:12] for each in tmp_path.iterdir()] == ["model.tuning"]

    again = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)

    assert again.stdout.startswith(first)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["model", "model.svg"]
    assert (tmp_path / "model" / ONNX).read_bytes() == (tuned / ONNX).read_bytes()
    assert (tmp_path / "model" / "head.npy").read_bytes() == (tuned / "head.npy").read_bytes()


def test_what_is_trained_once_is_not_trained_again(tmp_path: Path) -> None:
    class Killed(Exception):
        pass

    def killed(number: int, _: Epoch) -> None:
        if number == 2:
            raise Killed

    told: list[int] = []
    with pytest.raises(Killed):
        tune(tiny.written(), tiny.untuned(), tiny.RECIPE, tiny.TUNING, tmp_path / "model", killed)
    (kept,) = tmp_path.iterdir()
    before = kept.stat().st_mtime_ns

    def tell(number: int, _: Epoch) -> None:
        told.append(number)
        assert (kept.stat().st_mtime_ns == before) is (number < 3)

    tune(tiny.written(), tiny.untuned(), tiny.RECIPE, tiny.TUNING, tmp_path / "model", tell)
    assert told == [1, 2, 3]


def test_a_training_of_other_posts_is_another(tmp_path: Path) -> None:
    kept = Checkpoint(tmp_path / "model", [b"these posts"])
    kept.save({"a": np.ones(3)}, {"epochs": []})

    assert Checkpoint(tmp_path / "model", [b"others"]).load({"a": np.ones(3)}) is None
    assert kept.load({"a": np.zeros(3)}) is not None


def test_a_damaged_checkpoint_is_one_line(tmp_path: Path) -> None:
    kept = Checkpoint(tmp_path / "model", [])
    kept.path.write_bytes(b"something else")

    with pytest.raises(ConfigError, match=r"no checkpoint .* Remove it to start anew"):
        kept.load({})


def test_some_posts_are_drawn_alike_each_time() -> None:
    labelled = tiny.written()

    assert some_of(labelled, 40, 1) == some_of(labelled, 40, 1) != some_of(labelled, 40, 2)
    assert len(some_of(labelled, 40, 1).posts) == 40
    assert some_of(labelled, 10**6, 1) == labelled


def test_posts_are_in_three_parts() -> None:
    (fit, by), (_, held) = list(k_fold(tiny.written(), 10, 3))[:2]

    assert set(by) <= set(range(125)) - set(held)
    assert len(np.setdiff1d(fit, held)) == 99


def test_the_english_encoder_is_that_of_its_weights_and_of_who_else_exported_it() -> None:
    if wrong := minilm_missing():
        pytest.skip(wrong)
    asked = untuned("minilm")
    shape, weights = read_bert(asked.config, asked.weights)
    texts = ["I feel so low today", "tea", "we went out, and it was fun! " * 20, "Ünïcödé 🙂"]

    points = points_of_all(weights, shape, tokens_of(asked.tokenizer, texts, 256))
    found = OnnxEncoder(onnx_of(shape, weights), asked.tokenizer, threads=1).encode(texts)
    others = minilm_files()
    rounded = OnnxEncoder(others[ONNX], others[TOKENIZER], threads=1).encode(texts)

    assert np.abs(points - found).max() <= 1e-5
    # In eight bits, by another exporter: nearly the same directions.
    assert (points * rounded).sum(axis=1).min() > 0.97
