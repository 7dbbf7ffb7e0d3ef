"""A step: what waits for a node in one topic waits for it in another."""

import msgspec

from catenae.broker import Position
from catenae.deployment.passing import Passer, pass_on
from catenae.deployment.sealing import seal_of
from catenae.message import EVENT_MS, Record
from catenae.operating.migrations.copy_topic import MEMBER
from catenae.operating.migrations.ground import Ground


class MoveWaiting(msgspec.Struct, frozen=True, tag="move waiting"):
    """Write what `group` has yet to handle of topic `old` to `new`, each once, into the same partition.

    When it was written becomes its event time, unless it has one. `copier` remembers how far it is.
    """

    group: str
    old: str
    new: str
    copier: str

    def says(self) -> str:
        """Return in words what it does."""
        return f"write what waits for {self.group} in topic {self.old} to {self.new}"

    def do(self, ground: Ground) -> None:
        """Do it."""
        if self.old not in ground.broker.topics():
            return
        if not any(each.topic == self.old for each in ground.positions(self.copier)):
            begin = {
                place: Position(position.offset)
                for place, position in ground.positions(self.group).items()
                if place.topic == self.old
            }
            if begin:
                ground.broker.reset(self.copier, begin)
        seal = seal_of(ground.broker)

        def moved(record: Record) -> Record:
            _, key, value, headers, partition, _, written_ms = seal.moved(record, self.new)
            return Record(self.new, key, value, {EVENT_MS: b"%d" % written_ms, **headers}, partition)

        pass_on(ground.broker, Passer(self.copier, MEMBER), self.old, moved, [self.new])
