"""Evaluation: the methods of the paper's Table 2, which decide about a user from the posts in order."""

import math
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from services.depression.model import picture
from services.depression.model.artefact import Model
from services.depression.model.collection import Collection
from services.depression.model.counts import Floats, count_terms, lay_out
from services.depression.model.scores import Decision, Scores, score
from services.depression.model.segments import add, touched, unpack_segments
from services.depression.progress import Progress

_EVEN_ODDS = 0.5
_INCREMENTAL = (0.5, 0.75, 0.9)


@dataclass(frozen=True, slots=True)
class Method:
    """A name, and how it decides from a user's probability after each post, (posts,) of one post at least."""

    name: str
    decide: Callable[[Floats], Decision]


def probabilities(model: Model, texts: Iterable[str]) -> Floats:
    """Return the probability of a user's running picture after each text, in order; (texts,).

    texts  of own words alone, by the reading of the model

    The reference for the running topology, and linear in the number of terms.
    """
    counted = [count_terms(text, model.index, model.reading) for text in texts]
    entries = lay_out([post.ids for post in counted])
    counts = np.concatenate([post.counts for post in counted], dtype=np.int32) if counted else entries.ids
    where = touched(entries, np.zeros(entries.size, np.intp))
    before = add(unpack_segments([b""] * len(where.users)), where, counts)
    change = picture.tfidf_change(entries, counts, model.idf)
    squared_norm = np.cumsum(picture.squared_norm_change(entries, counts, before, model.idf))
    dot = np.cumsum(picture.dot_change(entries, change, model.weights))
    return picture.probability(dot, squared_norm, model.bias)


def split_users(users: Iterable[str], seed: int) -> tuple[list[str], list[str]]:
    """Return two halves of the users, shuffled by `seed` and not by the order they come in."""
    shuffled = sorted(users)
    random.Random(seed).shuffle(shuffled)
    middle = (len(shuffled) + 1) // 2
    return shuffled[:middle], shuffled[middle:]


def evaluate(
    model: Model,
    collection: Collection,
    seed: int = 0,
    progress: Progress = lambda _done, _total: None,
) -> dict[str, Scores]:
    """Score every method, by name, on all users of the collection; `seed` is for the random one.

    progress  is told how many users are done, of how many

    Raises ValueError for a collection that was not opened by the model's reading.
    """
    if collection.reading is not model.reading:
        raise ValueError(f"a collection of reading {collection.reading.version}; the model has another")
    users = sorted(collection.truth)
    running: dict[str, Floats] = {}
    for user in users:
        running[user] = probabilities(model, (post.text for post in collection.posts[user]))
        progress(len(running), len(users))
    return {
        method.name: score(collection.truth, {user: method.decide(running[user]) for user in users})
        for method in methods(model.threshold, random.Random(seed))
    }


def methods(threshold: float, chance: random.Random) -> Sequence[Method]:
    """Return the paper's nine methods, and the incremental one at the model's own threshold if other."""
    thresholds = sorted({*_INCREMENTAL, threshold})
    return (
        Method("random", lambda _: Decision(chance.random() < _EVEN_ODDS, 1)),
        Method("all positive", lambda _: Decision(positive=True, posts=1)),
        Method("first 10", _first(10)),
        Method("first 100", _first(100)),
        Method("first 500", _first(500)),
        Method("all", _first(math.inf)),
        *(Method(f"incremental {threshold:.2f}", _incremental(threshold)) for threshold in thresholds),
    )


def _first(posts: float) -> Callable[[Floats], Decision]:
    """Decide once, after so many posts or the last, by even odds."""

    def decide(running: Floats) -> Decision:
        read = int(min(posts, len(running)))
        return Decision(bool(running[read - 1] >= _EVEN_ODDS), read)

    return decide


def _incremental(threshold: float) -> Callable[[Floats], Decision]:
    """Decide after each post; the first that reaches the threshold alerts, and nothing takes it back."""

    def decide(running: Floats) -> Decision:
        reached = np.flatnonzero(running >= threshold)
        if not len(reached):
            return Decision(positive=False, posts=len(running))
        return Decision(positive=True, posts=int(reached[0]) + 1)

    return decide
