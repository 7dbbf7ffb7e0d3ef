"""How far reviewers agree beyond chance, with 95 % intervals.

Cohen's κ of two, Krippendorff's α and Gwet's AC2 of all; their variances by linearisation over cases, and
Student's t with one degree of freedom less than there are cases, as the package irrCAC 0.4.4 has them, which
cannot be installed beside a scipy of today. Sums are exact, so that the order of the cases does not matter.
Source: Gwet 2014, "Handbook of Inter-Rater Reliability", 4th edition.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations
from math import exp, fsum, inf, lgamma, log, sqrt
from typing import NamedTuple

from services.api.review_record import Verdict

# From one end to the other: who is unsure is half way.
ORDER = (Verdict.NO_RISK, Verdict.UNSURE, Verdict.RISK)
Case = Mapping[str, Verdict]
Weights = Sequence[Sequence[float]]

NOMINAL: Weights = [[float(one == other) for other in range(3)] for one in range(3)]
LINEAR: Weights = [[1 - abs(one - other) / 2 for other in range(3)] for one in range(3)]


class Coefficient(NamedTuple):
    """1 is full agreement, 0 what chance alone would give; within low … high in 95 of 100 such samples."""

    value: float
    low: float
    high: float


class Pair(NamedTuple):
    """Two reviewers, the cases that both have judged, and in what share of them they say the same."""

    one: str
    other: str
    cases: int
    agreed: float
    kappa: Coefficient | None


def pairs(cases: Sequence[Case]) -> list[Pair]:
    """Return every two reviewers who have a case in common, those with the most first."""
    accounts = sorted({account for case in cases for account in case})
    found = []
    for one, other in combinations(accounts, 2):
        both = [(case[one], case[other]) for case in cases if one in case and other in case]
        if both:
            agreed = sum(mine == yours for mine, yours in both) / len(both)
            found.append(Pair(one, other, len(both), agreed, kappa(both)))
    return sorted(found, key=lambda pair: (-pair.cases, pair.one, pair.other))


def kappa(both: Sequence[tuple[Verdict, Verdict]]) -> Coefficient | None:
    """Return Cohen's κ of the verdicts of two; None where there are too few cases or nothing varies."""
    cases = len(both)
    if cases < 2:
        return None
    shares = [[sum(each[who] == verdict for each in both) / cases for verdict in ORDER] for who in (0, 1)]
    expected = sum(mine * yours for mine, yours in zip(*shares, strict=True))
    agreed = [float(mine == yours) for mine, yours in both]
    by_chance = [(shares[1][ORDER.index(mine)] + shares[0][ORDER.index(yours)]) / 2 for mine, yours in both]
    return _coefficient(agreed, by_chance, expected, cases, cases)


def ac2(cases: Sequence[Case]) -> Coefficient | None:
    """Return Gwet's AC2 of all verdicts, where unsure is half way; None where nobody shares two cases."""
    rated = [_counts(case) for case in cases if case]
    several = sum(sum(counts) >= 2 for counts in rated)
    if several < 2:
        return None
    shares = [fsum(counts[k] / sum(counts) for counts in rated) / len(rated) for k in range(3)]
    factor = sum(map(sum, LINEAR)) / (3 * 2)
    expected = factor * sum(share * (1 - share) for share in shares)
    by_chance = [
        factor * sum(n * (1 - share) for n, share in zip(counts, shares, strict=True)) / sum(counts)
        for counts in rated
    ]
    agreed = [_agreed(counts, LINEAR) for counts in rated]
    return _coefficient(agreed, by_chance, expected, several, len(rated))


