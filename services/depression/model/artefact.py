"""The trained model, and the folder it is kept in: readable, checksummed, and never a pickle.

manifest.json    format, kind, version, reading of texts, bias, threshold, certainty, what it is about, how
                 it was trained; size and SHA-256 of the other files
vocabulary.txt   one word per line; the line number, from 0, is the term id
idf.npy          inverse document frequency of each term
weights.npy      logistic regression weight of each term
"""

import hashlib
import math
import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from services.depression.model import picture
from services.depression.model.about import ABOUT
from services.depression.model.certainty import PAPER, UNSAID, Certainty, certainty_of
from services.depression.model.counts import Floats
from services.depression.model.reading import FORMER, NEWEST, READINGS, Reading
from services.models.arrays import array_of, npy_of
from services.models.folder import (
    FIRST_KIND,
    FORMAT,
    MANIFEST,
    ModelError,
    ModelFiles,
    read_folder,
    save_files,
    with_manifest,
)

KIND = FIRST_KIND

# In log-odds; more than is lost between log-odds and probability.
_BELOW = 1e-9
VOCABULARY, IDF, WEIGHTS = "vocabulary.txt", "idf.npy", "weights.npy"


@dataclass(frozen=True, eq=False)
class Model:
    """Everything the nodes compute with.

    vocabulary  (terms,)  words by falling document frequency; a word's place is its term id
    idf         (terms,)  smooth inverse document frequency, >= 1
    weights     (terms,)  of the unit-length tf-idf
    bias        of the logistic regression
    threshold   probability from which a user is worth an expert's look
    training    how it was made: JSON values only
    reading     how it reads texts
    certainty   how much has to stand behind a probability
    about       signs of what it looks for, in a word or two

    Raises ValueError if the arrays disagree in length or hold numbers no training gives.
    """

    vocabulary: tuple[str, ...]
    idf: Floats
    weights: Floats
    bias: float
    threshold: float
    training: Mapping[str, Any] = field(default_factory=dict)
    reading: Reading = NEWEST
    certainty: Certainty = PAPER
    about: str = ABOUT

    def __post_init__(self) -> None:
        terms = len(self.vocabulary)
        if not self.idf.shape == self.weights.shape == (terms,):
            raise ValueError(f"{terms} words, but {self.idf.shape} idf and {self.weights.shape} weights")
        if len(self.index) != terms:
            raise ValueError("a word stands twice in the vocabulary")
        if not (np.all(np.isfinite(self.idf)) and np.all(self.idf >= 1)):
            raise ValueError("an idf below 1 or not finite")
        if not (np.all(np.isfinite(self.weights)) and math.isfinite(self.bias)):
            raise ValueError("a weight or bias that is not finite")
        if not 0 <= self.threshold <= 1:
            raise ValueError(f"the threshold {self.threshold}, which is no probability")

    @cached_property
    def index(self) -> Mapping[str, int]:
        """Word → term id."""
        return {word: term for term, word in enumerate(self.vocabulary)}

    def probability(self, dot: Floats, squared_norm: Floats, posts: Floats) -> Floats:
        """Return what it makes of users with these sums and numbers of posts; any one shape."""
        return picture.sigmoid(self.log_odds(dot, squared_norm, posts))

    def log_odds(self, dot: Floats, squared_norm: Floats, posts: Floats) -> Floats:
        """Return the same as log-odds.

        With fewer posts than an alert needs they are below the threshold, of a model that holds them there.
        """
        score = picture.score(dot, squared_norm, self.bias, self.certainty.prior)
        log_odds = self.certainty.log_odds(score, posts)
        if not self.certainty.holds_few or not 0 < self.threshold < 1:
            return log_odds
        most = math.log(self.threshold / (1 - self.threshold)) - _BELOW
        return np.where(posts < self.certainty.min_posts, np.minimum(log_odds, most), log_odds)

    @cached_property
    def version(self) -> str:
        """Twelve hexadecimal digits that change with any number, word or reading the model computes with."""
        content = hashlib.sha256("\n".join(self.vocabulary).encode())
        if self.reading is not FORMER:
            content.update(f"\nreading {self.reading.version}".encode())
        if self.certainty != PAPER:
            content.update(b"\ncertainty " + self.certainty.numbers().astype("<f8").tobytes())
        if self.certainty.holds_few:
            content.update(b"\nfew posts are held below the threshold")
        if self.about != ABOUT:
            content.update(f"\nabout {self.about}".encode())
        for numbers in (self.idf, self.weights, np.array([self.bias, self.threshold])):
            content.update(np.ascontiguousarray(numbers, "<f8").tobytes())
        return content.hexdigest()[:12]

    @property
    def advice(self) -> str:
        """One line about a model of before the newest reading or certainty; empty of any other."""
        if self.reading is not NEWEST:
            found = (
                f"before texts were read as they are now (reading {self.reading.version} of {NEWEST.version})"
            )
        elif self.certainty is UNSAID:
            found = "before models said how sure they are, so that one post may make it certain,"
        elif self.certainty.min_posts > 1 and not self.certainty.holds_few:
            found = "before users with few posts were held below the threshold"
        else:
            return ""
        return (
            f"model {self.version} was made {found} and goes on as it was trained; train it again with "
            f"./screening train, and switch with ./screening model use"
        )


