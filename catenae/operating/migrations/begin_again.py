"""A step: whoever passes on what waits for a node begins where that node is."""

import msgspec

from catenae.broker import Position
from catenae.message import TopicPartition
from catenae.operating.migrations.ground import Ground


class BeginAgain(msgspec.Struct, frozen=True, tag="begin again"):
    """Give `copier`, which has not begun, the positions of `group` in `topic`; else at the oldest records."""

    topic: str
    group: str
    copier: str

    def says(self) -> str:
        """Return in words what it does."""
        return f"note where {self.group} is in {self.topic}"

    def do(self, ground: Ground) -> None:
        """Do it."""
        there = ground.positions(self.group)
        begin = {
            (place := TopicPartition(self.topic, number)): Position(
                there[place].offset if place in there else span.start
            )
            for number, span in enumerate(ground.broker.spans(self.topic))
        }
        ground.broker.reset(self.copier, begin)
