"""How users are decided on from the course of their posts: the paper's nine methods, and the running rule."""

import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from services.depression.model.artefact import Model
from services.depression.model.counts import Floats
from services.depression.model.course import Course
from services.depression.model.evidence import SERIES, EvidenceRules, evidence_rules_of, reached
from services.depression.model.intervals import Bools
from services.depression.model.scores import Decision

EVEN_ODDS = 0.5
INCREMENTAL = (0.5, 0.75, 0.9)
RUNNING = "running rule"
# The same where posts come one by one and nobody knows whether the hour is over, as in the shared task.
POST_BY_POST = "post by post"
LATER = 10


@dataclass(frozen=True, slots=True)
class Policy:
    """A name, and how it decides from the course of a user, of one post at least."""

    name: str
    decide: Callable[[Course], Decision]


def policies(model: Model, chance: random.Random) -> Sequence[Policy]:
    """Return the paper's nine methods, the rule that the model runs by, and others that it might.

    Those that add up single posts are there if training has chosen their thresholds.
    """
    least, min_posts = model.threshold, model.certainty.min_posts
    return (
        Policy("random", lambda _: Decision(chance.random() < EVEN_ODDS, 1)),
        Policy("all positive", lambda _: Decision(positive=True, posts=1)),
        Policy("first 10", first(10)),
        Policy("first 100", first(100)),
        Policy("first 500", first(500)),
        Policy("all", first(math.inf)),
        *(Policy(f"incremental {threshold:.2f}", incremental(threshold)) for threshold in INCREMENTAL),
        Policy(RUNNING, running(least, min_posts)),
        Policy(POST_BY_POST, lambda course: at_first(_one_by_one(course, least, min_posts))),
        Policy(f"from {LATER} posts", running(least, LATER)),
        Policy("prior alone .50", lambda course: at_first(course.uncalibrated >= EVEN_ODDS)),
        Policy("paper's rule .50", lambda course: at_first(course.plain >= EVEN_ODDS)),
        *_by_evidence(model),
    )


def _by_evidence(model: Model) -> Iterator[Policy]:
    rules = evidence_rules_of(model.training)
    for name in rules.thresholds:
        yield Policy(name, adding_up(name, rules, model.certainty.min_posts))


def adding_up(name: str, rules: EvidenceRules, min_posts: int) -> Callable[[Course], Decision]:
    """Decide at the end of each hour by what single posts say; as `evidence.reached`."""

    def decide(course: Course) -> Decision:
        series = SERIES[name](course.signs(rules.middle), rules.weight)
        worth = reached(name, series, rules.thresholds[name]) & course.ends
        worth[: min_posts - 1] = False
        return at_first(worth)

    return decide


def first(posts: float) -> Callable[[Course], Decision]:
    """Decide once, after so many posts or the last, by even odds."""

    def decide(course: Course) -> Decision:
        read = int(min(posts, len(course.probability)))
        return Decision(bool(course.probability[read - 1] >= EVEN_ODDS), read)

    return decide


def incremental(threshold: float) -> Callable[[Course], Decision]:
    """Decide after each post; the first that reaches the threshold alerts, and nothing takes it back."""
    return lambda course: at_first(course.probability >= threshold)


def running(threshold: float, min_posts: int) -> Callable[[Course], Decision]:
    """Decide as the topology does: at the end of each hour, if there are posts enough."""
    return lambda course: at_first(is_worth_an_alert(course.probability, course.ends, threshold, min_posts))


def _one_by_one(course: Course, threshold: float, min_posts: int) -> Bools:
    return is_worth_an_alert(course.probability, np.ones_like(course.ends), threshold, min_posts)


def is_worth_an_alert(probability: Floats, ends: Bools, threshold: float, min_posts: int) -> Bools:
    """Return after which posts an alert would open; all of (posts,)."""
    reached: Bools = (probability >= threshold) & ends
    reached[: min_posts - 1] = False
    return reached


def at_first(reached: Bools) -> Decision:
    """Alert at the first post of which it is true; of none, let pass after all."""
    found = np.flatnonzero(reached)
    if not len(found):
        return Decision(positive=False, posts=len(reached))
    return Decision(positive=True, posts=int(found[0]) + 1)
