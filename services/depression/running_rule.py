"""The rule by which a model runs, chosen on users held out: prior, calibration, threshold."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from sklearn.linear_model import LogisticRegression

from services.depression.calibrate import calibrate
from services.depression.model import picture
from services.depression.model.assessment import Assessment, Quality, assess, quality
from services.depression.model.certainty import Calibration, Certainty
from services.depression.model.counts import Floats
from services.depression.model.course import Written
from services.depression.model.evidence import (
    SERIES,
    WORDS_AND_STRONGEST,
    EvidenceRules,
    Signs,
    reached,
    strongest,
)
from services.depression.model.intervals import Bools, Draws, measures
from services.depression.model.policies import at_first, is_worth_an_alert
from services.depression.model.reliability import said
from services.depression.recipe import Recipe

THRESHOLDS = np.round(np.arange(0.05, 0.951, 0.01), 2)
# A threshold is judged together with its neighbours: the best of few users is a peak that others do not have.
_NEIGHBOURS = 5
# How many thresholds of rules that add up single posts are tried.
_HEIGHTS = 40
# Of inverse regularisation: two columns and hundreds of users need hardly any.
_LOOSE = 100.0


@dataclass(frozen=True, slots=True)
class HeldOut:
    """One user held out: what the model that was fitted on the other folds makes of each post, (posts,).

    idf, weights, bias  of that model
    dot, squared_norm   Σ w·f·c and Σ (f·c)² after each post
    """

    written: Written
    fold: int
    is_positive: bool
    idf: Floats
    weights: Floats
    bias: float
    dot: Floats
    squared_norm: Floats

    def scores(self, prior: float) -> Floats:
        """Return the score after each post with an evidence prior."""
        return picture.score(self.dot, self.squared_norm, self.bias, prior)


class RunningRule(NamedTuple):
    """What was chosen, and how it does on users held out of the fit and of the calibration.

    others         what the rules need that add up single posts
    probabilities  of each user after each post
    """

    certainty: Certainty
    threshold: float
    assessment: Assessment
    quality: Quality
    others: EvidenceRules
    probabilities: Sequence[Floats]


class _Tried(NamedTuple):
    prior: float
    log_odds: Sequence[Floats]
    threshold: float
    worth: float

    @property
    def probabilities(self) -> list[Floats]:
        return [picture.sigmoid(each) for each in self.log_odds]


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
        Certainty(best.prior, calibration, recipe.min_posts, holds_few=recipe.min_posts > 1),
        best.threshold,
        assess(truth, decisions, draws),
        quality(positive, best.probabilities, said(best.probabilities, positive), draws),
        _evidence_rules(users, best, recipe.min_posts),
        best.probabilities,
    )


def _try(users: Sequence[HeldOut], prior: float, recipe: Recipe) -> _Tried:
    if recipe.is_calibrated:
        by_fold = {
            fold: _calibration([user for user in users if user.fold != fold], prior)
            for fold in {user.fold for user in users}
        }
        log_odds = [by_fold[user.fold].log_odds(user.scores(prior), user.written.posts) for user in users]
    else:
        log_odds = [user.scores(prior) for user in users]
    probabilities = [picture.sigmoid(each) for each in log_odds]
    worth = _worth(users, probabilities, recipe.min_posts)
    if recipe.threshold is not None:
        return _Tried(
            prior, log_odds, recipe.threshold, float(np.interp(recipe.threshold, THRESHOLDS, worth))
        )
    # Neither who they are among the users at large nor the first posts alone are to be worth an alert.
    early = max(float(each[: recipe.min_posts - 1].max(initial=0.0)) for each in probabilities)
    lowest = max(early, float(np.mean([user.is_positive for user in users])))
    best = int(np.where(lowest < THRESHOLDS, worth, -1.0).argmax())
    return _Tried(prior, log_odds, float(THRESHOLDS[best]), float(worth[best]))


def _calibration(users: Sequence[HeldOut], prior: float) -> Calibration:
    scores = said([user.scores(prior) for user in users], [user.is_positive for user in users])
    return calibrate(scores.thinned())


def _evidence_rules(users: Sequence[HeldOut], best: _Tried, min_posts: int) -> EvidenceRules:
    """Choose a threshold for each rule, among the heights that its series reaches."""
    evidence = [user.written.evidence(user.idf, user.weights, best.prior) for user in users]
    means = np.array([each.mean() for each in evidence])
    truth = np.array([user.is_positive for user in users])
    middle = float((means[truth].mean() + means[~truth].mean()) / 2)
    signs = [
        Signs(each - middle, user.written.days, log_odds)
        for user, each, log_odds in zip(users, evidence, best.log_odds, strict=True)
    ]
    weight = _weight_of_strongest(signs, truth)
    thresholds = {}
    for name, of_rule in SERIES.items():
        series = [of_rule(each, weight) for each in signs]
        peaks = np.array([each.max() for each in series])
        # What adds up evidence begins with none.
        lowest = -np.inf if name == WORDS_AND_STRONGEST else 0.0
        tried = np.unique(np.quantile(np.maximum(peaks, lowest), np.linspace(0.5, 1, _HEIGHTS)))
        alerted = np.zeros((len(tried), len(users)), np.bool_)
        posts = np.zeros(alerted.shape)
        for column, (user, each) in enumerate(zip(users, series, strict=True)):
            for row, threshold in enumerate(tried):
                worth = reached(name, each, threshold) & user.written.ends
                worth[: min_posts - 1] = False
                alerted[row, column], posts[row, column] = at_first(worth)
        found = measures(np.broadcast_to(truth, alerted.shape), alerted, posts)
        thresholds[name] = float(tried[int((found["f1"] + found["latency_f1"]).argmax())])
    return EvidenceRules(middle, thresholds, weight)


def _weight_of_strongest(signs: Sequence[Signs], truth: Bools) -> float:
    """Return how much the strongest posts say beside all words: by logistic regression, never below 0."""
    words = said([each.log_odds for each in signs], truth.tolist())
    strong = said([strongest(each.evidence) for each in signs], truth.tolist())
    columns = np.stack([words.values, strong.values], axis=1)
    fitted = LogisticRegression(C=_LOOSE).fit(columns, words.truth, words.weights)
    of_words, of_strongest = fitted.coef_[0]
    return float(max(0.0, of_strongest) / of_words) if of_words > 0 else 0.0


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
