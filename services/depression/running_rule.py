"""The rule by which a model runs, chosen on users held out: prior, calibration, threshold."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from services.depression.calibrate import calibrate
from services.depression.model import picture
from services.depression.model.assessment import Assessment, Quality, assess, quality
from services.depression.model.certainty import Calibration, Certainty
from services.depression.model.counts import Floats
from services.depression.model.course import Written
from services.depression.model.intervals import Draws, measures
from services.depression.model.policies import at_first, is_worth_an_alert
from services.depression.model.reliability import said
from services.depression.recipe import Recipe

THRESHOLDS = np.round(np.arange(0.05, 0.951, 0.01), 2)
# A threshold is judged together with its neighbours: the best of few users is a peak that others do not have.
_NEIGHBOURS = 5


@dataclass(frozen=True, slots=True)
class HeldOut:
    """One user held out: what the model that was fitted on the other folds makes of each post, (posts,).

    dot, squared_norm  Σ w·f·c and Σ (f·c)² after each post; `bias` of that model
    """

    written: Written
    fold: int
    is_positive: bool
    dot: Floats
    squared_norm: Floats
    bias: float

    def scores(self, prior: float) -> Floats:
        """Return the score after each post with an evidence prior."""
        return picture.score(self.dot, self.squared_norm, self.bias, prior)


class RunningRule(NamedTuple):
    """What was chosen, and how it does on users held out of the fit and of the calibration."""

    certainty: Certainty
    threshold: float
    assessment: Assessment
    quality: Quality


class _Tried(NamedTuple):
    prior: float
    probabilities: Sequence[Floats]
    threshold: float
    worth: float


def choose_rule(users: Sequence[HeldOut], recipe: Recipe) -> RunningRule:
    """Return the rule of the best F1 and latency-weighted F1, as it decides at the end of each hour.

    What the recipe gives is not chosen. Of priors that do as well, the largest. A threshold is above the
    share of the positive users, and above all that is said with fewer posts than are needed.
    """
    best = max(
        (_try(users, prior, recipe) for prior in recipe.priors), key=lambda tried: (tried.worth, tried.prior)
    )
    calibration = _calibration(users, best.prior) if recipe.is_calibrated else None
    truth = {str(number): user.is_positive for number, user in enumerate(users)}
    decisions = {
        name: at_first(is_worth_an_alert(probability, user.written.ends, best.threshold, recipe.min_posts))
        for name, probability, user in zip(truth, best.probabilities, users, strict=True)
    }
    positive = list(truth.values())
    draws = Draws.of(len(users), recipe.seed)
    return RunningRule(
        Certainty(best.prior, calibration, recipe.min_posts),
        best.threshold,
        assess(truth, decisions, draws),
        quality(positive, best.probabilities, said(best.probabilities, positive), draws),
    )


def _try(users: Sequence[HeldOut], prior: float, recipe: Recipe) -> _Tried:
    if recipe.is_calibrated:
        by_fold = {
            fold: _calibration([user for user in users if user.fold != fold], prior)
            for fold in {user.fold for user in users}
        }
        probabilities = [
            picture.sigmoid(by_fold[user.fold].log_odds(user.scores(prior), user.written.posts))
            for user in users
        ]
    else:
        probabilities = [picture.sigmoid(user.scores(prior)) for user in users]
    worth = _worth(users, probabilities, recipe.min_posts)
    if recipe.threshold is not None:
        return _Tried(
            prior, probabilities, recipe.threshold, float(np.interp(recipe.threshold, THRESHOLDS, worth))
        )
    # Neither who they are among the users at large nor the first posts alone are to be worth an alert.
    early = max(float(each[: recipe.min_posts - 1].max(initial=0.0)) for each in probabilities)
    lowest = max(early, float(np.mean([user.is_positive for user in users])))
    best = int(np.where(lowest < THRESHOLDS, worth, -1.0).argmax())
    return _Tried(prior, probabilities, float(THRESHOLDS[best]), float(worth[best]))


def _calibration(users: Sequence[HeldOut], prior: float) -> Calibration:
    scores = said([user.scores(prior) for user in users], [user.is_positive for user in users])
    return calibrate(scores.thinned())


def _worth(users: Sequence[HeldOut], probabilities: Sequence[Floats], min_posts: int) -> Floats:
    """Return F1 and latency-weighted F1 together for each of THRESHOLDS, a mean over its neighbours."""
    alerted = np.zeros((len(THRESHOLDS), len(users)), np.bool_)
    posts = np.zeros(alerted.shape)
    for number, (user, probability) in enumerate(zip(users, probabilities, strict=True)):
        judged = np.where(user.written.ends & (user.written.posts >= min_posts), probability, 0.0)
        reached = np.searchsorted(np.maximum.accumulate(judged), THRESHOLDS)
        alerted[:, number] = reached < len(judged)
        posts[:, number] = reached + 1
    truth = np.broadcast_to([user.is_positive for user in users], alerted.shape)
    found = measures(truth, alerted, posts)
    padded = np.pad(found["f1"] + found["latency_f1"], _NEIGHBOURS, mode="edge")
    return np.convolve(padded, np.ones(2 * _NEIGHBOURS + 1) / (2 * _NEIGHBOURS + 1), mode="valid")
