"""The calibration of a model, from what it says of users that it was not fitted on."""

import numpy as np
from scipy.optimize import minimize

from services.depression.model.certainty import Calibration, Line, share
from services.depression.model.counts import Floats
from services.depression.model.reliability import Said

# Posts at which it is half way between few and many; the best of these is kept. By 64 at most, what is said
# after a hundred posts could not be as sure as it is right.
HALVES = (4.0, 16.0, 64.0, 256.0)
# Draws the lines towards nothing, as one hundredth of a user does: they stay finite where all are told apart.
_PULL = 0.01


def calibrate(scores: Said) -> Calibration:
    """Fit log-odds to scores by maximum likelihood, each user counting once per stratum.

    The slopes never fall below 0: a higher score is never less of a sign. Source: Platt 1999, with lines that
    change with the number of posts.
    """
    found = [(_fit(scores, half), half) for half in HALVES]
    (lines, _), half = min(found, key=lambda each: each[0][1])
    few_slope, many_slope, few_intercept, many_intercept = lines.tolist()
    few, many = Line(few_slope, few_intercept), Line(many_slope, many_intercept)
    return Calibration(few, many, half, int(scores.posts.max()))


def _fit(scores: Said, half: float) -> tuple[Floats, float]:
    way = share(scores.posts, half)
    columns = np.stack([(1 - way) * scores.values, way * scores.values, 1 - way, way])
    sign = np.where(scores.truth, 1.0, -1.0)
    weights = scores.weights

    def loss(lines: Floats) -> tuple[float, Floats]:
        margin = sign * (lines @ columns)
        slope = -weights * sign * 0.5 * (1 - np.tanh(0.5 * margin))
        value = (weights * np.logaddexp(0, -margin)).sum() + _PULL * (lines**2).sum()
        return float(value), columns @ slope + 2 * _PULL * lines

    positive, free = (0.0, None), (None, None)
    fitted = minimize(
        loss,
        np.array([1.0, 1.0, 0.0, 0.0]),
        jac=True,
        method="L-BFGS-B",
        bounds=[positive, positive, free, free],
    )
    return fitted.x, float(fitted.fun)
