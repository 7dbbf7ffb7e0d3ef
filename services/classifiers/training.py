"""Training a linear head on the points of an encoder that stays as it is: features once, folds in seconds.

Logistic regression with balanced classes; its strength, the line from scores to log-odds and the threshold
are chosen on posts held out, those of one user together. Nothing here is needed where a model runs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import sklearn
from sklearn.linear_model import LogisticRegression

from services.classifiers.encoders.encoder import Encoder
from services.classifiers.kinds.encoder import HEAD, KIND, EncoderSaid
from services.classifiers.labelled import Labelled
from services.classifiers.manifest import Line, Weights, files_of
from services.classifiers.measures import Bools, Spread, measured, over_folds
from services.classifiers.paper_table import Fold
from services.classifiers.preprocessing import USUAL, preprocessing
from services.classifiers.splits import k_fold, truth_of
from services.depression.model.picture import sigmoid
from services.depression.progress import Progress
from services.models.arrays import Floats, npy_of

STRENGTHS = (1.0, 4.0, 16.0, 64.0)
THRESHOLDS = np.round(np.arange(0.05, 0.951, 0.01), 2)
# Posts that are encoded between two words about progress.
_TOGETHER = 64

# Dense or sparse: (posts, features).
Rows = Any


@dataclass(frozen=True, slots=True)
class HeadRecipe:
    """The choices of a training.

    preprocessing  steps by name, as the model will take them too
    languages      of the posts it is trained on
    labels         what the classes are called, the positive one last
    """

    about: str
    preprocessing: Sequence[str] = USUAL
    languages: Sequence[str] = ("en",)
    labels: tuple[str, str] = ("no", "yes")
    folds: int = 10
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Seen:
    """What a training saw; what it chose is more."""

    posts: int
    positives: int
    repeated: int
    contradicting: int
    split_by_user: bool

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class HeadReport(Seen):
    """What a training saw and chose; `folds` are of posts held out, at the threshold that was chosen."""

    strength: float
    threshold: float
    folds: dict[str, Spread]


@dataclass(frozen=True, slots=True)
class Head:
    """What makes log-odds of a point: weights (dimensions,), a bias, and a line."""

    weights: Floats
    bias: float
    line: Line


def seen(labelled: Labelled) -> dict[str, Any]:
    """Return the fields of `Seen` for labelled posts."""
    return {
        "posts": len(labelled.posts),
        "positives": int(truth_of(labelled).sum()),
        "repeated": labelled.repeated,
        "contradicting": labelled.contradicting,
        "split_by_user": labelled.has_users,
    }


def points(
    encoder: Encoder, labelled: Labelled, steps: Sequence[str], longest: int, progress: Progress
) -> Floats:
    """Return the points of all posts, prepared as a model prepares them: (posts, dimensions)."""
    prepare = preprocessing(steps)
    texts = [prepare(post.text)[:longest] for post in labelled.posts]
    found = [np.empty((0, encoder.dimensions))]
    for at in range(0, len(texts), _TOGETHER):
        found.append(encoder.encode(texts[at : at + _TOGETHER]).astype(np.float64))
        progress(min(at + _TOGETHER, len(texts)), len(texts))
    return np.concatenate(found)


def train_head(
    labelled: Labelled, found: Floats, encoder: Weights, contents: Mapping[str, bytes], recipe: HeadRecipe
) -> tuple[dict[str, bytes], HeadReport]:
    """Return the files of a model fitted to points (posts, dimensions), and what it is like.

    contents  files of the encoder that a model brings along

    Raises TrainingError when a class has fewer posts than there are folds.
    """
    head, report = fitted_head(labelled, found, recipe)
    model = EncoderSaid(**said_of(report, recipe), encoder=encoder, bias=head.bias, calibration=head.line)
    return files_of(model, KIND, {**contents, HEAD: npy_of(head.weights)}), report


def fitted_head(labelled: Labelled, found: Floats, recipe: HeadRecipe) -> tuple[Head, HeadReport]:
    """Return a head fitted to points (posts, dimensions), and what it is like; raises as `train_head`."""
    truth = truth_of(labelled)
    folds = list(k_fold(labelled, recipe.folds, recipe.seed))
    strength = best_strength(found, truth, folds)
    scores = np.empty(len(truth))
    for fit, held in folds:
        scores[held] = regression(strength).fit(found[fit], truth[fit]).decision_function(found[held])
    line, threshold = chosen(scores, truth)
    said = probabilities(scores, line) >= threshold
    report = HeadReport(
        **seen(labelled),
        strength=strength,
        threshold=threshold,
        folds=over_folds([measured(truth[held], said[held]) for _, held in folds]),
    )
    whole = regression(strength).fit(found, truth)
    return Head(whole.coef_[0], float(whole.intercept_[0]), line), report


def said_of(report: HeadReport, recipe: HeadRecipe) -> dict[str, Any]:
    """Return what the manifest of a model says, but for what its kind adds."""
    return {
        "about": recipe.about,
        "languages": list(recipe.languages),
        "labels": recipe.labels,
        "reading": 2,
        "preprocessing": list(recipe.preprocessing),
        "threshold": report.threshold,
        "min_posts": 1,
        "training": report.to_json() | {"recipe": asdict(recipe), "scikit_learn": sklearn.__version__},
    }


def regression(strength: float) -> LogisticRegression:
    """Return a regression to be fitted; classes count the same, however few posts one of them has."""
    return LogisticRegression(C=strength, class_weight="balanced", max_iter=2000)


def best_strength(rows: Rows, truth: Bools, folds: Sequence[Fold]) -> float:
    """Return the strength of the best mean F1 of posts held out; of equals the smallest."""

    def mean_f1(strength: float) -> float:
        said = [
            (held, regression(strength).fit(rows[fit], truth[fit]).decision_function(rows[held]) > 0)
            for fit, held in folds
        ]
        return float(np.mean([measured(truth[held], each).f1 for held, each in said]))

    return max(STRENGTHS, key=mean_f1)


def chosen(scores: Floats, truth: Bools) -> tuple[Line, float]:
    """Return the line from scores of posts held out to log-odds, and the threshold of their probabilities."""
    line = calibration(scores, truth)
    return line, best_threshold(probabilities(scores, line), truth)


def probabilities(scores: Floats, line: Line) -> Floats:
    """Return σ(slope·score + intercept) of each."""
    return sigmoid(line.slope * scores + line.intercept)


def calibration(scores: Floats, truth: Bools) -> Line:
    """Return the line from scores of posts held out to log-odds of what was true. Source: Platt 1999."""
    fitted = LogisticRegression(C=1e6).fit(scores[:, None], truth)
    return Line(max(0.0, float(fitted.coef_[0][0])), float(fitted.intercept_[0]))


def best_threshold(probabilities: Floats, truth: Bools) -> float:
    """Return the threshold of the best F1, a mean over its neighbours, of probabilities held out.

    Of equals it is the one in the middle, which is as far as can be from where F1 is less.
    """
    f1 = [measured(truth, probabilities >= threshold).f1 for threshold in THRESHOLDS]
    smooth = np.convolve(np.pad(f1, 2, mode="edge"), np.ones(5) / 5, mode="valid")
    best = np.flatnonzero(smooth >= smooth.max() - 1e-9)
    return float(THRESHOLDS[best[len(best) // 2]])
