"""Kind "fused": what a classifier of texts and one of thumbnails say of a post, joined late.

text.*, image.*  the files of two models of any kinds, each with its own manifest

    p = σ(text_weight·log-odds of the text + image_weight·log-odds of the thumbnails + bias)

of a post that has both. Of one that has either alone, it is what that one's model says; of one that has
neither, what the model of texts says of nothing. Chosen on posts that have both and that neither has learned
from, so the probabilities are calibrated for these; those of the parts are by the parts.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from services.classifiers.classifier import Judgement, Post, PostClassifier
from services.classifiers.kinds.cascade import KIND as CASCADE
from services.classifiers.kinds.cascade import MakeClassifier, log_odds
from services.classifiers.kinds.parts import part_of
from services.classifiers.manifest import Number, Said, Slope, said_by
from services.depression.model.picture import sigmoid
from services.depression.model.reading import READINGS
from services.models.folder import ModelFiles
from services.reddit.records import TextRecord

FUSED = "fused"
TEXT, IMAGE = "text", "image"


class FusedSaid(Said, frozen=True, kw_only=True):
    """What the manifest of such a model says; preprocessing is that of its parts."""

    text_weight: Slope
    image_weight: Slope
    bias: Number


class FusedClassifier:
    """Judges posts by both of its parts, and by one where there is nothing for the other."""

    advice = ""

    def __init__(self, said: FusedSaid, version: str, text: PostClassifier, image: PostClassifier) -> None:
        self.version, self.about, self.threshold = version, said.about, said.threshold
        self.min_posts = said.min_posts
        self._said = said
        self._text, self._image = text, image
        self._reading = READINGS[said.reading]

    def own_words(self, record: TextRecord) -> str:
        return self._reading.own_words(record)

    def classify(self, posts: Sequence[Post], words: int = 0) -> list[Judgement]:
        both = zip(self._text.classify(posts, words), self._image.classify(posts), strict=True)
        return [self._joined(text, image) for text, image in both]

    def _joined(self, text: Judgement, image: Judgement) -> Judgement:
        if image.modality == "none":
            return text
        if text.modality == "none":
            return image
        odds = self._said.text_weight * log_odds(text.probability)
        odds += self._said.image_weight * log_odds(image.probability) + self._said.bias
        return replace(text, probability=float(sigmoid(np.array([odds]))[0]), modality="both")


def fused_of(files: ModelFiles, threads: int, make: MakeClassifier) -> FusedClassifier:
    """Return the classifier that the files make, of parts that `make` makes.

    Raises ModelError for what does not fit together; so does `make`.
    """
    said = said_by(files, FusedSaid)
    if said.reading not in READINGS:
        raise files.not_a_model(f"reading {said.reading} of texts, which this code does not know")
    text, image = (part_of(files, name) for name in (TEXT, IMAGE))
    if {FUSED, CASCADE} & {text.kind, image.kind}:
        raise files.not_a_model("a model of parts within one")
    return FusedClassifier(said, files.version, make(text, threads), make(image, threads))
