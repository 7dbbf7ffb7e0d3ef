"""The trained model, and the folder it is kept in: readable, checksummed, and never a pickle.

manifest.json    format, version, reading of texts, bias, threshold, certainty, what it is about, how it was
                 trained; size and SHA-256 of the other files
vocabulary.txt   one word per line; the line number, from 0, is the term id
idf.npy          inverse document frequency of each term
weights.npy      logistic regression weight of each term
"""

import hashlib
import io
import json
import math
import os
import platform
import re
import tempfile
from collections.abc import Callable, Mapping
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

FORMAT = 3  # 1 did not name its reading, of which there was one; 2 did not say how sure it is
MANIFEST = "manifest.json"
VOCABULARY, IDF, WEIGHTS = "vocabulary.txt", "idf.npy", "weights.npy"
FILES = (MANIFEST, VOCABULARY, IDF, WEIGHTS)

# The only head that NumPy gives such an array.
_NPY = re.compile(
    rb"\x93NUMPY\x01\x00..\{'descr': '<f8', 'fortran_order': False, 'shape': \((?P<size>\d{1,12}),\), \} *\n",
    re.DOTALL,
)


class ModelError(Exception):
    """A model folder that cannot be used. `path` is the file at fault, `found` what is wrong with it."""

    def __init__(
        self, path: Path, found: str, advice: str = "Train the model again, or copy it again"
    ) -> None:
        super().__init__(f"model file {path}: {found}. {advice}")
        self.path, self.found = path, found


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
        score = picture.score(dot, squared_norm, self.bias, self.certainty.prior)
        return picture.sigmoid(self.certainty.log_odds(score, posts))

    @cached_property
    def version(self) -> str:
        """Twelve hexadecimal digits that change with any number, word or reading the model computes with."""
        content = hashlib.sha256("\n".join(self.vocabulary).encode())
        if self.reading is not FORMER:
            content.update(f"\nreading {self.reading.version}".encode())
        if self.certainty != PAPER:
            content.update(b"\ncertainty " + self.certainty.numbers().astype("<f8").tobytes())
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
        else:
            return ""
        return (
            f"model {self.version} was made {found} and goes on as it was trained; train it again with "
            f"./screening train, and switch with ./screening model use"
        )


def save_model(model: Model, folder: Path) -> None:
    """Write the model as `folder`; as `save_files`."""
    save_files(files_of(model), folder)


def save_files(files: Mapping[str, bytes], folder: Path) -> None:
    """Write the files of a model as `folder`, replacing a former model: all or, on any error, nothing.

    Raises ModelError if the folder holds something else than a model, OSError if it cannot be written.
    """
    is_other = any(not each.name.startswith(".") for each in folder.glob("*"))
    if is_other and not (folder / MANIFEST).exists():
        raise ModelError(folder, "a folder that holds something else than a model", "Name another folder")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as workshop:
        fresh, former = Path(workshop, "fresh"), Path(workshop, "former")
        fresh.mkdir()
        _write(files, fresh)
        _swap(fresh, folder, former)


def load_model(folder: Path) -> Model:
    """Read what `save_model` wrote; raises as `model_of`."""
    return model_of(lambda name: _bytes(folder / name), folder)


def model_of(read: Callable[[str], bytes], place: Path) -> Model:
    """Return the model whose files `read` returns by name; `place` is what errors call it.

    Raises ModelError, naming the file: missing, damaged, of a newer format, or at odds with the rest.
    """
    manifest = _manifest(read(MANIFEST), place / MANIFEST)
    files = {name: _checked(read(name), place / name, manifest) for name in (VOCABULARY, IDF, WEIGHTS)}
    try:
        model = Model(
            vocabulary=tuple(files[VOCABULARY].decode().split("\n")[:-1]),
            idf=_array(files[IDF]),
            weights=_array(files[WEIGHTS]),
            bias=float(manifest["bias"]),
            threshold=float(manifest["threshold"]),
            training=dict(manifest["training"]),
            reading=_reading(manifest, place / MANIFEST),
            certainty=certainty_of(manifest["certainty"]) if manifest["format"] > 2 else UNSAID,
            about=str(manifest.get("about", ABOUT)),
        )
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise ModelError(place / MANIFEST, f"the parts do not make a model ({error})") from error
    if model.version != manifest.get("version"):
        found = f"version {manifest.get('version')!r} for the content {model.version!r}"
        raise ModelError(place / MANIFEST, found)
    return model


