"""Kind "cascade": a cheap classifier judges every post, and a heavy one those that leave it in doubt.

cheap.*, heavy.*  the files of two models of any kind, each with its own manifest

    p = σ(slope·log-odds of the cheap one + intercept), unless that is in doubt: then what the heavy one says

In doubt is what lies within `doubt` of the threshold, in log-odds. Chosen on labelled posts, so that as many
reach the heavy one as can be afforded, and so that both speak of the same probabilities.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Annotated

import numpy as np
from msgspec import Meta, structs

from services.classifiers.classifier import Judgement, Post, PostClassifier
from services.classifiers.kinds.parts import part_of
from services.classifiers.manifest import Line, Said, said_by
from services.depression.model.picture import sigmoid
from services.depression.model.reading import READINGS
from services.models.folder import ModelFiles
from services.reddit.records import TextRecord

KIND = "cascade"
CHEAP, HEAVY = "cheap", "heavy"

# Log-odds of a probability that rounds to 0 or 1.
_SURE = 36.0

Distance = Annotated[float, Meta(ge=0, le=1e9)]
MakeClassifier = Callable[[ModelFiles, int], PostClassifier]


class CascadeSaid(Said, frozen=True, kw_only=True):
    """What the manifest of such a model says; preprocessing is that of its parts."""

    doubt: Distance
    calibration: Line


class CascadeClassifier:
    """Judges posts by the cheap one, and by the heavy one where it must.

    heavy  is not made before it is needed: whoever sifts alone does without its memory
    """

    advice = ""

    def __init__(
        self, said: CascadeSaid, version: str, cheap: PostClassifier, heavy: Callable[[], PostClassifier]
    ) -> None:
        self.version, self.about, self.threshold = version, said.about, said.threshold
        self.min_posts = said.min_posts
        self._said = said
        self._cheap = cheap
        self._make_heavy = heavy
        self._heavy: PostClassifier | None = None
        self._reading = READINGS[said.reading]

    def own_words(self, record: TextRecord) -> str:
        return self._reading.own_words(record)

    def classify(self, posts: Sequence[Post], words: int = 0) -> list[Judgement]:
        sifted = self.sift(posts, words)
        doubtful = [post for post, judged in zip(posts, sifted, strict=True) if judged is None]
        weighed = iter(self.weigh(doubtful, words))
        return [next(weighed) if judged is None else judged for judged in sifted]

    def sift(self, posts: Sequence[Post], words: int = 0) -> list[Judgement | None]:
        """Return what the cheap one says of each post; None where it is in doubt."""
        judged = self._cheap.classify(posts, words)
        line, threshold = self._said.calibration, log_odds(self.threshold)
        found = [line.slope * log_odds(each.probability) + line.intercept for each in judged]
        probabilities = sigmoid(np.array(found, np.float64)).tolist()
        return [
            None if abs(odds - threshold) < self._said.doubt else replace(each, probability=probability)
            for each, odds, probability in zip(judged, found, probabilities, strict=True)
        ]

    def never_in_doubt(self) -> "CascadeClassifier":
        """Return what the cheap one would say of every post, were there no other."""
        said = structs.replace(self._said, doubt=0.0)
        return CascadeClassifier(said, self.version, self._cheap, self._make_heavy)

    def weigh(self, posts: Sequence[Post], words: int = 0) -> list[Judgement]:
        """Return what the heavy one says of each post."""
        if not posts:
            return []
        if self._heavy is None:
            self._heavy = self._make_heavy()
        return self._heavy.classify(posts, words)


def log_odds(probability: float) -> float:
    """Return the log-odds of a probability; of 0 and 1 those of what rounds to them."""
    if not 0 < probability < 1:
        return math.copysign(_SURE, probability - 0.5)
    return math.log(probability / (1 - probability))


def cascade_of(files: ModelFiles, threads: int, make: MakeClassifier) -> CascadeClassifier:
    """Return the classifier that the files make, of parts that `make` makes.

    Raises ModelError for what does not fit together; so does `make`, of the heavy one when it is needed.
    """
    said = said_by(files, CascadeSaid)
    if said.reading not in READINGS:
        raise files.not_a_model(f"reading {said.reading} of texts, which this code does not know")
    cheap, heavy = (part_of(files, name) for name in (CHEAP, HEAVY))
    if KIND in {cheap.kind, heavy.kind}:
        raise files.not_a_model("a cascade within a cascade")
    return CascadeClassifier(said, files.version, make(cheap, 1), lambda: make(heavy, threads))
