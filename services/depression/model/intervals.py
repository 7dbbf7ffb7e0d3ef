"""How far measures could be otherwise, had other users of the same kind been looked at.

Bootstrap over users, who are drawn with replacement as whole: what is said of one is never split.
Source: Efron 1979, percentile intervals.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from services.depression.model.counts import Floats
from services.depression.model.scores import LATENCY_PENALTY

Bools = npt.NDArray[np.bool_]

DRAWS = 1000
_LOWEST, _HIGHEST = 2.5, 97.5


class Interval(NamedTuple):
    """Where 95 of 100 draws lie."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Draws:
    """Which users, (draws, users), each row a draw of as many users as there are."""

    chosen: npt.NDArray[np.intp]

    @classmethod
    def of(cls, users: int, seed: int, draws: int = DRAWS) -> "Draws":
        """Draw; the same seed gives the same users, so that two models can be compared draw by draw."""
        return cls(np.random.default_rng(seed).integers(users, size=(draws, users)))

    def measures(self, truth: Bools, alerted: Bools, posts: Floats) -> Mapping[str, Floats]:
        """Return each measure for each draw; as `measures`, of (users,)."""
        return measures(truth[self.chosen], alerted[self.chosen], posts[self.chosen])

    def areas(self, truth: Bools, values: Floats) -> Floats:
        """Return the area under the ROC curve for each draw, (draws,); nan for one without both classes."""
        return np.array([area(truth[each], values[each]) for each in self.chosen])


def measures(truth: Bools, alerted: Bools, posts: Floats) -> Mapping[str, Floats]:
    """Return each measure of `scores.Scores` by its name, of several draws or rules at once, (rows,).

    truth, alerted, posts  (rows, users)  whether positive, whether alerted, and after how many posts
    """
    hits = truth & alerted
    positives = truth.sum(1)
    precision = _shares(hits.sum(1), alerted.sum(1))
    recall = _shares(hits.sum(1), positives)
    f1 = _shares(2 * precision * recall, precision + recall)
    penalties = np.where(hits, np.tanh(0.5 * LATENCY_PENALTY * (posts - 1)), np.nan)
    speed = np.zeros(len(truth))
    some = hits.any(1)
    speed[some] = 1 - np.nanmedian(penalties[some], axis=1)
    false_alert = (positives / truth.shape[1])[:, None]
    return {
        "precision": precision,
        "recall": recall,
        "f1": f1,
        **{f"erde{o}": _erde(truth, alerted, posts - o, false_alert) for o in (5, 50)},
        "latency_f1": f1 * speed,
    }


def interval(drawn: Floats) -> Interval:
    """Return the interval of what was drawn; draws that say nothing are left out."""
    some = drawn[np.isfinite(drawn)]
    return Interval(*np.percentile(some, [_LOWEST, _HIGHEST]).tolist()) if len(some) else Interval(0.0, 1.0)


def area(truth: Bools, values: Floats) -> float:
    """Return the share of pairs of a positive and another user in which the positive has the higher value.

    Equal values count half; nan where either class is missing.
    """
    positives = int(truth.sum())
    others = len(truth) - positives
    if not positives or not others:
        return float("nan")
    order = np.sort(values)
    below = np.searchsorted(order, values, "left") + np.searchsorted(order, values, "right") + 1
    ranks = below[truth].sum() / 2
    return float((ranks - positives * (positives + 1) / 2) / (positives * others))


def _erde(truth: Bools, alerted: Bools, late: Floats, cost: Floats) -> Floats:
    of_hits = 0.5 * (1 + np.tanh(0.5 * late))
    costs = np.where(truth, np.where(alerted, of_hits, 1.0), np.where(alerted, cost, 0.0))
    means: Floats = costs.mean(1)
    return means


def _shares(part: npt.NDArray[np.generic], whole: npt.NDArray[np.generic]) -> Floats:
    shares: Floats = np.divide(part, whole, out=np.zeros(len(part)), where=np.asarray(whole) > 0)
    return shares
