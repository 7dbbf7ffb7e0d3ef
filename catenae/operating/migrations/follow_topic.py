"""A step: a group goes on in the copy of a topic where it was in the original."""

import msgspec

from catenae.broker import Position
from catenae.message import TopicPartition
from catenae.operating.migrations.ground import Ground
from catenae.operating.migrations.offsets import CopiedOffsets


class FollowTopic(msgspec.Struct, frozen=True, tag="follow topic"):
    """Give `group` the position in topic `new`, a copy, that it has in `old`."""

    group: str
    old: str
    new: str

    def says(self) -> str:
        """Return in words what it does."""
        return f"have group {self.group} go on in {self.new} where it is in {self.old}"

    def do(self, ground: Ground) -> None:
        """Do it."""
        broker = ground.broker
        if self.old not in broker.topics():
            return
        moved = {
            TopicPartition(self.new, each.partition): Position(
                CopiedOffsets(broker, self.old, self.new, each.partition).at(position.offset),
                position.note,
            )
            for each, position in ground.positions(self.group).items()
            if each.topic == self.old
        }
        if moved:
            broker.reset(self.group, moved)
