"""Evaluation: what every method would have decided about users from their posts in order, and how well."""

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from services.depression.model.artefact import Model
from services.depression.model.assessment import Assessment, Quality, assess, columns, quality
from services.depression.model.collection import Collection
from services.depression.model.counts import Floats
from services.depression.model.course import Course, course, written
from services.depression.model.intervals import Draws, Interval, area, interval
from services.depression.model.policies import RUNNING, Policy, policies, running
from services.depression.model.reliability import said
from services.depression.model.scores import Decision
from services.depression.progress import Progress

WEEK_S = 7 * 24 * 3600


def probabilities(model: Model, texts: Iterable[str]) -> Floats:
    """Return the probability of a user's running picture after each text, in order; (texts,).

    texts  of own words alone, by the reading of the model
    """
    some = list(texts)
    of_user = written(some, [0] * len(some), model.index, model.reading)
    return model.probability(*of_user.sums(model.idf, model.weights), of_user.posts)


def split_users(users: Iterable[str], seed: int) -> tuple[list[str], list[str]]:
    """Return two halves of the users, shuffled by `seed` and not by the order they come in."""
    shuffled = sorted(users)
    random.Random(seed).shuffle(shuffled)
    middle = (len(shuffled) + 1) // 2
    return shuffled[:middle], shuffled[middle:]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What came of a model on a collection.

    courses  user → what the model makes of them after each post, by name
    decided  user → what the running rule decides
    methods  name → how its decisions were
    quality  of the probabilities
    """

    truth: Mapping[str, bool]
    courses: Mapping[str, Course]
    decided: Mapping[str, Decision]
    methods: Mapping[str, Assessment]
    quality: Quality

    def to_json(self) -> dict[str, Any]:
        """Return what was measured, and nobody's name."""
        methods = {name: found.to_json() for name, found in self.methods.items()}
        return {"methods": methods, "quality": asdict(self.quality)}


def courses_of(
    model: Model, collection: Collection, progress: Progress = lambda _done, _total: None
) -> dict[str, Course]:
    """Return the course of every user, by name.

    progress  is told how many users are done, of how many

    Raises ValueError for a collection that was not opened by the model's reading.
    """
    if collection.reading is not model.reading:
        raise ValueError(f"a collection of reading {collection.reading.version}; the model has another")
    users = sorted(collection.truth)
    courses: dict[str, Course] = {}
    for user in users:
        courses[user] = course(model, collection.posts[user])
        progress(len(courses), len(users))
    return courses


def evaluate(
    model: Model,
    collection: Collection,
    seed: int = 0,
    progress: Progress = lambda _done, _total: None,
    per_week: float | None = None,
) -> Evaluation:
    """Assess every method on all users of the collection; `seed` is for the random one and the intervals.

    progress  as `courses_of`, which says what is raised
    per_week  how many alerts can be reviewed: a row for the running rule at the threshold that opens no more
    """
    courses = courses_of(model, collection, progress)
    truth = {user: collection.truth[user] for user in courses}
    draws = Draws.of(len(truth), seed)
    rules = list(policies(model, random.Random(seed)))
    if per_week is not None:
        rules.append(_within_capacity(model, collection, list(courses.values()), per_week))
    decided = {rule.name: {user: rule.decide(each) for user, each in courses.items()} for rule in rules}
    positive, probability = list(truth.values()), [each.probability for each in courses.values()]
    return Evaluation(
        truth,
        courses,
        decided[RUNNING],
        {name: assess(truth, decisions, draws) for name, decisions in decided.items()},
        quality(positive, probability, said(probability, positive), draws),
    )


def _within_capacity(
    model: Model, collection: Collection, courses: Sequence[Course], per_week: float
) -> Policy:
    """Return the running rule at the lowest threshold by which the collection gives so many alerts a week."""
    times = [post.created_utc for posts in collection.posts.values() for post in posts]
    weeks = max(1.0, (max(times) - min(times)) / WEEK_S)
    min_posts = model.certainty.min_posts
    peaks = sorted(
        float(each.probability[min_posts - 1 :][each.ends[min_posts - 1 :]].max(initial=0.0))
        for each in courses
    )
    most = int(per_week * weeks)
    # Above the highest of those who are one too many.
    lowest = 0.0 if most >= len(peaks) else float(np.nextafter(peaks[-most - 1], 1.0))
    return Policy(f"{per_week:g} a week: p > {lowest:.3f}", running(lowest, min_posts))


def compare(first: Evaluation, second: Evaluation, seed: int) -> dict[str, tuple[float, Interval]]:
    """Return by how much each measure of the second's running rule is above the first's, and the interval.

    Both are of the same users, and drawn together: what makes a user hard for either counts for neither.
    Raises ValueError for other users.
    """
    if first.truth != second.truth:
        raise ValueError("two evaluations of other users")
    draws = Draws.of(len(first.truth), seed)
    drawn = [draws.measures(*columns(each.truth, each.decided)) for each in (first, second)]
    scores = [asdict(each.methods[RUNNING].scores) for each in (first, second)]
    found = {
        measure: (scores[1][measure] - scores[0][measure], interval(drawn[1][measure] - drawn[0][measure]))
        for measure in scores[0]
    }
    positive = np.array(list(first.truth.values()), np.bool_)
    last = [np.array([each.probability[-1] for each in one.courses.values()]) for one in (first, second)]
    areas = draws.areas(positive, last[1]) - draws.areas(positive, last[0])
    return {**found, "auc": (area(positive, last[1]) - area(positive, last[0]), interval(areas))}


def scores_of(found: Evaluation, collection: Collection) -> Iterator[dict[str, Any]]:
    """Yield what was said of each user after each post, post after post.

    k counts the user's posts; `decision` is 1 from the post on after which the running rule alerts.
    """
    for user, of_user in found.courses.items():
        decision = found.decided[user]
        alerted_from = decision.posts if decision.positive else len(of_user.probability) + 1
        posts = zip(collection.posts[user], of_user.probability.tolist(), strict=True)
        for k, (post, probability) in enumerate(posts, start=1):
            yield {
                "user": user,
                "post": post.id,
                "created_utc": post.created_utc,
                "k": k,
                "p": probability,
                "decision": int(k >= alerted_from),
            }
