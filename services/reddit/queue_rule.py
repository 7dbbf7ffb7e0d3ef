"""When to visit a user again: the sooner, the more of what they wrote is new and the higher their risk."""

from collections.abc import Sequence

_DAY_S = 86_400
# How long users wait in the queues 1 … 6 for the next visit; kept in weeks' reach of what they write.
DELAYS_S = (_DAY_S / 4, *(days * float(_DAY_S) for days in (1, 3, 7, 14, 28)))
QUEUES = len(DELAYS_S)
# The first class of which more than SHARE of the items are so young is the queue.
_CLASSES_S = tuple(days * _DAY_S for days in (1, 3, 7, 14, 56))
_SHARE = 0.2
_FEWEST_ITEMS = 10
_ONE_UP, _TWO_UP, _FIRST = 0.2, 0.4, 0.5


def revisit_queue(ages_s: Sequence[float], probability: float) -> int:
    """Return the queue, 1 (soonest) … QUEUES, that a user waits in until the next visit.

    ages_s       of everything the user wrote, as far as it is known
    probability  of the user, as the screening estimates it; 0 where it has not said

    Source: Martínez-Castaño et al. 2020, section 4.1.
    """
    if probability >= _FIRST:
        return 1
    up = (probability >= _ONE_UP) + (probability >= _TWO_UP)
    return max(1, _by_recency(ages_s) - up)


def risk_class(probability: float) -> int:
    """Return which of the rule's four classes a probability is in, 0 … 3: within one, nothing changes."""
    return (probability >= _ONE_UP) + (probability >= _TWO_UP) + (probability >= _FIRST)


def _by_recency(ages_s: Sequence[float]) -> int:
    if len(ages_s) < _FEWEST_ITEMS:
        return QUEUES
    for queue, younger_s in enumerate(_CLASSES_S, start=1):
        if sum(age_s < younger_s for age_s in ages_s) > _SHARE * len(ages_s):
            return queue
    return QUEUES
