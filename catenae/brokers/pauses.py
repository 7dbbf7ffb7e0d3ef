"""Which partitions of a session are handed over later, and from when on again."""

import math
from collections.abc import Collection

from catenae.clock import Clock
from catenae.message import TopicPartition


class Pauses:
    """The pauses that have not ended, by partition."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until_s: dict[TopicPartition, float] = {}

    def begin(self, partition: TopicPartition, pause_s: float) -> None:
        """Pause a partition from now on, in place of an earlier pause."""
        self._until_s[partition] = self._clock.monotonic_s() + pause_s

    def paused(self) -> Collection[TopicPartition]:
        """Return the partitions that are paused now."""
        if self._until_s:
            now_s = self._clock.monotonic_s()
            self._until_s = {each: until_s for each, until_s in self._until_s.items() if until_s > now_s}
        return self._until_s.keys()

    def ends_in_s(self) -> float:
        """Return how long it is until the next pause ends; for ever where there is none."""
        return min(self._until_s.values(), default=math.inf) - self._clock.monotonic_s()

    def end(self) -> None:
        """End every pause."""
        self._until_s = {}