def save_model(model: Model, folder: Path) -> None:
    """Write the model as `folder`; as `save_files`."""
    save_files(files_of(model), folder)


def load_model(folder: Path) -> Model:
    """Read what `save_model` wrote; raises as `model_of`."""
    return model_of(read_folder(folder))


def model_of(files: ModelFiles) -> Model:
    """Return the model that the files make.

    Raises ModelError, naming the file: one that is not there, of another kind, or at odds with the rest.
    """
    manifest = files.manifest
    if files.kind != KIND:
        found = f"a model of kind {files.kind!r}, where one of words, {KIND!r}, is needed"
        raise ModelError(files.place / MANIFEST, found, "Name another")
    words, idf, weights = (files.content(name) for name in (VOCABULARY, IDF, WEIGHTS))
    try:
        model = Model(
            vocabulary=tuple(words.decode().split("\n")[:-1]),
            idf=array_of(idf),
            weights=array_of(weights),
            bias=float(manifest["bias"]),
            threshold=float(manifest["threshold"]),
            training=dict(manifest["training"]),
            reading=_reading(manifest, files.place / MANIFEST),
            certainty=certainty_of(manifest["certainty"]) if manifest["format"] > 2 else UNSAID,
            about=str(manifest.get("about", ABOUT)),
        )
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise files.not_a_model(error) from error
    if model.version != manifest.get("version"):
        raise files.other_version(model.version)
    return model


def files_of(model: Model) -> dict[str, bytes]:
    """Return the files of a model by name."""
    manifest = {
        "format": FORMAT,
        "kind": KIND,
        "version": model.version,
        "reading": model.reading.version,
        "bias": model.bias,
        "threshold": model.threshold,
        "certainty": model.certainty.to_json(),
        "about": model.about,
        "made_with": {"python": platform.python_version(), "numpy": np.__version__},
        "training": dict(model.training),
    }
    words = "".join(f"{word}\n" for word in model.vocabulary).encode()
    return with_manifest(
        manifest, {VOCABULARY: words, IDF: npy_of(model.idf), WEIGHTS: npy_of(model.weights)}
    )


def _reading(manifest: Mapping[str, Any], path: Path) -> Reading:
    version = manifest["reading"] if manifest["format"] > 1 else FORMER.version
    if version not in READINGS:
        found = f"reading {version!r} of texts, which this code does not know"
        raise ModelError(path, found, "Update the code, or train the model again")
    return READINGS[version]
