"""Sentence encoders: one file each. What a model says it needs is opened here."""

from services.classifiers.encoders.encoder import Encoder
from services.classifiers.encoders.foreign import Foreign
from services.classifiers.encoders.multilingual import PACKAGE, MultilingualEncoder
from services.classifiers.encoders.onnx import ONNX, TOKENIZER, OnnxEncoder
from services.classifiers.manifest import Weights
from services.models.folder import MANIFEST, ModelError, ModelFiles

MULTILINGUAL = "use-multilingual-3"


def open_encoder(weights: Weights, files: ModelFiles, threads: int) -> Encoder:
    """Return the encoder that a model needs, in so many threads: its own graph, or one that is installed.

    A model names what it needs, never a module to be imported. Raises ModelError where it is none that this
    code knows, another one is installed, or the graph is none.
    """
    try:
        if ONNX in files.contents:
            return OnnxEncoder(files.content(ONNX), files.content(TOKENIZER), threads)
        if (weights.name, weights.package) == (MULTILINGUAL, PACKAGE.package):
            return _installed(weights, files, threads)
    except ImportError as error:
        raise ModelError(
            files.place / MANIFEST, f"{error.name} is not installed", "Install the extra classify"
        ) from error
    except ValueError as error:
        raise ModelError(files.place / ONNX, str(error)) from error
    found = f"encoder {weights.name!r} of package {weights.package!r}, which this code does not know"
    raise ModelError(files.place / MANIFEST, found, f"Update the code, or train with {MULTILINGUAL}")


def _installed(weights: Weights, files: ModelFiles, threads: int) -> Encoder:
    wanted = Foreign(weights.package, weights.version, weights.licence, weights.sha256)
    if wrong := wanted.missing():
        raise ModelError(files.place / MANIFEST, f"encoder {weights.name!r}", wrong)
    return MultilingualEncoder(threads)
