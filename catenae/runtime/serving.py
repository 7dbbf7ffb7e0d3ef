"""What stands in for the loop of a Server, which has no group and no topic: its threads do the work."""

from collections.abc import Mapping

from catenae.broker import Position
from catenae.clock import Clock
from catenae.message import TopicPartition
from catenae.runtime.loop import Step


class Serving:
    """Lets a Server be: between two steps it is asked for its obstacle."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    @property
    def owned(self) -> Mapping[TopicPartition, Position]:
        """No partitions."""
        return {}

    def step(self, timeout_s: float) -> Step:
        """Wait."""
        self._clock.sleep(timeout_s)
        return Step.IDLE

    def close(self) -> None:
        """Release nothing."""
