"""A cascade put together of two models, and what it loses and gains beside either part alone."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from services.classifiers.classifier import Judgement, Post
from services.classifiers.kinds import classifier_of
from services.classifiers.kinds.cascade import (
    CHEAP,
    HEAVY,
    KIND,
    CascadeClassifier,
    CascadeSaid,
    log_odds,
)
from services.classifiers.kinds.parts import parts_named
from services.classifiers.labelled import Labelled
from services.classifiers.manifest import files_of
from services.classifiers.measures import Measures, measured
from services.classifiers.picture import Judged, of_posts
from services.classifiers.post_classifier import batches
from services.classifiers.splits import truth_of
from services.classifiers.training import calibration
from services.depression.model.intervals import area
from services.depression.recipe import TrainingError
from services.models.arrays import Floats
from services.models.folder import ModelFiles

_TOGETHER, _TOGETHER_BYTES = 64, 256 * 1024

Classify = Callable[[Sequence[Post]], Sequence[Judgement]]


def train_cascade(labelled: Labelled, cheap: ModelFiles, heavy: ModelFiles, share: float) -> dict[str, bytes]:
    """Return the files of a cascade in which such a share of the posts leaves the cheap part in doubt.

    Posts that neither part was trained on say best what the cheap one's probabilities are worth. Raises
    TrainingError for parts that read texts differently, ModelError for what is no model.
    """
    readings = [int(files.manifest.get("reading", 1)) for files in (cheap, heavy)]
    if readings[0] != readings[1]:
        raise TrainingError(f"parts of reading {readings[0]} and {readings[1]} of texts. Train one again")
    truth, weighing = truth_of(labelled), classifier_of(heavy)
    posts = [Post(post.text) for post in labelled.posts]
    scores = np.array([log_odds(each.probability) for each in _all(classifier_of(cheap).classify, posts)])
    line = calibration(scores, truth)
    away = np.abs(line.slope * scores + line.intercept - log_odds(weighing.threshold))
    said = CascadeSaid(
        about=weighing.about,
        languages=heavy.manifest.get("languages", []),
        labels=heavy.manifest.get("labels", ("no", "yes")),
        reading=readings[0],
        preprocessing=[],
        threshold=weighing.threshold,
        min_posts=weighing.min_posts,
        training={"posts": len(posts), "positives": labelled.positives, "share": share},
        doubt=float(np.quantile(away, share)),
        calibration=line,
    )
    return files_of(said, KIND, parts_named({CHEAP: cheap, HEAVY: heavy}))


@dataclass(frozen=True, slots=True)
class Way:
    """How posts were judged, one way of several.

    weighed         share of the posts that reached the heavy part
    area_of_posts   under the ROC curve
    area_of_users   by the mean of their five likeliest posts; None where it is not known who wrote what
    posts_a_second  of one core
    """

    weighed: float
    measures: Measures
    area_of_posts: float
    area_of_users: float | None
    posts_a_second: float

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return asdict(self)


def ways(cascade: CascadeClassifier, labelled: Labelled, first: int) -> Iterator[tuple[str, Way]]:
    """Yield the cheap part alone, the cascade, and the heavy part alone, each on all posts, and timed.

    first  posts of each user that reach the heavy part in any case, in the order in which they are there
    """
    posts = [Post(post.text) for post in labelled.posts]
    is_first = _are_first(labelled, first)
    # So that nobody waits for its making.
    cascade.weigh(posts[:1])
    yield "cheap part alone", _way(cascade.never_in_doubt().classify, posts, labelled, cascade, 0.0)
    sifted = cascade.sift(posts)
    weighed = sum(early or judged is None for early, judged in zip(is_first, sifted, strict=True))
    early = iter(is_first)

    def both(some: Sequence[Post]) -> Sequence[Judgement]:
        return _through(cascade, some, [next(early) for _ in some])

    yield "cascade", _way(both, posts, labelled, cascade, weighed / len(posts))
    yield "heavy part alone", _way(cascade.weigh, posts, labelled, cascade, 1.0)


def _through(cascade: CascadeClassifier, posts: Sequence[Post], is_first: Sequence[bool]) -> list[Judgement]:
    """Judge posts as the two nodes do."""
    sifted = cascade.sift(posts)
    doubted = [early or judged is None for early, judged in zip(is_first, sifted, strict=True)]
    weighed = iter(
        cascade.weigh([post for post, is_doubted in zip(posts, doubted, strict=True) if is_doubted])
    )
    return [
        judged if judged and not early else next(weighed)
        for judged, early in zip(sifted, is_first, strict=True)
    ]


def _way(
    classify: Classify, posts: Sequence[Post], labelled: Labelled, cascade: CascadeClassifier, weighed: float
) -> Way:
    began_s = time.process_time()
    judged = _all(classify, posts)
    took_s = time.process_time() - began_s
    truth = truth_of(labelled)
    probability = np.array([each.probability for each in judged])
    return Way(
        weighed,
        measured(truth, probability >= cascade.threshold),
        area(truth, probability),
        _area_of_users(labelled, probability) if labelled.has_users else None,
        len(posts) / max(took_s, 1e-9),
    )


def _all(classify: Classify, posts: Sequence[Post]) -> list[Judgement]:
    return [judged for batch in batches(posts, _TOGETHER, _TOGETHER_BYTES) for judged in classify(batch)]


def _are_first(labelled: Labelled, first: int) -> list[bool]:
    written: dict[str, int] = {}
    found = []
    for post in labelled.posts:
        written[post.user] = written.get(post.user, 0) + 1
        found.append(bool(post.user) and written[post.user] <= first)
    return found


def _area_of_users(labelled: Labelled, probability: Floats) -> float:
    by_user: dict[str, list[tuple[str, Judged]]] = {}
    truth: dict[str, bool] = {}
    for number, (post, said) in enumerate(zip(labelled.posts, probability.tolist(), strict=True)):
        by_user.setdefault(post.user, []).append((str(number), Judged("", said, number)))
        truth[post.user] = post.is_positive
    pictures = [of_posts(posts).probability for posts in by_user.values()]
    return area(np.array(list(truth.values()), np.bool_), np.array(pictures))
