"""How well posts were told apart: precision, recall, F1 and accuracy, over folds, with their spread."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean, pstdev

import numpy as np
import numpy.typing as npt

Bools = npt.NDArray[np.bool_]

MEASURES = ("accuracy", "precision", "recall", "f1")


@dataclass(frozen=True, slots=True)
class Measures:
    """Of the positive class, but for accuracy; 0 where nothing is there to be a share of."""

    accuracy: float
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True)
class Spread:
    """The mean of a measure over folds, and its standard deviation among them."""

    mean: float
    deviation: float


def measured(truth: Bools, said: Bools) -> Measures:
    """Set what was said beside the truth, (posts,) both."""
    hits = int(np.sum(truth & said))
    precision, recall = _share(hits, int(said.sum())), _share(hits, int(truth.sum()))
    f1 = _share(2 * hits, int(said.sum()) + int(truth.sum()))
    return Measures(_share(int(np.sum(truth == said)), len(truth)), precision, recall, f1)


def over_folds(folds: Sequence[Measures]) -> dict[str, Spread]:
    """Return each measure over folds, by name."""
    return {name: spread([getattr(each, name) for each in folds]) for name in MEASURES}


def spread(values: Sequence[float]) -> Spread:
    """Return mean and standard deviation of one value or more."""
    return Spread(mean(values), pstdev(values))


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
