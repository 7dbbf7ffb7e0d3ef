"""The contract of what makes points in space of texts, so that texts of like meaning lie close together."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float32]


class Encoder(Protocol):
    """Encodes texts, each by itself: one text gives one point, to 1e-5, whatever stands beside it."""

    @property
    def dimensions(self) -> int:
        """Numbers that a point has."""

    def encode(self, texts: Sequence[str]) -> Points:
        """Return the point of each text, of unit length: (texts, dimensions). No text is too odd or long."""
