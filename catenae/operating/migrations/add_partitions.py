"""A step: a topic with more partitions."""

import msgspec

from catenae.broker import Position
from catenae.message import ERASED, Record, TopicPartition
from catenae.operating.migrations.ground import Ground


class AddPartitions(msgspec.Struct, frozen=True, tag="add partitions"):
    """Add partitions to `topic`, up to so many, and have group `ends` remember where each ended.

    Records that are there stay where they are. What others are to see anew is behind those ends.

    has_state  nodes with State read it: then each new partition begins with an erased record, so that of none
               all there ever was is behind its end
    """

    topic: str
    partitions: int
    ends: str
    has_state: bool

    def says(self) -> str:
        """Return in words what it does."""
        return f"give topic {self.topic} {self.partitions} partitions"

    def do(self, ground: Ground) -> None:
        """Do it."""
        ground.broker.add_partitions(self.topic, self.partitions)
        if self.has_state:
            ground.broker.append(
                [
                    Record(self.topic, None, None, {ERASED: b""}, number)
                    for number, span in enumerate(ground.broker.spans(self.topic))
                    if span.end == 0
                ]
            )
        ends = {
            TopicPartition(self.topic, number): Position(span.end)
            for number, span in enumerate(ground.broker.spans(self.topic))
        }
        ground.broker.reset(self.ends, ends)
