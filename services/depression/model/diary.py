"""What a user's posts say, added up by the day they were written on: the best stretch of days, a decayed sum.

Days take the place of posts so that little is kept of a user however much there is, and so that a post is
taken away by what it says alone. Sums are whole numbers: the same in any order, and exact again after any
post. Evidence of a post is as in `evidence`.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from services.depression.model.counts import Floats, Rows

DAY_S = 86_400
# So many days of a user are told apart, the latest ones; what is older is taken together.
MOST_DAYS = 1_000
# What is so old counts half in the decayed sum.
HALF_LIFE_DAYS = 14
_UNITS = 10**12


class Day(NamedTuple):
    """What was written on a day: evidence in millionths of millionths, and how many posts."""

    evidence: int
    posts: int


class Stretch(NamedTuple):
    """The best stretch of days that ends with the latest: what it adds up to, and the day it begins on."""

    total: float
    first_day: int


@dataclass(frozen=True, slots=True)
class Diary:
    """The days of one user, by number since 1970."""

    days: Mapping[int, Day]

    def changed(self, created_utc: int, evidence: float, posts: int = 1) -> "Diary":
        """Return it with a post more, or, by the negative of either, with one fewer."""
        day = created_utc // DAY_S
        before = self.days.get(day, Day(0, 0))
        after = Day(before.evidence + round(evidence * _UNITS), before.posts + posts)
        days = {**self.days, day: after}
        if after == (0, 0):
            del days[day]
        if len(days) > MOST_DAYS:
            oldest, second = sorted(days)[:2]
            gone, kept = days.pop(oldest), days[second]
            days[second] = Day(gone.evidence + kept.evidence, gone.posts + kept.posts)
        return Diary(days)

    @property
    def posts(self) -> int:
        """How many posts there are."""
        return sum(day.posts for day in self.days.values())

    def stretch(self, middle: float) -> Stretch:
        """Return the best stretch, given the evidence half way between users of either class."""
        total, first_day = 0.0, 0
        for number in sorted(self.days):
            if total <= 0:
                total, first_day = 0.0, number
            total += self._over(number, middle)
        return Stretch(max(0.0, total), first_day)

    def decayed(self, middle: float) -> float:
        """Return the sum in which what is older counts less."""
        latest = max(self.days, default=0)
        return math.fsum(self._over(number, middle) * _decay(latest - number) for number in sorted(self.days))

    def _over(self, number: int, middle: float) -> float:
        day = self.days[number]
        return day.evidence / _UNITS - middle * day.posts

    def packed(self) -> list[Any]:
        """Return what `unpacked` reads."""
        return [[number, *self.days[number]] for number in sorted(self.days)]


def unpacked(packed: Sequence[Any]) -> Diary:
    """Return a diary as it was packed."""
    return Diary({number: Day(evidence, posts) for number, evidence, posts in packed})


def stretches(evidence: Floats, days: Rows) -> Floats:
    """Return what the best stretch adds up to after each post, (posts,).

    evidence, days  (posts,)  less the middle, in order of time; days by number
    """
    return _by_day(evidence, days, lambda before, _gap: max(0.0, before), lambda total: max(0.0, total))


def decayed_sums(evidence: Floats, days: Rows) -> Floats:
    """Return the decayed sum after each post, (posts,); as `stretches`."""
    return _by_day(evidence, days, lambda before, gap: before * _decay(gap), lambda total: total)


def _by_day(
    evidence: Floats, days: Rows, carry: Callable[[float, int], float], show: Callable[[float], float]
) -> Floats:
    found = np.empty(len(evidence))
    total, day = 0.0, int(days[0]) if len(days) else 0
    for post, (more, at) in enumerate(zip(evidence.tolist(), days.tolist(), strict=True)):
        if at != day:
            total, day = carry(total, at - day), at
        total += more
        found[post] = show(total)
    return found


def _decay(days: int) -> float:
    return float(0.5 ** (days / HALF_LIFE_DAYS))
