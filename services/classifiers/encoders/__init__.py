"""Sentence encoders: one file each, one line in ENCODERS. What a model says it needs is opened here."""

from services.classifiers.encoders.encoder import Encoder
from services.classifiers.encoders.foreign import Foreign
from services.classifiers.encoders.multilingual import PACKAGE, MultilingualEncoder
from services.classifiers.manifest import Weights
from services.models.folder import MANIFEST, ModelError, ModelFiles

MULTILINGUAL = "use-multilingual-3"
# By what a manifest calls them. A model names one of these, never a module to be imported.
PACKAGES = {MULTILINGUAL: PACKAGE}


def open_encoder(weights: Weights, files: ModelFiles, threads: int) -> Encoder:
    """Return the encoder that a model needs, in so many threads.

    Raises ModelError where it is none that this code knows, or another one is installed.
    """
    known = PACKAGES.get(weights.name)
    wanted = Foreign(weights.package, weights.version, weights.licence, weights.sha256)
    manifest = files.place / MANIFEST
    if known is None or wanted.package != known.package:
        found = f"encoder {weights.name!r} of package {weights.package!r}, which this code does not know"
        raise ModelError(manifest, found, f"Update the code, or train with one of {', '.join(PACKAGES)}")
    if wrong := wanted.missing():
        raise ModelError(manifest, f"encoder {weights.name!r}", wrong)
    return MultilingualEncoder(threads)
