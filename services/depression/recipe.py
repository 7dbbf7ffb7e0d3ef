"""What a training is asked for, and what it tells; most commands never load what it takes to do it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

ClassWeight = float | Literal["balanced"]


class TrainingError(Exception):
    """A collection that no model can be trained on; says what was found and what to do."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """The choices of a training; the defaults are the paper's.

    min_df         users that must have used a word; 0 stands for a share of the users, and at least 2
    penalty        "l1" leaves few words with a weight, "l2" many
    strengths      inverse regularisation strengths C to try
    class_weights  weights of the positive class to try, in (0, 1); the negative class has the rest
    threshold      probability from which the running model alerts
    """

    min_df: int = 0
    penalty: Literal["l1", "l2"] = "l1"
    strengths: Sequence[float] = (1, 2, 4, 8, 16, 32, 64)
    class_weights: Sequence[ClassWeight] = ("balanced", 0.8, 0.5)
    folds: int = 4
    threshold: float = 0.5
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Trial:
    """One choice of parameters and the F1 of the users held out, all folds pooled."""

    strength: float
    class_weight: ClassWeight
    f1: float


@dataclass(frozen=True, slots=True)
class Report:
    """What a training saw and chose; `trials` in the order they were made."""

    users: int
    positives: int
    terms: int
    terms_with_weight: int
    min_df: int
    best: Trial
    trials: Sequence[Trial]
