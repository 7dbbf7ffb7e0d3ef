"""A fused model put together of two: how much each counts, learned on posts that have texts and images."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression

from services.classifiers.classifier import Judgement, Post
from services.classifiers.kinds import classifier_of
from services.classifiers.kinds.cascade import log_odds
from services.classifiers.kinds.fused import FUSED, IMAGE, TEXT, FusedSaid
from services.classifiers.kinds.parts import parts_named
from services.classifiers.manifest import files_of
from services.classifiers.measures import Bools, Measures, measured
from services.classifiers.post_classifier import batches
from services.classifiers.training import best_threshold
from services.depression.model.picture import sigmoid
from services.depression.recipe import TrainingError
from services.models.arrays import Floats
from services.models.folder import ModelFiles

_TOGETHER, _TOGETHER_BYTES = 64, 4 * 2**20
_FEWEST = 20


def train_fused(
    posts: Sequence[Post], truth: Bools, text: ModelFiles, image: ModelFiles
) -> tuple[dict[str, bytes], Mapping[str, Measures]]:
    """Return the files of a fused model, and what each part and both say of the posts that have both.

    Posts that neither part was trained on say best how much each is worth. Raises TrainingError for parts
    that read texts differently and for too few posts that have both, ModelError for what is no model.
    """
    readings = [int(files.manifest.get("reading", 1)) for files in (text, image)]
    if readings[0] != readings[1]:
        raise TrainingError(f"parts of reading {readings[0]} and {readings[1]} of texts. Train one again")
    found = _judged(posts, truth, text, image)
    if min(int(found.truth.sum()), int((~found.truth).sum())) < _FEWEST:
        raise TrainingError(f"fewer than {_FEWEST} posts of a class have a text and a thumbnail. Label more")
    fitted = LogisticRegression(C=1e6).fit(found.log_odds, found.truth)
    weights = np.maximum(fitted.coef_[0], 0.0)
    bias = float(fitted.intercept_[0])
    probabilities = sigmoid(found.log_odds @ weights + bias)
    said = FusedSaid(
        about=str(text.manifest.get("about", "")),
        languages=text.manifest.get("languages", []),
        labels=text.manifest.get("labels", ("no", "yes")),
        reading=readings[0],
        preprocessing=[],
        threshold=best_threshold(probabilities, found.truth),
        min_posts=1,
        training={"posts": len(found.truth), "positives": int(found.truth.sum())},
        text_weight=float(weights[0]),
        image_weight=float(weights[1]),
        bias=bias,
    )
    by = {
        TEXT: found.said[TEXT],
        IMAGE: found.said[IMAGE],
        FUSED: probabilities >= said.threshold,
    }
    files = files_of(said, FUSED, parts_named({TEXT: text, IMAGE: image}))
    return files, {name: measured(found.truth, each) for name, each in by.items()}


@dataclass(frozen=True, slots=True)
class _Judged:
    """Posts that have both: what is true of them, what each part makes of them, and says.

    log_odds  (posts, 2)  of the text, and of the thumbnails
    """

    truth: Bools
    log_odds: Floats
    said: Mapping[str, Bools]


def _judged(posts: Sequence[Post], truth: Bools, text: ModelFiles, image: ModelFiles) -> _Judged:
    models = {TEXT: classifier_of(text), IMAGE: classifier_of(image)}
    told: dict[str, list[Judgement]] = {
        name: [each for some in batches(posts, _TOGETHER, _TOGETHER_BYTES) for each in model.classify(some)]
        for name, model in models.items()
    }
    there = np.array(
        ["none" not in {one.modality, two.modality} for one, two in zip(told[TEXT], told[IMAGE], strict=True)]
    )
    probabilities = {
        name: np.array([each.probability for each in those])[there] for name, those in told.items()
    }
    return _Judged(
        truth[there],
        np.array([[log_odds(each) for each in probabilities[name]] for name in (TEXT, IMAGE)]).T,
        {name: probabilities[name] >= model.threshold for name, model in models.items()},
    )
