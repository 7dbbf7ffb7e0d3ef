"""Kinds "svm", "lstm" and "cnn_lstm" as they run: known words, a score, a line, and what weighed most."""

import sys
from functools import cache
from math import exp, tanh

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from services.classifiers.card import card_of
from services.classifiers.classifier import Post, PostClassifier
from services.classifiers.kinds import classifier_of
from services.classifiers.kinds.network import CNN_LSTM, LSTM, NETWORK
from services.classifiers.kinds.svm import MACHINES, STARTS, SUPPORT, SVM, VECTORS
from services.classifiers.kinds.words import VOCABULARY
from services.classifiers.manifest import files_of
from services.models.arrays import npy_of
from services.models.folder import MANIFEST, ModelError
from tests.unit.classifiers.conftest import in_memory
from tests.unit.classifiers.words_files import network_files, said, sum_of_weights, svm_files

KINDS = ("one-hot", "word2vec", LSTM, CNN_LSTM)
every_kind = pytest.mark.parametrize("kind", KINDS)


def made(kind: str) -> PostClassifier:
    """Return a classifier of one of the networks, or a machine on such words."""
    if kind in {LSTM, CNN_LSTM}:
        pytest.importorskip("onnxruntime", reason="the extra classify is not installed")
        return classifier_of(in_memory(network_files(kind, sum_of_weights())))
    return classifier_of(in_memory(svm_files("one-hot" if kind == "one-hot" else "word2vec")))


# Hypothesis draws many texts for one classifier.
kept = cache(made)


def probability(score: float) -> float:
    """Return what the line makes of a score."""
    return 1 / (1 + exp(-(2.0 * score - 0.5)))


@pytest.mark.parametrize(
    ("kind", "score"),
    [
        ("one-hot", 1.5 * tanh(0.5) - 2.0 * tanh(0.5) + 0.5 * tanh(1.0) + 0.25),
        ("word2vec", 1.5 * tanh(0.75) - 2.0 * tanh(-0.5625) + 0.5 * tanh(0.09375) + 0.25),
        (LSTM, 2.0),
        (CNN_LSTM, 2.0),
    ],
)
def test_a_probability_is_that_of_the_score_of_the_known_words(kind: str, score: float) -> None:
    (judged,) = made(kind).classify([Post("难过 不知道 茶 [高兴]")])

    assert judged.probability == pytest.approx(probability(score), abs=1e-6)
    assert judged.modality == "text"


@every_kind
@pytest.mark.parametrize("text", ["", "不知道", "[高兴]", "\ud800"])
def test_of_no_known_word_it_says_what_it_says_of_nothing(kind: str, text: str) -> None:
    (judged,) = made(kind).classify([Post(text)], words=3)

    assert (judged.probability, judged.words, judged.modality) == (probability(0.0), [], "none")


@every_kind
def test_what_stands_beside_a_post_changes_nothing(kind: str) -> None:
    classifier, chance = made(kind), np.random.default_rng(0)
    words = ["难过", "高兴", "喝", "茶", "别的"]
    posts = [Post(" ".join(chance.choice(words, chance.integers(0, 9)))) for _ in range(150)]

    alone = [classifier.classify([post])[0].probability for post in posts]

    assert [each.probability for each in classifier.classify(posts)] == pytest.approx(alone, abs=1e-9)
    backwards = classifier.classify(posts[::-1])
    assert [each.probability for each in backwards] == pytest.approx(alone[::-1], abs=1e-9)


def test_of_one_hot_words_it_counts_that_one_is_there_and_not_how_often() -> None:
    once, often = made("one-hot").classify([Post("难过 茶"), Post("难过 茶 难过 难过")])

    assert often.probability == once.probability


@every_kind
@given(text=st.text() | st.text(st.sampled_from("难过高兴喝茶 \n[]@。１\ud800a")))
def test_any_text_is_judged(kind: str, text: str) -> None:
    (judged,) = kept(kind).classify([Post(text)], words=3)

    assert 0 <= judged.probability <= 1
    assert len(judged.words) <= 3


@every_kind
def test_no_more_known_words_are_read_than_the_model_says(kind: str) -> None:
    first, all_of_it = made(kind).classify([Post("难过 " * 6), Post("别的 " + "难过 " * 6 + "高兴")])

    assert all_of_it.probability == first.probability


