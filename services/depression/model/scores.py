"""How well, and how early, users were told apart: the measures of the eRisk shared task."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

LATENCY_PENALTY = 0.0078


# How each measure of `Scores` is called.
MEASURES: Mapping[str, str] = {
    "precision": "P",
    "recall": "R",
    "f1": "F1",
    "erde5": "ERDE5",
    "erde50": "ERDE50",
    "latency_f1": "latency F1",
}


class Decision(NamedTuple):
    """What a method said of one user, and after how many of the user's posts it said so."""

    positive: bool
    posts: int


@dataclass(frozen=True, slots=True)
class Scores:
    """The measures of one method over all users; each lies between 0 and 1. Small is good for erde only."""

    precision: float
    recall: float
    f1: float
    erde5: float
    erde50: float
    latency_f1: float


def score(truth: Mapping[str, bool], decisions: Mapping[str, Decision]) -> Scores:
    """Set decisions beside the truth of the same users.

    Raises ValueError if there is no user, or the two do not name the same users.
    """
    if not truth or truth.keys() != decisions.keys():
        raise ValueError(
            f"the truth of {len(truth)} users, decisions on {len(decisions)}, not the same users"
        )
    pairs = [(truth[user], decision) for user, decision in decisions.items()]
    hits = [decision.posts for positive, decision in pairs if positive and decision.positive]
    precision = _share(len(hits), sum(decision.positive for _, decision in pairs))
    recall = _share(len(hits), sum(truth.values()))
    f1 = _share(2 * precision * recall, precision + recall)
    return Scores(precision, recall, f1, erde(pairs, 5), erde(pairs, 50), f1 * speed(hits))


def erde(pairs: Sequence[tuple[bool, Decision]], o: int) -> float:
    """Return the early risk detection error ERDE_o: the mean cost of the (truth, decision) `pairs`.

    A false positive costs the share of positive users, a false negative 1, a true negative 0, and a true
    positive after k posts 1 - 1 / (1 + e^(k - o)). Source: Losada and Crestani 2016.
    """
    false_positive = sum(positive for positive, _ in pairs) / len(pairs)
    costs = (_cost(positive, decision, o, false_positive) for positive, decision in pairs)
    return math.fsum(costs) / len(pairs)


def _cost(positive: bool, decision: Decision, o: int, false_positive: float) -> float:  # noqa: FBT001
    if not decision.positive:
        return float(positive)
    return _lateness(decision.posts - o) if positive else false_positive


def _lateness(posts_late: int) -> float:
    """Return 1 - 1 / (1 + e^x), written so that no user's history is long enough to overflow it."""
    return 0.5 * (1.0 + math.tanh(0.5 * posts_late))


def speed(hits: Sequence[int]) -> float:
    """Return 1 - the median of penalty(k) over true positives after k posts; 0 without any.

    penalty(k) = -1 + 2 / (1 + e^(-p·(k - 1))) with p = 0.0078: nothing after the first post, one half near
    the 142nd. F1 times this speed is the latency-weighted F1. Source: Sadeque, Xu and Bethard 2018, with the
    p of eRisk 2019 and later.
    """
    if not hits:
        return 0.0
    penalties = sorted(math.tanh(0.5 * LATENCY_PENALTY * (posts - 1)) for posts in hits)
    middle = len(penalties) // 2
    return 1.0 - (penalties[middle] + penalties[-middle - 1]) / 2


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
