"""Evaluation: what every method would have decided about users from their posts in order, and how well."""

import random
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from services.depression.model.artefact import Model
from services.depression.model.assessment import Assessment, Quality, assess, quality
from services.depression.model.collection import Collection
from services.depression.model.counts import Floats
from services.depression.model.course import Course, course, written
from services.depression.model.intervals import Draws
from services.depression.model.policies import policies
from services.depression.model.reliability import said
from services.depression.progress import Progress


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
    methods  name → how its decisions were
    quality  of the probabilities
    """

    truth: Mapping[str, bool]
    courses: Mapping[str, Course]
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
) -> Evaluation:
    """Assess every method on all users of the collection; `seed` is for the random one and the intervals.

    progress  as `courses_of`, which says what is raised
    """
    courses = courses_of(model, collection, progress)
    truth = {user: collection.truth[user] for user in courses}
    draws = Draws.of(len(truth), seed)
    methods = {
        policy.name: assess(truth, {user: policy.decide(each) for user, each in courses.items()}, draws)
        for policy in policies(model, random.Random(seed))
    }
    positive, running = list(truth.values()), [each.probability for each in courses.values()]
    return Evaluation(truth, courses, methods, quality(positive, running, said(running, positive), draws))
