"""Records that the broker has no longer and that a node had not handled: never passed over in silence."""

import logging
from collections.abc import Callable

from catenae.errors import RecordsLost, StateLost
from catenae.observability.metrics import NodeMetrics

logger = logging.getLogger(__name__)

OnLost = Callable[[RecordsLost], None]


def refuse(error: RecordsLost) -> None:
    """Have nothing go on without."""
    raise error


def tell_of_losses(metrics: NodeMetrics, state: str | None) -> OnLost:
    """Return what logs and counts the records that are lost, and says whether the node may go on without.

    state  where the node keeps its State; None if it keeps none

    What it returns raises `StateLost` for a node with State: what it has counted, summed or compared would
    lack something for good, and nobody would know.
    """

    def tell(error: RecordsLost) -> None:
        for each in error.losses:
            # Where nobody knows how many, there is at least one thing to look into.
            metrics.lost(each.topic, each.records or 1)
            logger.error(
                "records lost",
                extra={
                    "topic": each.topic,
                    "partition": each.partition,
                    "position": each.position,
                    "goes_on_at": each.goes_on_at,
                    "records": each.records or "unknown",
                    "cause": each.cause,
                },
            )
        if state is not None:
            first = error.losses[0]
            found = f"it was at {first.topic}@{first.position} and {first.cause}"
            raise StateLost(state, first.partition, found) from error

    return tell
