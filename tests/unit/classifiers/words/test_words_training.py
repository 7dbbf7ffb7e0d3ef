"""Models of words that are trained: what they learn, and that they run as they were trained."""

import json
from pathlib import Path
from random import Random

import numpy as np
import pytest
from typer.testing import CliRunner

pytest.importorskip("jax", reason="the extra tune is not installed")
pytest.importorskip("gensim", reason="the extra tune is not installed")
pytest.importorskip("onnxruntime", reason="the extra classify is not installed")
pytest.importorskip("rjieba", reason="the extra chinese is not installed")

from services.classifiers.card import card_of
from services.classifiers.classifier import Post
from services.classifiers.kinds import load_classifier
from services.classifiers.kinds.network import OnnxScorer
from services.classifiers.kinds.words import Embedding
from services.classifiers.words import fitted
from services.classifiers.words.embeddings import word2vec, words_of
from services.classifiers.words.export import network_onnx
from services.classifiers.words.fitted import KINDS, SHAPES, fit
from services.classifiers.words.learning import Learning, log_odds_of_all
from services.classifiers.words.network import first_weights
from services.cli.application import app
from services.depression.recipe import TrainingError
from services.models.folder import read_folder

# Of an extra that `make test` does without.
pytestmark = pytest.mark.long

PLAIN = ("茶", "下雨", "周末", "电影", "同事", "作业")
SAD, GLAD = ("难过", "失眠", "疲惫"), ("开心", "散步", "唱歌")
LEARNING = Learning(iterations=60, most_words=12, batch_posts=32, rate=1e-2)


def posts(number: int, seed: int) -> tuple[list[list[str]], np.ndarray]:
    """Return texts in words, and which are positive: those with a sad word in them."""
    chance = Random(seed)
    truth = [each % 2 == 0 for each in range(number)]
    texts = [
        [*chance.choices(PLAIN, k=chance.randint(2, 9)), chance.choice(SAD if sad else GLAD)] for sad in truth
    ]
    for text in texts:
        chance.shuffle(text)
    return texts, np.array(truth)


@pytest.fixture
def collection(tmp_path: Path) -> Path:
    texts, truth = posts(240, seed=1)
    rows = [
        json.dumps({"text": "".join(text), "label": int(sad)}) for text, sad in zip(texts, truth, strict=True)
    ]
    (tmp_path / "posts.jsonl").write_text("\n".join(rows))
    return tmp_path / "posts.jsonl"


