"""What is to be known of decisions and probabilities before anybody relies on them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from services.depression.model.counts import Floats
from services.depression.model.intervals import Bools, Draws, Interval, area, interval
from services.depression.model.reliability import Reliability, Said, by_stratum, reliability
from services.depression.model.scores import Decision, Scores, score

# Alerts of users who are not positive are counted up to so many posts.
EARLY = (3, 10)


@dataclass(frozen=True, slots=True)
class Assessment:
    """The decisions of one method.

    intervals     measure → where it lies in 95 of 100 draws of the users
    false_alerts  posts → how many of those who are not positive were alerted within so many
    """

    scores: Scores
    intervals: Mapping[str, Interval]
    true_positives: int
    false_positives: int
    false_negatives: int
    true_negatives: int
    false_alerts: Mapping[int, int]

    def to_json(self) -> dict[str, Any]:
        """Return it with the measures at the top."""
        found = asdict(self)
        return {**found.pop("scores"), **found}


def assess(truth: Mapping[str, bool], decisions: Mapping[str, Decision], draws: Draws) -> Assessment:
    """Set decisions beside the truth of the same users; raises as `score`."""
    scores = score(truth, decisions)
    positive, alerted, posts = columns(truth, decisions)
    drawn = draws.measures(positive, alerted, posts)
    early = {most: int((alerted & ~positive & (posts <= most)).sum()) for most in EARLY}
    return Assessment(
        scores,
        {measure: interval(values) for measure, values in drawn.items()},
        int((positive & alerted).sum()),
        int((~positive & alerted).sum()),
        int((positive & ~alerted).sum()),
        int((~positive & ~alerted).sum()),
        early,
    )


def columns(truth: Mapping[str, bool], decisions: Mapping[str, Decision]) -> tuple[Bools, Bools, Floats]:
    """Return of users, in the order of the truth, whether positive, whether alerted, after how many posts."""
    of_users = [decisions[user] for user in truth]
    return (
        np.array(list(truth.values()), np.bool_),
        np.array([decision.positive for decision in of_users], np.bool_),
        np.array([decision.posts for decision in of_users], np.float64),
    )


@dataclass(frozen=True, slots=True)
class Quality:
    """The probabilities of one model: how well they tell users apart, and whether they are what they say.

    auc     of the probabilities after all posts; None where either class is missing
    whole   of all that was said
    strata  by the number of posts
    """

    auc: float | None
    auc_interval: Interval
    whole: Reliability
    strata: Sequence[Reliability]


def quality(truth: Sequence[bool], probabilities: Sequence[Floats], sayings: Said, draws: Draws) -> Quality:
    """Return the quality of what was said of each user after each post; `sayings` put the same together."""
    positive = np.array(truth, np.bool_)
    last = np.array([of_user[-1] for of_user in probabilities])
    found = area(positive, last)
    return Quality(
        found if np.isfinite(found) else None,
        interval(draws.areas(positive, last)),
        reliability(sayings),
        by_stratum(sayings),
    )
