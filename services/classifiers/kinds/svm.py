"""Kind "svm": a support vector machine with a sigmoid kernel on the words of a post, whatever their order.

support.npy    (machines,)             weight of each support vector
machines.npy   word2vec: (machines · dimensions,), the vectors; one-hot: which of them have each word
vectors.npy    word2vec: (words · dimensions,), what x is the mean of
starts.npy     one-hot: (words + 1,), where in machines.npy each word begins, and where the last ends

    s = Σᵢ αᵢ·tanh(γ·xᵢ·x) + b

Of one-hot words x is 1 for each that is there, and 0 for all others. Source of the kernel: Lin and Lin 2003.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from services.classifiers.kinds.words import (
    Scorer,
    WordNumbers,
    WordsClassifier,
    WordsSaid,
    vocabulary_of,
    words_classifier,
)
from services.classifiers.manifest import Number, said_by
from services.models.arrays import Floats, array_of
from services.models.folder import MANIFEST, ModelError, ModelFiles

SVM = "svm"
SUPPORT, MACHINES, VECTORS, STARTS = "support.npy", "machines.npy", "vectors.npy", "starts.npy"
_TOGETHER = 64

Whole = npt.NDArray[np.int64]


class SvmSaid(WordsSaid, frozen=True, kw_only=True):
    """What the manifest of such a model says."""

    gamma: Number
    bias: Number


class MeanScorer:
    """Scores texts by the mean of the vectors of their words, in one thread: more would wait for each other.

    vectors   (words, dimensions)
    machines  (machines, dimensions)
    support   (machines,)

    Making one raises ImportError without the extra chinese.
    """

    def __init__(self, vectors: Floats, machines: Floats, support: Floats, gamma: float, bias: float) -> None:
        # Only what runs such a model has it installed.
        from threadpoolctl import ThreadpoolController  # noqa: PLC0415

        self._threads = ThreadpoolController()
        self._vectors, self._machines = vectors, np.ascontiguousarray(machines.T)
        self._support, self._gamma, self._bias = support, gamma, bias

    def scores(self, texts: Sequence[WordNumbers]) -> Floats:
        found = np.empty(len(texts))
        with self._threads.limit(limits=1, user_api="blas"):
            for start in range(0, len(texts), _TOGETHER):
                some = texts[start : start + _TOGETHER]
                kernel = np.tanh(self._gamma * (means(self._vectors, some) @ self._machines))
                found[start : start + len(some)] = kernel @ self._support + self._bias
        return found


class PresenceScorer:
    """Scores texts by which words are there.

    machines  which support vectors have a word, word by word
    starts    (words + 1,)  where in it each word begins
    support   (machines,)
    """

    def __init__(self, machines: Whole, starts: Whole, support: Floats, gamma: float, bias: float) -> None:
        self._with_word = np.split(machines, starts[1:-1])
        self._support, self._gamma, self._bias = support, gamma, bias

    def scores(self, texts: Sequence[WordNumbers]) -> Floats:
        found = np.empty(len(texts))
        for row, text in enumerate(texts):
            words = set(text)
            common = np.bincount(
                np.concatenate([self._with_word[number - 1] for number in words]),
                minlength=len(self._support),
            )
            kernel = np.tanh(self._gamma * np.arange(len(words) + 1))[common]
            found[row] = kernel @ self._support + self._bias
        return found


def means(vectors: Floats, texts: Sequence[WordNumbers]) -> Floats:
    """Return the mean of the vectors of the words of each text, (texts, dimensions)."""
    return np.array([vectors[np.array(text) - 1].mean(axis=0) for text in texts])


def svm_of(files: ModelFiles) -> WordsClassifier:
    """Return the classifier that the files make; raise ModelError where they make none."""
    said, words = said_by(files, SvmSaid), vocabulary_of(files)
    try:
        scorer = _scorer(files, said, len(words))
    except ValueError as error:
        raise files.not_a_model(error) from error
    except ImportError as error:
        found = f"{error.name} is not installed"
        raise ModelError(files.place / MANIFEST, found, "Install the extra chinese") from error
    return words_classifier(files, said, words, scorer)


def _scorer(files: ModelFiles, said: SvmSaid, words: int) -> Scorer:
    support, machines = (_finite(files, name) for name in (SUPPORT, MACHINES))
    if said.embedding == "word2vec":
        vectors = _finite(files, VECTORS)
        dimensions = len(vectors) // words
        if len(vectors) != words * dimensions or len(machines) != len(support) * dimensions or not dimensions:
            raise ValueError(f"{len(vectors)} and {len(machines)} numbers for {words} words")
        return MeanScorer(
            vectors.reshape(words, dimensions),
            machines.reshape(len(support), dimensions),
            support,
            said.gamma,
            said.bias,
        )
    starts = _whole(_finite(files, STARTS), len(machines))
    if (
        len(starts) != words + 1
        or starts[0] != 0
        or starts[-1] != len(machines)
        or np.any(np.diff(starts) < 0)
    ):
        raise ValueError(f"{STARTS} that does not say where words begin")
    return PresenceScorer(_whole(machines, len(support) - 1), starts, support, said.gamma, said.bias)


def _finite(files: ModelFiles, name: str) -> Floats:
    numbers = array_of(files.content(name))
    if not np.all(np.isfinite(numbers)):
        raise ValueError(f"{name} with a number that is not finite")
    return numbers


def _whole(numbers: Floats, most: int) -> Whole:
    found = numbers.astype(np.int64)
    if np.any(found != numbers) or np.any(found < 0) or np.any(found > most):
        raise ValueError(f"a number that is none of 0 … {most}")
    return found
