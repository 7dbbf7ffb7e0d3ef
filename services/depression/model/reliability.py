"""Whether probabilities are what they say: of all that got .3, three in ten should be positive.

A user speaks once after every post, so the many posts of a few would drown the others: within a stratum of
numbers of posts, all that is said of one user counts as much as all that is said of another.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from services.depression.model.counts import Floats

# Least and most posts.
STRATA: tuple[tuple[int, int | None], ...] = ((1, 3), (4, 9), (10, 24), (25, 99), (100, None))
BINS = 10


@dataclass(frozen=True, slots=True)
class Said:
    """What was said of users after each of their posts, of all users one after the other; (sayings,) each.

    users   numbers the users, from 0
    values  probabilities, or what is to become one
    posts   of the user until then
    truth   whether the user is positive
    """

    users: npt.NDArray[np.intp]
    values: Floats
    posts: Floats
    truth: npt.NDArray[np.bool_]

    @property
    def weights(self) -> Floats:
        """How much each counts: those of one user in one stratum add up to 1."""
        edges = [least for least, _ in STRATA[1:]]
        cell = self.users * len(STRATA) + np.searchsorted(edges, self.posts, side="right")
        weights: Floats = 1.0 / np.bincount(cell)[cell]
        return weights

    def within(self, least: int, most: int | None) -> "Said":
        """Return what was said after so many posts."""
        return self._only((self.posts >= least) & (self.posts <= (np.inf if most is None else most)))

    def thinned(self) -> "Said":
        """Return what was said after 1, 2, 3 … posts, and then at ever larger steps of a twentieth."""
        most = max(2.0, float(self.posts.max(initial=2.0)))
        kept = np.unique(np.geomspace(1, most, int(np.log(most) / np.log(1.05)) + 1).astype(np.intp))
        return self._only(np.isin(self.posts, kept))

    def _only(self, some: npt.NDArray[np.bool_]) -> "Said":
        return Said(self.users[some], self.values[some], self.posts[some], self.truth[some])


def said(values: Sequence[Floats], truth: Sequence[bool]) -> Said:
    """Put together what was said of each user, (posts of the user,) each, and whether they are positive."""
    lengths = [len(of_user) for of_user in values]
    return Said(
        np.repeat(np.arange(len(lengths)), lengths),
        np.concatenate(values),
        np.concatenate([np.arange(1.0, length + 1) for length in lengths]),
        np.repeat(np.asarray(truth, np.bool_), lengths),
    )


@dataclass(frozen=True, slots=True)
class Bin:
    """Probabilities of about the same height: what they say, and what came true of so many users."""

    said: float
    true: float
    users: float


@dataclass(frozen=True, slots=True)
class Reliability:
    """Of what was said after so many posts: expected calibration error, Brier score, and the bins of both."""

    least: int
    most: int | None
    users: int
    ece: float
    brier: float
    bins: Sequence[Bin]


def reliability(probabilities: Said, least: int = 1, most: int | None = None) -> Reliability:
    """Hold probabilities after `least` to `most` posts against the truth, in ten bins of equal width.

    The error is the mean distance between what the probabilities of a bin say and what came true of them,
    by how much each bin holds; 0 where nothing was said.
    """
    some = probabilities.within(least, most)
    weights = some.weights if len(some.values) else some.values
    number = np.minimum((some.values * BINS).astype(np.intp), BINS - 1)
    held = np.bincount(number, weights, BINS)
    of_said = np.bincount(number, weights * some.values, BINS)
    of_true = np.bincount(number, weights * some.truth, BINS)
    whole = max(float(held.sum()), np.finfo(float).tiny)
    bins = [
        Bin(of_said[each] / held[each], of_true[each] / held[each], float(held[each]))
        for each in np.flatnonzero(held)
    ]
    return Reliability(
        least,
        most,
        len(np.unique(some.users)),
        float(np.abs(of_said - of_true).sum() / whole),
        float((weights * (some.values - some.truth) ** 2).sum() / whole),
        bins,
    )


def by_stratum(probabilities: Said) -> list[Reliability]:
    """Return the reliability after few posts, more, and many."""
    return [reliability(probabilities, least, most) for least, most in STRATA]
