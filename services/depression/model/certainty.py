"""How sure a probability is, given how much there is behind it.

By the paper's rule, σ(Σ w·f·c / √(Σ (f·c)²) + b), one word that a model knows makes it as sure as a thousand.
Two things stand between that and what is said of a person, both chosen on users held out:

    s = Σ w·f·c / √(Σ (f·c)² + λ) + b
    p = σ((1 - r)·(a₀·s + b₀) + r·(a₁·s + b₁)),  r = n / (n + h),  n = min(posts, m)

λ is the evidence prior, by which little text says little; the rest calibrates by the number of posts,
up to the m of the longest history that was held out: of longer ones nothing was seen.

The sums are the paper's, so a post costs what it did, can be taken away, and is explained by its words.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, astuple, dataclass
from typing import Any

import numpy as np

from services.depression.model.counts import Floats

# More than anybody writes.
_MOST_POSTS = 10**9


@dataclass(frozen=True, slots=True)
class Line:
    """A straight line from scores to log-odds; it never falls."""

    slope: float
    intercept: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.slope) and math.isfinite(self.intercept) and self.slope >= 0):
            raise ValueError(f"the line {self.slope}·s + {self.intercept}, which falls or is not finite")


@dataclass(frozen=True, slots=True)
class Calibration:
    """From scores to the log-odds that were right for users held out, by how many posts there are.

    few, many   what holds of no post at all, and of posts without end; between them, by n / (n + half)
    half        posts at which it is as far from the one as from the other, > 0
    most        posts of the longest history it was fitted to; more count as so many. None of models of old
    """

    few: Line
    many: Line
    half: float
    most: int | None = None

    def __post_init__(self) -> None:
        if not (math.isfinite(self.half) and self.half > 0):
            raise ValueError(f"a calibration that is half way after {self.half} posts")
        if self.most is not None and not 1 <= self.most <= _MOST_POSTS:
            raise ValueError(f"a calibration fitted to histories of at most {self.most} posts")

    def log_odds(self, score: Floats, posts: Floats) -> Floats:
        """Return the log-odds of scores after so many posts; any one shape."""
        way = share(posts if self.most is None else np.minimum(posts, self.most), self.half)
        slope = self.few.slope + way * (self.many.slope - self.few.slope)
        return slope * score + self.few.intercept + way * (self.many.intercept - self.few.intercept)


def share(posts: Floats, half: float) -> Floats:
    """Return n / (n + half) of numbers of posts; 0 of fewer than none."""
    some = np.maximum(posts, 0.0)
    return some / (some + half)


@dataclass(frozen=True, slots=True)
class Certainty:
    """What a model says with how much behind it; as it stands here, the paper's rule.

    prior        λ of the evidence prior, in squared tf-idf, >= 0
    calibration  none where a probability is σ of the score
    min_posts    a user with fewer is not worth an alert
    holds_few    whether what is said of such a user is held below the threshold; not so of models of old
    """

    prior: float = 0.0
    calibration: Calibration | None = None
    min_posts: int = 1
    holds_few: bool = False

    def __post_init__(self) -> None:
        if not (math.isfinite(self.prior) and self.prior >= 0):
            raise ValueError(f"the evidence prior {self.prior}, which is below 0 or not finite")
        if not 1 <= self.min_posts <= _MOST_POSTS:
            raise ValueError(f"alerts from {self.min_posts} posts on")

    def log_odds(self, score: Floats, posts: Floats) -> Floats:
        """Return the log-odds of a user's scores after so many posts; any one shape."""
        return score if self.calibration is None else self.calibration.log_odds(score, posts)

    def numbers(self) -> Floats:
        """Return all numbers that it computes with."""
        curve = self.calibration
        lines = [] if curve is None else [curve.half, *astuple(curve.few), *astuple(curve.many)]
        # Left out where it is not said, so that a model of old keeps its version.
        most = [] if curve is None or curve.most is None else [curve.most]
        return np.array([self.prior, self.min_posts, *lines, *most], np.float64)

    def to_json(self) -> dict[str, Any]:
        """Return what `certainty_of` reads."""
        return asdict(self)


PAPER = Certainty()
# That of a model made before models said how sure they are: it computes as the paper's.
UNSAID = Certainty()


def certainty_of(found: Mapping[str, Any]) -> Certainty:
    """Read what a manifest says; raises KeyError, TypeError or ValueError for anything else."""
    curve = found["calibration"]
    calibration = None if curve is None else _calibration(curve)
    holds_few = found["holds_few"] if "holds_few" in found else False  # noqa: SIM401  as `most`
    if not isinstance(holds_few, bool):
        raise ValueError(f"{holds_few!r} for whether few posts are held below the threshold")
    return Certainty(float(found["prior"]), calibration, int(found["min_posts"]), holds_few)


def _calibration(found: Mapping[str, Any]) -> Calibration:
    most = found["most"] if "most" in found else None  # noqa: SIM401  what is no mapping has no `get`
    few, many = _line(found["few"]), _line(found["many"])
    return Calibration(few, many, float(found["half"]), None if most is None else int(most))


def _line(found: Mapping[str, Any]) -> Line:
    return Line(float(found["slope"]), float(found["intercept"]))
