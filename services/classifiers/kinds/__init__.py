"""Kinds of models: what makes a classifier of the files of each. One file per kind, one line in KINDS."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from services.classifiers.classifier import PostClassifier
from services.classifiers.kinds.cascade import KIND as CASCADE
from services.classifiers.kinds.cascade import CascadeClassifier, cascade_of
from services.classifiers.kinds.encoder import encoder_of
from services.classifiers.kinds.fused import FUSED, fused_of
from services.classifiers.kinds.image import IMAGE, image_of
from services.classifiers.kinds.linear import linear_of
from services.classifiers.kinds.network import CNN_LSTM, LSTM, network_of
from services.classifiers.kinds.svm import SVM, svm_of
from services.models.folder import MANIFEST, ModelError, ModelFiles, read_folder

KINDS: Mapping[str, Callable[[ModelFiles, int], PostClassifier]] = {
    "linear": lambda files, _threads: linear_of(files),
    "encoder": encoder_of,
    SVM: lambda files, _threads: svm_of(files),
    LSTM: network_of,
    CNN_LSTM: network_of,
    IMAGE: image_of,
    FUSED: lambda files, threads: fused_of(files, threads, classifier_of),
    CASCADE: lambda files, threads: cascade_of(files, threads, classifier_of),
}


def classifier_of(files: ModelFiles, threads: int = 1) -> PostClassifier:
    """Return the classifier that the files make; `threads` is the most that it computes with.

    Raises ModelError for a kind that this code does not know, and for files that make none of theirs.
    """
    make = KINDS.get(files.kind) if isinstance(files.kind, str) else None
    if make is None:
        found = f"a model of kind {files.kind!r}, which this code does not know: {', '.join(KINDS)}"
        raise ModelError(files.place / MANIFEST, found, "Update the code, or name another")
    return make(files, threads)


def load_classifier(folder: Path, threads: int = 1) -> PostClassifier:
    """Read a folder; raises as `read_folder` and `classifier_of`."""
    return classifier_of(read_folder(folder), threads)


def classifiers(threads: int) -> Callable[[ModelFiles], PostClassifier]:
    """Return `classifier_of` with so many threads."""
    return partial(classifier_of, threads=threads)


def cascades(threads: int) -> Callable[[ModelFiles], CascadeClassifier]:
    """Return what makes a cascade of files with so many threads, and raises ModelError for any other kind."""

    def make(files: ModelFiles) -> CascadeClassifier:
        if files.kind != CASCADE:
            found = f"a model of kind {files.kind!r}, where a {CASCADE} is needed"
            raise ModelError(files.place / MANIFEST, found, "Name another")
        return cascade_of(files, threads, classifier_of)

    return make
