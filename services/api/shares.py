"""A share of cases, and within what bounds it would be in 95 of 100 such samples. Source: Wilson 1927."""

from math import sqrt
from typing import NamedTuple

Z_975 = 1.959963984540054


class Share(NamedTuple):
    """`value` of 0 … 1 in the cases there were; within `low` … `high` of all such cases."""

    value: float
    low: float
    high: float


def share(part: int, cases: int) -> Share | None:
    """Return what share `part` is of `cases`; None where there is no case."""
    if cases == 0:
        return None
    value, spread = part / cases, Z_975**2 / cases
    middle = (value + spread / 2) / (1 + spread)
    reach = sqrt(value * (1 - value) * spread + spread**2 / 4) / (1 + spread)
    # At either end the bound is the end itself, which sums of floats may miss.
    return Share(value, 0.0 if part == 0 else middle - reach, 1.0 if part == cases else middle + reach)