def files_of(model: Model) -> dict[str, bytes]:
    """Return the files of a model by name."""
    contents = {
        VOCABULARY: "".join(f"{word}\n" for word in model.vocabulary).encode(),
        IDF: _npy(model.idf),
        WEIGHTS: _npy(model.weights),
    }
    manifest = {
        "format": FORMAT,
        "version": model.version,
        "reading": model.reading.version,
        "bias": model.bias,
        "threshold": model.threshold,
        "certainty": model.certainty.to_json(),
        "about": model.about,
        "made_with": {"python": platform.python_version(), "numpy": np.__version__},
        "files": {name: seal(content) for name, content in contents.items()},
        "training": dict(model.training),
    }
    return {MANIFEST: json.dumps(manifest, indent=2, allow_nan=False).encode(), **contents}


def seal(content: bytes) -> dict[str, object]:
    """Return what tells these bytes from others."""
    return {"size_bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def _write(files: Mapping[str, bytes], folder: Path) -> None:
    for name, content in files.items():
        with (folder / name).open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())


def _swap(fresh: Path, folder: Path, former: Path) -> None:
    if folder.exists():
        folder.rename(former)
    try:
        fresh.rename(folder)
    except OSError:
        if former.exists():
            former.rename(folder)
        raise


def _manifest(content: bytes, path: Path) -> Mapping[str, Any]:
    try:
        manifest = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ModelError(path, f"no JSON ({error})") from error
    if not isinstance(manifest, dict) or not isinstance(manifest.get("format"), int):
        raise ModelError(path, "no manifest of a model")
    if manifest["format"] > FORMAT:
        found = f"format {manifest['format']}, newer than {FORMAT}, the newest this code reads"
        raise ModelError(path, found, "Update the code, or train the model again")
    if not isinstance(manifest.get("files"), dict):
        raise ModelError(path, "no list of files")
    return manifest


def _reading(manifest: Mapping[str, Any], path: Path) -> Reading:
    version = manifest["reading"] if manifest["format"] > 1 else FORMER.version
    if version not in READINGS:
        found = f"reading {version!r} of texts, which this code does not know"
        raise ModelError(path, found, "Update the code, or train the model again")
    return READINGS[version]


def _checked(content: bytes, path: Path, manifest: Mapping[str, Any]) -> bytes:
    if path.name not in manifest["files"]:
        raise ModelError(path.parent / MANIFEST, f"no checksum of {path.name}")
    if seal(content) != manifest["files"][path.name]:
        raise ModelError(path, f"{len(content):,} bytes that do not match size and checksum")
    return content


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise ModelError(path, "missing", "Train a model into this folder, or name another") from error
    except OSError as error:
        raise ModelError(
            path, error.strerror or str(error), "Check the folder and its permissions"
        ) from error


def _npy(numbers: Floats) -> bytes:
    file = io.BytesIO()
    np.save(file, numbers.astype("<f8"), allow_pickle=False)
    return file.getvalue()


def _array(content: bytes) -> Floats:
    """Return the numbers of a file as `_npy` writes it; raise ValueError for any other.

    What the file says of itself is held against its size before anything is made of it.
    """
    head = _NPY.match(content)
    if head is None:
        raise ValueError("no array of numbers in one dimension")
    numbers = content[head.end() :]
    if len(numbers) != 8 * int(head["size"]):
        raise ValueError(f"an array of {int(head['size']):,} numbers in {len(numbers):,} bytes")
    return np.frombuffer(numbers, "<f8").astype(np.float64)