@every_kind
def test_words_are_what_the_log_odds_would_lose_without_them(kind: str) -> None:
    classifier = made(kind)

    (judged,) = classifier.classify([Post("喝 难过 茶 难过")], words=3)

    with_all, without = (
        np.log(each.probability / (1 - each.probability))
        for each in classifier.classify([Post("喝 难过 茶 难过"), Post("喝 茶")])
    )
    assert dict(judged.words)["难过"] == pytest.approx(with_all - without, abs=1e-5)
    weights = [abs(weight) for _, weight in judged.words]
    assert weights == sorted(weights, reverse=True)
    assert len(classifier.classify([Post("喝 难过 茶 难过")], words=2)[0].words) == 2


@every_kind
def test_words_are_told_of_what_reaches_the_threshold_alone(kind: str) -> None:
    high, low = made(kind).classify([Post("难过"), Post("高兴 茶")], words=5)

    assert high.probability > 0.5 > low.probability
    assert [word for word, _ in high.words] == ["难过"]
    assert low.words == []


@pytest.mark.parametrize(
    ("contents", "found"),
    [
        ({VOCABULARY: "难过\n难过\n喝\n茶".encode()}, "one word a line, each once"),
        ({VOCABULARY: b"\xff"}, "not UTF-8"),
        ({VOCABULARY: "难过\n高兴\n喝 茶\n茶".encode()}, "one word a line"),
        ({MACHINES: npy_of(np.array([0.0, 1, 3, 1, 2, 0]))}, "a number that is none of 0 … 2"),
        ({MACHINES: npy_of(np.array([0.0, 1, 0.5, 1, 2, 0]))}, "a number that is none of 0 … 2"),
        ({STARTS: npy_of(np.array([0.0, 3, 2, 4, 6]))}, "does not say where words begin"),
        ({STARTS: npy_of(np.array([0.0, 2, 6]))}, "does not say where words begin"),
        ({SUPPORT: npy_of(np.array([1.0, np.nan, 2.0]))}, "a number that is not finite"),
    ],
)
def test_a_machine_whose_parts_do_not_fit_is_one_line(contents: dict[str, bytes], found: str) -> None:
    files = {name: content for name, content in svm_files("one-hot").items() if name != MANIFEST}

    with pytest.raises(ModelError, match=found):
        classifier_of(in_memory(files_of(said("one-hot"), SVM, {**files, **contents})))


def test_a_machine_of_vectors_that_are_not_those_of_its_words_is_one_line() -> None:
    files = {name: content for name, content in svm_files("word2vec").items() if name != MANIFEST}
    fewer = {VECTORS: npy_of(np.ones(7))}

    with pytest.raises(ModelError, match="7 and 6 numbers for 4 words"):
        classifier_of(in_memory(files_of(said(), SVM, {**files, **fewer})))


@pytest.mark.parametrize(
    ("network", "found"),
    [
        (b"nothing", "no ONNX"),
        (sum_of_weights(second="lens"), r"a graph that takes \('ids', 'lens'\)"),
        (sum_of_weights(np.ones(3, np.float32).tobytes()), "no network"),
        (sum_of_weights(np.full(5, np.inf, np.float32).tobytes()), "where a network returns"),
    ],
)
def test_a_graph_that_is_no_network_is_one_line(network: bytes, found: str) -> None:
    pytest.importorskip("onnxruntime", reason="the extra classify is not installed")

    with pytest.raises(ModelError, match=found) as refused:
        classifier_of(in_memory(network_files(LSTM, network)))

    assert refused.value.path.name == NETWORK


def test_its_card_says_what_its_words_are() -> None:
    card = card_of(in_memory(svm_files("one-hot")).manifest)

    assert "- Kind svm; classes: 'no' and 'yes', the second looked for" in card
    assert "- Words begin as one-hot; reads the first 6 of a post" in card


def test_a_machine_without_its_package_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "threadpoolctl", None)

    with pytest.raises(ModelError, match=r"threadpoolctl is not installed. Install the extra chinese"):
        made("word2vec")


def test_a_step_that_is_not_installed_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    files = {name: content for name, content in svm_files("word2vec").items() if name != MANIFEST}
    chinese = structs.replace(said(), preprocessing=["segments"])
    monkeypatch.setitem(sys.modules, "rjieba", None)

    with pytest.raises(ModelError, match=r"needs package rjieba. Install the extra chinese"):
        classifier_of(in_memory(files_of(chinese, SVM, files)))
