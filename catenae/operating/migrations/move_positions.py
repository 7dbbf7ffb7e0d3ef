"""A step: a group begins where another one is."""

from collections.abc import Mapping

import msgspec

from catenae.message import TopicPartition
from catenae.operating.migrations.ground import Ground


class MovePositions(msgspec.Struct, frozen=True, tag="move positions"):
    """Give group `new` the positions of group `old`, in topics that may have other names for it."""

    old: str
    new: str
    topics: Mapping[str, str]

    def says(self) -> str:
        """Return in words what it does."""
        return f"give group {self.new} the positions of {self.old} in {', '.join(self.topics.values())}"

    def do(self, ground: Ground) -> None:
        """Do it."""
        found = {
            TopicPartition(self.topics[each.topic], each.partition): position
            for each, position in ground.positions(self.old).items()
            if each.topic in self.topics
        }
        if found:
            ground.broker.reset(self.new, found)
