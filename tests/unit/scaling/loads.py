"""Loads, figures and limits for tests, of which each says what it is about and nothing else."""

from typing import Any

from catenae.scaling.figures import Figures, Inflow, Load
from catenae.scaling.limits import Limits

NOW_S = 1_700_000_000.0
LIMITS = Limits(least=1, most=12, target=0.8, partitions=12)


def load(arrives_per_s: float = 0.0, due: int = 0, instances: int = 1, **others: Any) -> Load:
    """Return the load of a node that handles 60 messages a second an instance, and is busy with them."""
    known = {"ready": instances, "rate_per_s": 60.0, "busy": 1.0, "handled_per_s": 60.0 * instances}
    inflow = Inflow("texts", arrives_per_s, arrives_per_s, due)
    return Load(**{"instances": instances, "inflows": (inflow,), **known, **others})


def figures(at_s: float = NOW_S, /, **loads: Load) -> Figures:
    """Return complete figures of these nodes."""
    return Figures(at_s, loads)
