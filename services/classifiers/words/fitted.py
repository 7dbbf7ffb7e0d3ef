"""Any of the kinds, fitted to texts in words, as it will run; and the proof that it is what was trained."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from services.classifiers.kinds.network import CNN_LSTM, LSTM, NETWORK, OnnxScorer
from services.classifiers.kinds.svm import SVM
from services.classifiers.kinds.words import VOCABULARY, Embedding, Scorer, known_words, numbered
from services.classifiers.measures import Bools
from services.classifiers.words.embeddings import Texts, vectors_of_nothing, word2vec, words_of
from services.classifiers.words.export import network_onnx
from services.classifiers.words.learning import Learning, Told, learn, log_odds_of_all
from services.classifiers.words.machines import Machine, machine_of_means, machine_of_presence
from services.classifiers.words.network import KERNELS, Shape, first_weights
from services.depression.model.picture import sigmoid
from services.depression.progress import Progress
from services.depression.recipe import TrainingError
from services.models.arrays import Floats

SHAPES: Mapping[str, Shape] = {LSTM: Shape(kernels=0), CNN_LSTM: Shape(kernels=KERNELS)}
KINDS = (SVM, *SHAPES)
# As far as a probability may be from that of what was trained.
NEAR = 1e-5
# What is no network has no order of words to lose.
_WORDS_OF_A_SUM = 1000
_HELD_AGAINST = 256


class Fitted(NamedTuple):
    """What judges texts in words, and all that a model keeps of it.

    words       their numbers
    numbers     what is more to it than files, by the names of fields of its manifest
    losses      of each iteration of a network
    off_by      the most by which a probability differs from that of what was trained
    """

    words: Mapping[str, int]
    scorer: Scorer
    contents: Mapping[str, bytes]
    numbers: Mapping[str, float]
    most_words: int
    losses: Sequence[float]
    off_by: float

    def scores(self, texts: Texts) -> Floats:
        """Return the score of each text, 0 where no word is known, (texts,)."""
        known = [known_words(text, self.words, self.most_words) for text in texts]
        there = [row for row, each in enumerate(known) if each]
        found = np.zeros(len(texts))
        if there:
            found[there] = self.scorer.scores([known[row] for row in there])
        return found


def fit(
    kind: str, embedding: Embedding, texts: Texts, truth: Bools, learning: Learning, progress: Progress
) -> Fitted:
    """Fit one of KINDS to texts in words, and which of them are positive.

    Raises TrainingError where no word is known, where a network learns nothing, and where what would run is
    not what was trained.
    """
    words = words_of(texts)
    numbers = numbered(words)
    most = _WORDS_OF_A_SUM if kind == SVM else learning.most_words
    known = [known_words(text, numbers, most) for text in texts]
    there = np.array([row for row, each in enumerate(known) if each], np.intp)
    told = Told([known[row] for row in there], truth[there])
    contents = {VOCABULARY: "\n".join(words).encode()}
    if kind == SVM:
        machine = _machine(embedding, words, texts, told, learning.seed)
        off_by = _off_by(machine.scores, machine.scorer.scores(told.texts))
        kept = {"gamma": machine.gamma, "bias": machine.bias}
        return Fitted(numbers, machine.scorer, {**contents, **machine.contents}, kept, most, [], off_by)
    vectors = (
        word2vec(words, texts, learning.seed)
        if embedding == "word2vec"
        else vectors_of_nothing(len(words), learning.seed)
    )
    shape = SHAPES[kind]
    weights, losses = learn(first_weights(shape, vectors, learning.seed), shape, told, learning, progress)
    graph = network_onnx(shape, weights)
    scorer = OnnxScorer(graph, len(words), threads=1)
    some = told.texts[:_HELD_AGAINST]
    off_by = _off_by(log_odds_of_all(weights, shape, some, learning.most_words), scorer.scores(some))
    return Fitted(numbers, scorer, {**contents, NETWORK: graph}, {}, most, losses, off_by)


def _machine(embedding: Embedding, words: Sequence[str], texts: Texts, told: Told, seed: int) -> Machine:
    if embedding == "word2vec":
        return machine_of_means(word2vec(words, texts, seed), told.texts, told.truth)
    return machine_of_presence(len(words), told.texts, told.truth)


def _off_by(trained: Floats, running: Floats) -> float:
    off_by = float(np.abs(sigmoid(trained) - sigmoid(running)).max())
    if not off_by <= NEAR:
        raise TrainingError(
            f"what would run is off by {off_by:g}, more than {NEAR:g}. Report it, with your versions"
        )
    return off_by