@pytest.mark.parametrize("embedding", ["one-hot", "word2vec"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_learns_and_runs_as_it_was_trained(kind: str, embedding: Embedding) -> None:
    texts, truth = posts(300, seed=2)

    found = fit(kind, embedding, texts[:200], truth[:200], LEARNING, lambda *_: None)

    assert np.mean((found.scores(texts[200:]) > 0) == truth[200:]) >= (0.9 if kind in SHAPES else 0.7)
    assert found.off_by <= 1e-5
    again = fit(kind, embedding, texts[:200], truth[:200], LEARNING, lambda *_: None)
    assert {**again.contents} == {**found.contents}


@pytest.mark.parametrize("kind", list(SHAPES))
def test_the_graph_says_what_the_network_says_whatever_is_beside_a_text(kind: str) -> None:
    vectors = np.random.default_rng(0).normal(0, 0.5, (9, 100)).astype(np.float32)
    weights = first_weights(SHAPES[kind], vectors, seed=3)
    texts = [[1], [9, 9], [1, 2, 3, 4, 5, 6, 7, 8], [3, 1, 2], [5] * 12, [2, 1, 3]]

    said = OnnxScorer(network_onnx(SHAPES[kind], weights), 9, threads=1).scores(texts)

    assert said == pytest.approx(log_odds_of_all(weights, SHAPES[kind], texts, 12), abs=1e-5)
    assert abs(said[3] - said[5]) > 1e-4  # whoever reads in order tells these apart


def test_a_graph_that_is_not_the_network_is_no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    texts, truth = posts(100, seed=4)
    monkeypatch.setattr(
        fitted,
        "network_onnx",
        lambda shape, weights: network_onnx(shape, {**weights, "head": weights["head"] * 1.01}),
    )

    with pytest.raises(TrainingError, match="what would run is off by"):
        fit("lstm", "one-hot", texts, truth, LEARNING, lambda *_: None)


def test_it_stops_at_the_error_that_is_asked_for() -> None:
    texts, truth = posts(200, seed=5)
    learning = Learning(iterations=400, most_words=12, batch_posts=32, rate=1e-2, error=0.02)

    found = fit("cnn_lstm", "one-hot", texts, truth, learning, lambda *_: None)

    assert 50 <= len(found.losses) < 400
    assert np.mean(found.losses[-50:]) <= 0.02 < np.mean(found.losses[-51:-1])


def test_words_among_which_one_stands_tell_it() -> None:
    chance = Random(6)
    places = (["早上", "咖啡", "面包"], ["晚上", "月亮", "星星"])
    texts = [chance.sample(place, 3) for place in places for _ in range(300)]
    words = words_of(texts)

    vectors = dict(zip(words, word2vec(words, texts, seed=0), strict=True))

    def near(one: str, other: str) -> float:
        return float(
            vectors[one] @ vectors[other] / np.linalg.norm(vectors[one]) / np.linalg.norm(vectors[other])
        )

    assert near("咖啡", "面包") > near("咖啡", "月亮") + 0.1


def test_posts_of_which_no_two_share_a_word_are_one_line() -> None:
    with pytest.raises(TrainingError, match="no word stands in two posts"):
        fit("lstm", "one-hot", [["茶"], ["雨"]], np.array([True, False]), LEARNING, lambda *_: None)


def test_the_table_of_the_paper_has_its_rows_times_and_pictures(collection: Path, tmp_path: Path) -> None:
    pictures = tmp_path / "pictures"
    arguments = ["methods", str(collection), "--table", "chinese", "--json", "--pictures", str(pictures)]

    result = CliRunner().invoke(app, arguments, catch_exceptions=False)

    told = json.loads(result.stdout)
    rows = [f"{name}, {words}" for words in ("word2vec", "one-hot") for name in ("SVM", "LSTM", "CNN+LSTM")]
    assert list(told["methods"]) == ["all positive", "TF-IDF + LR", *rows]
    assert told["folds"] == 1
    for row in rows:
        each = told["methods"][row]
        assert {"precision", "recall", "f1"} < each.keys()
        assert 0 < each["ms a text"]["mean"] < 50
        assert each["ms a text alone"]["mean"] > 0
    assert told["methods"]["CNN+LSTM, word2vec"]["f1"]["mean"] > 0.8
    assert "LSTM, one-hot, at last" in (pictures / "loss.svg").read_text()
    assert "CNN+LSTM, word2vec" in (pictures / "words.svg").read_text()


@pytest.mark.parametrize("kind", ["svm", "cnn_lstm"])
def test_a_model_is_trained_into_a_folder(kind: str, collection: Path, tmp_path: Path) -> None:
    model = tmp_path / "model"
    arguments = ["train", str(collection), "--kind", kind, "--model", str(model), "--iterations", "60"]

    result = CliRunner().invoke(app, [*arguments, "--about", "low mood"], catch_exceptions=False)

    assert result.exit_code == 0
    assert "posts that nothing was chosen by" in result.output
    classifier = load_classifier(model)
    sad, glad = classifier.classify([Post("周末失眠很难过[泪]"), Post("周末散步唱歌很开心[哈哈]")], words=5)
    assert sad.probability > glad.probability
    assert {word for word, _ in sad.words} <= {"周末", "失眠", "难过"}
    assert f"Kind {kind}" in card_of(read_folder(model).manifest)
    assert (tmp_path / "model.svg").exists() == (kind == "cnn_lstm")