def alpha(cases: Sequence[Case]) -> Coefficient | None:
    """Return Krippendorff's α of all verdicts, nominal; None as for `ac2`, and where nothing varies."""
    rated = [counts for counts in map(_counts, cases) if sum(counts) >= 2]
    if len(rated) < 2:
        return None
    raters = [sum(counts) for counts in rated]
    mean = sum(raters) / len(rated)
    few = 1 / sum(raters)
    pair_shares = [
        _weighted_pairs(counts, NOMINAL) / (mean * (r - 1)) for counts, r in zip(rated, raters, strict=True)
    ]
    agreed_raw = fsum(pair_shares) / len(rated)
    agreed = (1 - few) * agreed_raw + few
    shares = [sum(counts[k] for counts in rated) / mean / len(rated) for k in range(3)]
    expected = sum(share**2 for share in shares)
    if expected >= 1 - 1e-12:
        return None
    value = (agreed - expected) / (1 - expected)
    raw = (agreed_raw - expected) / (1 - expected)
    parts = []
    for counts, r, pair_share in zip(rated, raters, pair_shares, strict=True):
        excess = (r - mean) / mean
        chance = sum(n * share for n, share in zip(counts, shares, strict=True)) / mean - expected * excess
        part = (pair_share - agreed * excess - expected) / (1 - expected)
        parts.append(part - 2 * (1 - raw) * (chance - expected) / (1 - expected))
    return _interval(value, parts, raw)


def _coefficient(
    agreed: Sequence[float | None], by_chance: Sequence[float], expected: float, several: int, cases: int
) -> Coefficient | None:
    """Return (p_a − p_e) / (1 − p_e); `agreed` is None for a case of a single verdict."""
    if expected >= 1 - 1e-12:
        return None
    observed = fsum(each for each in agreed if each is not None) / several
    value = (observed - expected) / (1 - expected)
    parts = []
    for each, chance in zip(agreed, by_chance, strict=True):
        part = 0.0 if each is None else cases / several * (each - expected) / (1 - expected)
        parts.append(part - 2 * (1 - value) * (chance - expected) / (1 - expected))
    return _interval(value, parts, value)


def _interval(value: float, parts: Sequence[float], middle: float) -> Coefficient:
    cases = len(parts)
    error = sqrt(fsum((part - middle) ** 2 for part in parts) / (cases * (cases - 1)))
    reach = error * student_975(cases - 1)
    return Coefficient(value, value - reach, min(1.0, value + reach))


def _counts(case: Case) -> list[int]:
    return [sum(verdict == each for verdict in case.values()) for each in ORDER]


def _weighted_pairs(counts: Sequence[int], weights: Weights) -> float:
    near = [sum(weights[k][other] * counts[other] for other in range(3)) for k in range(3)]
    return sum(n * (each - 1) for n, each in zip(counts, near, strict=True))


def _agreed(counts: Sequence[int], weights: Weights) -> float | None:
    raters = sum(counts)
    return None if raters < 2 else _weighted_pairs(counts, weights) / (raters * (raters - 1))


def student_975(freedom: int) -> float:
    """Return the 97.5 % quantile of Student's t; by halving, since its tail only falls."""
    low, high = 0.0, 1.0
    while _tail(high, freedom) > 0.025:
        low, high = high, high * 2
    while high - low > 4e-16 * high:
        middle = (low + high) / 2
        if middle in {low, high}:
            break
        low, high = (middle, high) if _tail(middle, freedom) > 0.025 else (low, middle)
    return (low + high) / 2


def _tail(t: float, freedom: int) -> float:
    """Return P(T > t), t > 0: half the regularised incomplete beta function at ν / (ν + t²)."""
    a, b, x = freedom / 2, 0.5, freedom / (freedom + t * t)
    if x > (a + 1) / (a + b + 2):
        return 0.5 - _beta(b, a, t * t / (freedom + t * t), 1 - x) / 2
    return _beta(a, b, x, t * t / (freedom + t * t)) / 2


def _beta(a: float, b: float, x: float, rest: float) -> float:
    """Return I_x(a, b), `rest` being 1 − x, by its continued fraction (Lentz; DLMF 8.17.22)."""
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log(rest))
    c, d, fraction, step = 1.0, 1.0 / (1.0 - (a + b) * x / (a + 1)), 0.0, inf
    fraction = d
    m = 1
    while abs(step - 1) > 1e-16 and m < 10_000:
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        step = 1.0
        for each in (even, odd):
            d = 1.0 / (1.0 + each * d)
            c = 1.0 + each / c
            step *= c * d
        fraction *= step
        m += 1
    return front * fraction / a
