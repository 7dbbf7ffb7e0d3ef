"""Rules that add up what single posts say, in place of one picture of all that was written.

Each makes a series of a user's evidence, (posts,), and alerts where it reaches a threshold. Evidence of a
post is what its words add to its own score, less what is half way between users of either class.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from services.depression.model.counts import Floats, Rows
from services.depression.model.diary import decayed_sums, stretches
from services.depression.model.intervals import Bools

LAST, STRONGEST, DECAY = 10, 5, 0.9


def cusum(evidence: Floats) -> Floats:
    """Return the sum of the best stretch of posts that ends with each. Source: Page 1954."""
    total = np.cumsum(evidence)
    best: Floats = total - np.minimum(0.0, np.minimum.accumulate(total))
    return best


def decayed(evidence: Floats) -> Floats:
    """Return the sum in which a post counts a tenth less with every one after it."""
    sums = np.empty(len(evidence))
    so_far = 0.0
    for post, more in enumerate(evidence.tolist()):
        so_far = DECAY * so_far + more
        sums[post] = so_far
    return sums


def last(evidence: Floats) -> Floats:
    """Return the mean of the last ten posts, fewer counting as if the others said nothing."""
    total = np.cumsum(evidence)
    before = np.concatenate([np.zeros(min(LAST, len(total))), total[:-LAST]])
    mean: Floats = (total - before) / LAST
    return mean


def strongest(evidence: Floats) -> Floats:
    """Return the mean of the five strongest posts so far, fewer counting as if the others said nothing."""
    best = np.zeros(STRONGEST)
    means = np.empty(len(evidence))
    for post, more in enumerate(evidence.tolist()):
        best[0] = max(best[0], more)
        best.sort()
        means[post] = best.mean()
    return means


class Signs(NamedTuple):
    """What is known of a user after each post, (posts,) each.

    evidence  of the post alone, less the middle
    days      on which it was written, by number
    log_odds  that all words so far come to
    """

    evidence: Floats
    days: Rows
    log_odds: Floats


@dataclass(frozen=True, slots=True)
class EvidenceRules:
    """What such rules need to know, chosen on users held out.

    middle      evidence half way between the users of either class
    thresholds  by the name of the rule
    weight      of the mean of the strongest posts, where it is added to the log-odds of all words
    """

    middle: float
    thresholds: Mapping[str, float]
    weight: float = 0.0


STRETCH, DECAYED = "CUSUM of days", "decayed sum of days"
WORDS_AND_STRONGEST = f"all words and {STRONGEST} strongest"
SPRT = "SPRT of posts"
SERIES: Mapping[str, Callable[[Signs, float], Floats]] = {
    "CUSUM of posts": lambda signs, _: cusum(signs.evidence),
    "decayed sum of posts": lambda signs, _: decayed(signs.evidence),
    f"last {LAST} posts": lambda signs, _: last(signs.evidence),
    f"{STRONGEST} strongest posts": lambda signs, _: strongest(signs.evidence),
    STRETCH: lambda signs, _: stretches(signs.evidence, signs.days),
    DECAYED: lambda signs, _: decayed_sums(signs.evidence, signs.days),
    WORDS_AND_STRONGEST: lambda signs, weight: signs.log_odds + weight * strongest(signs.evidence),
    SPRT: lambda signs, _: np.cumsum(signs.evidence),
}


def reached(name: str, series: Floats, threshold: float) -> Bools:
    """Return after which posts a rule would alert by its series; both (posts,)."""
    passed: Bools = series >= threshold
    if name == SPRT:
        # Sequential test: whichever bound is reached first has decided. Source: Wald 1945.
        passed &= ~np.logical_or.accumulate(series <= -threshold)
    return passed


def evidence_rules_of(training: Mapping[str, Any]) -> EvidenceRules:
    """Return what a training has chosen; no rule has a threshold if it chose none."""
    chosen = training.get("evidence_rules", {"middle": 0.0, "thresholds": {}})
    return EvidenceRules(chosen["middle"], chosen["thresholds"], chosen.get("weight", 0.0))
