"""Rules that add up what single posts say, in place of one picture of all that was written.

Each makes a series of a user's evidence, (posts,), and alerts where it reaches a threshold. Evidence of a
post is what its words add to its own score, less what is half way between users of either class.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

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


def total(evidence: Floats, _days: Rows) -> Floats:
    """Return the sum of all posts so far."""
    return np.cumsum(evidence)


STRETCH, DECAYED = "CUSUM of days", "decayed sum of days"
# Each of evidence and the days it is of, by number, both (posts,).
SERIES: Mapping[str, Callable[[Floats, Rows], Floats]] = {
    "CUSUM of posts": lambda evidence, _: cusum(evidence),
    "decayed sum of posts": lambda evidence, _: decayed(evidence),
    f"last {LAST} posts": lambda evidence, _: last(evidence),
    f"{STRONGEST} strongest posts": lambda evidence, _: strongest(evidence),
    STRETCH: stretches,
    DECAYED: decayed_sums,
}
SPRT = "SPRT of posts"


@dataclass(frozen=True, slots=True)
class EvidenceRules:
    """What such rules need to know, chosen on users held out.

    middle      evidence half way between the users of either class
    thresholds  by the name of the rule
    """

    middle: float
    thresholds: Mapping[str, float]


def reached(name: str, evidence: Floats, days: Rows, threshold: float) -> Bools:
    """Return after which posts a rule would alert; `evidence` less the middle, all of (posts,)."""
    if name != SPRT:
        found: Bools = SERIES[name](evidence, days) >= threshold
        return found
    # Sequential test: whichever bound is reached first has decided. Source: Wald 1945.
    summed = total(evidence, days)
    is_let_pass = np.logical_or.accumulate(summed <= -threshold)
    passed: Bools = (summed >= threshold) & ~is_let_pass
    return passed
