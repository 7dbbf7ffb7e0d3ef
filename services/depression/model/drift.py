"""Whether users are like those that a model was trained on: a model from one place knows nothing elsewhere.

It is as sure of people of whom it understands nothing as of any others. So two things are compared that need
no truth: the probabilities, and how many of the users' words the model knows, which falls with another
language, subject or time. Both by the population stability index, Σ (found - expected)·ln(found / expected)
over ten bins.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from services.depression.model.counts import Floats

BINS = 10
# What the index is commonly read by: a shift to be looked at, and another population.
SHIFTED, OTHER = 0.1, 0.25
# No bin is without anybody, or the index would be infinite.
_LEAST = 1e-3


@dataclass(frozen=True, slots=True)
class Profile:
    """How one figure is spread over users: between which edges, (bins - 1,), which share, (bins,)."""

    edges: Sequence[float]
    shares: Sequence[float]

    def to_json(self) -> dict[str, Any]:
        """Return what `profile_from` reads."""
        return {"edges": list(self.edges), "shares": list(self.shares)}


def profile(values: Floats) -> Profile:
    """Return the profile of a figure of users, by its own deciles."""
    edges = np.unique(np.quantile(values, np.linspace(0, 1, BINS + 1)[1:-1]))
    return Profile(edges.tolist(), shares(values, edges).tolist())


def profile_from(found: Mapping[str, Any]) -> Profile:
    """Read what a manifest says; raises KeyError, TypeError or ValueError for anything else."""
    return Profile([float(edge) for edge in found["edges"]], [float(share) for share in found["shares"]])


def shares(values: Floats, edges: Floats) -> Floats:
    """Return which share of the values, one at least, lies between the edges, (edges + 1,)."""
    held = np.bincount(np.searchsorted(edges, values, side="right"), minlength=len(edges) + 1)
    found: Floats = held / len(values)
    return found


def stability_index(expected: Profile, values: Floats) -> float:
    """Return how far values, one at least, are spread otherwise than expected; 0 is not at all."""
    former = np.maximum(expected.shares, _LEAST)
    found = np.maximum(shares(values, np.array(expected.edges)), _LEAST)
    return float(((found - former) * np.log(found / former)).sum())
