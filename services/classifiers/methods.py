"""Methods side by side on the same posts and folds; what each chooses, it chooses on the posts to fit on."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.model_selection import StratifiedKFold

from services.classifiers.labelled import Labelled
from services.classifiers.measures import Bools, Measures, Spread, measured, over_folds
from services.classifiers.preprocessing import preprocessing
from services.classifiers.training import Fold, Rows, best_strength, regression, split, truth_of
from services.depression.progress import Progress
from services.models.arrays import Floats

ALL_POSITIVE, WORDS, ENCODER = "all positive", "TF-IDF + LR", "encoder + LR"
_INNER_FOLDS = 3

# Says of posts held out, given the posts to fit on, which are positive.
Method = Callable[[Fold], Bools]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What came of each method, over the folds, by name; and what was compared on."""

    posts: int
    positives: int
    repeated: int
    contradicting: int
    split_by_user: bool
    folds: int
    methods: Mapping[str, Mapping[str, Spread]]

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values, and nobody's text."""
        return asdict(self)


def compare(
    labelled: Labelled, points: Floats, steps: Sequence[str], folds: int, seed: int, progress: Progress
) -> Comparison:
    """Run every method on the same folds.

    points  (posts, dimensions) of the encoder, of texts prepared by the same steps
    """
    truth = truth_of(labelled)
    prepare = preprocessing(steps)
    texts = np.array([prepare(post.text) for post in labelled.posts], dtype=object)
    methods: Mapping[str, Method] = {
        ALL_POSITIVE: lambda fold: np.ones(len(fold[1]), np.bool_),
        WORDS: lambda fold: _by_words(texts, truth, fold, seed),
        ENCODER: lambda fold: _by_rows(points[fold[0]], points[fold[1]], truth[fold[0]], seed),
    }
    found: dict[str, list[Measures]] = {name: [] for name in methods}
    splits = list(split(labelled, folds, seed))
    for done, fold in enumerate(splits, start=1):
        for name, method in methods.items():
            found[name].append(measured(truth[fold[1]], method(fold)))
        progress(done, len(splits))
    return Comparison(
        posts=len(truth),
        positives=int(truth.sum()),
        repeated=labelled.repeated,
        contradicting=labelled.contradicting,
        split_by_user=labelled.has_users,
        folds=len(splits),
        methods={name: over_folds(each) for name, each in found.items()},
    )


def _by_words(texts: Any, truth: Bools, fold: Fold, seed: int) -> Bools:
    fit, held = fold
    vectoriser = TfidfVectorizer(sublinear_tf=True)
    return _by_rows(vectoriser.fit_transform(texts[fit]), vectoriser.transform(texts[held]), truth[fit], seed)


def _by_rows(fit: Rows, held: Rows, truth: Bools, seed: int) -> Bools:
    inner = StratifiedKFold(_INNER_FOLDS, shuffle=True, random_state=seed)
    strength = best_strength(fit, truth, list(inner.split(truth, truth)))
    said: Bools = regression(strength).fit(fit, truth).decision_function(held) > 0
    return said
