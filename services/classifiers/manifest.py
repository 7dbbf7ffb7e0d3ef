"""What the manifest of a classifier says, and what version that makes it."""

import hashlib
import json
import platform
from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

import msgspec
import numpy as np
from msgspec import Meta, Struct

from services.classifiers.preprocessing import MissingPackage, Step, UnknownStep, preprocessing
from services.models.folder import FORMAT, MANIFEST, ModelError, ModelFiles, seals, with_manifest

# Beyond these nothing is any likelier; so none of them is infinite.
Number = Annotated[float, Meta(ge=-1e9, le=1e9)]
Slope = Annotated[float, Meta(ge=0, le=1e9)]
Share = Annotated[float, Meta(ge=0, le=1)]
Some = Annotated[int, Meta(ge=1, le=10**6)]
Word = Annotated[str, Meta(max_length=200)]
Few = Annotated[list[Word], Meta(max_length=100)]

# What tells of a model and changes nothing about what it computes.
_TOLD = ("version", "training", "made_with")


class Line(Struct, frozen=True):
    """From a score to log-odds that were right of posts held out."""

    slope: Slope
    intercept: Number


class Origin(Struct, frozen=True):
    """A network: which, and, if others have trained it, in which package of which licence; see `Foreign`."""

    name: Word
    package: Word
    version: Word
    licence: Word
    sha256: Word


class Weights(Origin, frozen=True):
    """An encoder of texts; `longest` is how many characters of one it reads."""

    longest: Some


class Said(Struct, frozen=True, kw_only=True):
    """The part of a manifest that is common to all kinds from format 4 on.

    labels         what it calls the two classes, the one it looks for last
    preprocessing  steps by name, in order
    reading        by which own words are told from others'
    """

    about: Word
    languages: Few
    labels: tuple[Word, Word]
    reading: int
    preprocessing: Few
    threshold: Share
    min_posts: Some
    training: dict[str, Any]


S = TypeVar("S", bound=Said)


def said_by(files: ModelFiles, kind: type[S]) -> S:
    """Return what the manifest says, checked; raise ModelError naming the field that does not fit.

    What it says its version is must be the version of what it says.
    """
    try:
        said = msgspec.convert(dict(files.manifest), kind)
        version = version_of(files.manifest)
    except (msgspec.ValidationError, ValueError, OverflowError, RecursionError) as error:
        raise files.not_a_model(error) from error
    if version != files.version:
        raise files.other_version(version)
    return said


def steps_of(files: ModelFiles, said: Said) -> Step:
    """Return what does the steps of preprocessing; raise ModelError where one is not known or installed."""
    try:
        return preprocessing(said.preprocessing)
    except UnknownStep as error:
        raise files.not_a_model(error) from error
    except MissingPackage as error:
        raise ModelError(files.place / MANIFEST, str(error), "Install the extra chinese") from error


def version_of(manifest: Mapping[str, Any]) -> str:
    """Return twelve hexadecimal digits of all that a model computes with: its files are in by their sums."""
    computes = {name: value for name, value in manifest.items() if name not in _TOLD}
    content = json.dumps(computes, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(content.encode()).hexdigest()[:12]


def files_of(said: Said, kind: str, contents: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the files of a model: those given, and the manifest, with the version by all that it says."""
    manifest = {"format": FORMAT, "kind": kind, **msgspec.to_builtins(said)}
    made_with = {"python": platform.python_version(), "numpy": np.__version__}
    version = version_of({**manifest, "files": seals(contents)})
    return with_manifest({**manifest, "version": version, "made_with": made_with}, contents)
