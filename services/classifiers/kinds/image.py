"""Kind "image": a network that others have trained, and a linear head on its points of a post's thumbnails.

network.onnx  pixels (thumbnails, 128, 128, 3), bytes → points (thumbnails, dimensions)
head.npy      (dimensions,)  weight of each number of a point

    p = σ(slope·(w·x + b) + intercept)

x is the mean over the post's thumbnails of their points, each brought to unit length. Of no thumbnail nothing
is known: w·x is 0. The text is not read.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from services.classifiers.classifier import Judgement, Post
from services.classifiers.encoders.onnx_session import open_session, tried
from services.classifiers.manifest import Line, Number, Origin, Said, said_by
from services.depression.model.picture import sigmoid
from services.depression.model.reading import READINGS
from services.images.values import SIDE, THUMBNAIL_BYTES
from services.models.arrays import Floats, array_of
from services.models.folder import MANIFEST, ModelError, ModelFiles
from services.reddit.records import TextRecord

IMAGE = "image"
NETWORK, HEAD = "network.onnx", "head.npy"

# Thumbnails that run side by side.
_TOGETHER = 8
_TAKES = "pixels"
_WANTED = "network of images"


class ImageSaid(Said, frozen=True, kw_only=True):
    """What the manifest of such a model says."""

    network: Origin
    bias: Number
    calibration: Line


class Network(Protocol):
    """Makes points of thumbnails, each by itself to 1e-5, whatever stands beside it."""

    @property
    def dimensions(self) -> int:
        """Numbers that a point has."""

    def points(self, thumbnails: Sequence[bytes]) -> Floats:
        """Return the point of each thumbnail, of unit length: (thumbnails, dimensions)."""


class OnnxNetwork:
    """Makes points by a graph, with so many threads.

    Raises ValueError for a graph that is none of such a network, ImportError without the extra classify.
    """

    def __init__(self, graph: bytes, threads: int) -> None:
        self._session = open_session(graph, threads, _WANTED)
        takes = [each.name for each in self._session.get_inputs()]
        if takes != [_TAKES]:
            raise ValueError(f"a graph that takes {takes}, where a {_WANTED} takes {[_TAKES]}")
        self.dimensions = 0
        self.dimensions = tried(lambda: self.points([bytes(THUMBNAIL_BYTES)] * 2), _WANTED).shape[1]

    def points(self, thumbnails: Sequence[bytes]) -> Floats:
        found = [
            self._some(pixels_of(thumbnails[start : start + _TOGETHER]))
            for start in range(0, len(thumbnails), _TOGETHER)
        ]
        return np.concatenate([np.zeros((0, self.dimensions)), *found]) if self.dimensions else found[0]

    def _some(self, pixels: npt.NDArray[np.uint8]) -> Floats:
        points = np.asarray(self._session.run(None, {_TAKES: pixels})[0], np.float64)
        if points.ndim != 2 or len(points) != len(pixels) or not np.all(np.isfinite(points)):
            raise ValueError(
                f"a graph that returns {points.shape}, where a {_WANTED} returns a point of each"
            )
        unit: Floats = points / np.maximum(np.linalg.norm(points, axis=1, keepdims=True), 1e-12)
        return unit


class ImageClassifier:
    """Judges posts by their thumbnails; a post without one that is whole says nothing."""

    advice = ""

    def __init__(self, said: ImageSaid, version: str, head: Floats, network: Network) -> None:
        self.version, self.about, self.threshold = version, said.about, said.threshold
        self.min_posts = said.min_posts
        self._said = said
        self._head = head
        self._network = network
        self._reading = READINGS[said.reading]

    def own_words(self, record: TextRecord) -> str:
        return self._reading.own_words(record)

    def classify(self, posts: Sequence[Post], words: int = 0) -> list[Judgement]:  # noqa: ARG002  none weighs
        there = [whole_thumbnails(post) for post in posts]
        scores = iter(self._scores([thumbnail for thumbnails in there for thumbnail in thumbnails]).tolist())
        score = np.array([_mean([next(scores) for _ in thumbnails]) for thumbnails in there])
        line = self._said.calibration
        probabilities = sigmoid(line.slope * (score + self._said.bias) + line.intercept).tolist()
        return [
            Judgement(probability, modality="image" if thumbnails else "none")
            for probability, thumbnails in zip(probabilities, there, strict=True)
        ]

    def _scores(self, thumbnails: Sequence[bytes]) -> Floats:
        # Row by row: how a product of matrices adds up depends on how many rows it has.
        return np.array([float(point @ self._head) for point in self._network.points(thumbnails)])


def whole_thumbnails(post: Post) -> list[bytes]:
    """Return the thumbnails of a post that are of the size that thumbnails are of."""
    return [each for each in post.images if len(each) == THUMBNAIL_BYTES]


def pixels_of(thumbnails: Sequence[bytes]) -> npt.NDArray[np.uint8]:
    """Return thumbnails as an array (thumbnails, SIDE, SIDE, 3)."""
    return np.frombuffer(b"".join(thumbnails), np.uint8).reshape(len(thumbnails), SIDE, SIDE, 3)


def _mean(scores: Sequence[float]) -> float:
    return sum(scores) / len(scores) if scores else 0.0


def image_of(files: ModelFiles, threads: int) -> ImageClassifier:
    """Return the classifier that the files make; raise ModelError where they make none, or it cannot run."""
    said = said_by(files, ImageSaid)
    if said.reading not in READINGS:
        raise files.not_a_model(f"reading {said.reading} of texts, which this code does not know")
    try:
        head = array_of(files.content(HEAD))
    except ValueError as error:
        raise files.not_a_model(error) from error
    try:
        network = OnnxNetwork(files.content(NETWORK), threads)
    except ImportError as error:
        found = f"{error.name} is not installed"
        raise ModelError(files.place / MANIFEST, found, "Install the extra classify") from error
    except ValueError as error:
        raise ModelError(files.place / NETWORK, str(error)) from error
    if head.shape != (network.dimensions,) or not np.all(np.isfinite(head)):
        raise files.not_a_model(f"{head.size} weights for points of {network.dimensions} numbers")
    return ImageClassifier(said, files.version, head, network)
