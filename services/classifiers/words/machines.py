"""The support vector machine: fitted by scikit-learn, kept as the numbers that its sum needs."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.sparse import csc_matrix, csr_matrix
from sklearn.svm import SVC

from services.classifiers.encoders.encoder import Points
from services.classifiers.kinds.svm import (
    MACHINES,
    STARTS,
    SUPPORT,
    VECTORS,
    MeanScorer,
    PresenceScorer,
    means,
)
from services.classifiers.kinds.words import Scorer, WordNumbers
from services.classifiers.measures import Bools
from services.models.arrays import Floats, npy_of

# As the source has it: Zuo, Informatica 48, 2024.
_COST = 1.0


class Machine(NamedTuple):
    """What was fitted, its numbers as files, and how scikit-learn scores the same texts, (texts,)."""

    scorer: Scorer
    contents: dict[str, bytes]
    gamma: float
    bias: float
    scores: Floats


def machine_of_means(vectors: Points, texts: Sequence[WordNumbers], truth: Bools) -> Machine:
    """Fit a machine to the means of vectors (words, dimensions) of texts, none of them empty."""
    table = vectors.astype(np.float64)
    points = means(table, texts)
    fitted = SVC(kernel="sigmoid", C=_COST).fit(points, truth)
    support, bias = fitted.dual_coef_[0], float(fitted.intercept_[0])
    contents = {
        VECTORS: npy_of(table.ravel()),
        MACHINES: npy_of(fitted.support_vectors_.ravel()),
        SUPPORT: npy_of(support),
    }
    gamma = _gamma(float(points.var()), points.shape[1])
    scorer = MeanScorer(table, fitted.support_vectors_, support, gamma, bias)
    return Machine(scorer, contents, gamma, bias, fitted.decision_function(points))


def machine_of_presence(words: int, texts: Sequence[WordNumbers], truth: Bools) -> Machine:
    """Fit a machine to which of so many words are in texts, none of them empty."""
    rows = presence(words, texts)
    fitted = SVC(kernel="sigmoid", C=_COST).fit(rows, truth)
    # Of libsvm's sparse form the one of the two that is dense.
    support, bias = np.asarray(fitted.dual_coef_.todense()).ravel(), float(fitted.intercept_[0])
    by_word = csc_matrix(fitted.support_vectors_)
    starts, machines = by_word.indptr.astype(np.int64), by_word.indices.astype(np.int64)
    contents = {
        STARTS: npy_of(starts.astype(np.float64)),
        MACHINES: npy_of(machines.astype(np.float64)),
        SUPPORT: npy_of(support),
    }
    share = float(rows.mean())
    gamma = _gamma(share - share**2, words)
    scorer = PresenceScorer(machines, starts, support, gamma, bias)
    return Machine(scorer, contents, gamma, bias, fitted.decision_function(rows))


def presence(words: int, texts: Sequence[WordNumbers]) -> csr_matrix:
    """Return 1 for each word that is in a text, sparse, (texts, words)."""
    there = [sorted(set(text)) for text in texts]
    columns = np.concatenate(there) - 1
    starts = np.cumsum([0, *map(len, there)])
    return csr_matrix((np.ones(len(columns)), columns, starts), shape=(len(texts), words))


def _gamma(variance: float, numbers: int) -> float:
    """Return the scale of the kernel that scikit-learn takes unless told otherwise."""
    return 1 / (numbers * variance) if variance else 1.0
