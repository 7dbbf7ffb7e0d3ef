"""A model of kind "encoder" whose encoder needs nothing installed: it counts letters."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from services.classifiers.encoders.encoder import Points
from services.classifiers.kinds.encoder import HEAD, KIND, EncoderClassifier, EncoderSaid, encoder_of
from services.classifiers.manifest import Line, Weights, files_of
from services.models.arrays import npy_of
from services.models.folder import ModelFiles, read_files

LETTERS = "abcdefghijklmnopqrstuvwxyz"


class LetterEncoder:
    """Puts a text where its letters put it; `asked` are the texts it was given, batch by batch."""

    dimensions = len(LETTERS)

    def __init__(self) -> None:
        self.asked: list[Sequence[str]] = []

    def encode(self, texts: Sequence[str]) -> Points:
        self.asked.append(texts)
        counts = np.array([[text.count(letter) for letter in LETTERS] for text in texts], np.float32)
        counts = counts.reshape(len(texts), self.dimensions)
        points: Points = counts / np.maximum(np.linalg.norm(counts, axis=1, keepdims=True), 1.0)
        return points


def letter_encoder(_weights: Weights, _files: ModelFiles, _threads: int) -> LetterEncoder:
    return LetterEncoder()


SAID = EncoderSaid(
    about="depression",
    languages=["en"],
    labels=("not", "depressive"),
    reading=2,
    preprocessing=["mentions", "case", "spaces"],
    threshold=0.5,
    min_posts=1,
    training={"seed": 7},
    encoder=Weights("letters", "letters-package", "1.0", "Apache-2.0", "0" * 64, 2000),
    bias=-1.0,
    calibration=Line(1.5, 0.25),
)
# The more of its letters are "s", the more depressive a text is.
WEIGHTS = np.where(np.array(list(LETTERS)) == "s", 4.0, -0.5)


@pytest.fixture
def files() -> dict[str, bytes]:
    """Return the files of a model of kind "encoder"."""
    return files_of(SAID, KIND, {HEAD: npy_of(WEIGHTS)})


def made(files: Mapping[str, bytes]) -> EncoderClassifier:
    """Return the classifier of these files."""
    return encoder_of(in_memory(files), 1, letter_encoder)


def in_memory(files: Mapping[str, bytes]) -> ModelFiles:
    return read_files(lambda name, most: files.get(name, b"")[: most + 1], Path("model"))
