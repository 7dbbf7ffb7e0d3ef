"""A step: what waits for a node in a topic waits for it where its keys belong by now."""

import msgspec

from catenae.broker import Position
from catenae.deployment.passing import Passer, pass_on
from catenae.deployment.sealing import seal_of
from catenae.message import ERASED, EVENT_MS, Record
from catenae.operating.migrations.copy_topic import MEMBER
from catenae.operating.migrations.ground import Ground
from catenae.runtime.dead_letters import FIRST_ID, ONLY_GROUP
from catenae.runtime.seal import Seal


class PassAgain(msgspec.Struct, frozen=True, tag="pass again"):
    """Write what `group` has yet to handle of `topic`, up to the positions of group `ends`, behind these.

    Each once, for this group alone, in the partition of its key; without a key in the same one. It keeps its
    id, and when it was written becomes its event time, unless it has one. `copier`, which has begun,
    remembers how far it is.

    names   what the group has been called: what is meant for one of these is meant for it
    shared  others write the topic, and a header counts there only under the seal
    """

    topic: str
    group: str
    names: tuple[str, ...]
    copier: str
    ends: str
    shared: bool

    def says(self) -> str:
        """Return in words what it does."""
        return f"write what waits for {self.group} in {self.topic} anew, where its keys belong"

    def do(self, ground: Ground) -> None:
        """Do it."""
        until = {each: end for each, end in ground.positions(self.ends).items() if each.topic == self.topic}
        there = ground.positions(self.group)
        if all(there.get(each, Position(0)).offset >= end.offset for each, end in until.items()):
            return
        seal = seal_of(ground.broker)
        pass_on(
            ground.broker,
            Passer(self.copier, MEMBER),
            self.topic,
            lambda record: self._again(record, ground, seal),
            [self.topic],
            {each: end.offset for each, end in until.items()},
        )

    def _again(self, record: Record, ground: Ground, seal: Seal) -> Record | None:
        if ERASED in record.headers:
            return None
        headers = seal.honoured(record).headers if self.shared else record.headers
        meant = headers.get(ONLY_GROUP)
        if meant is not None and meant.decode(errors="replace") not in {self.group, *self.names}:
            return None
        whose = {ONLY_GROUP: self.group.encode()}
        told = {FIRST_ID: record.id.encode(), EVENT_MS: b"%d" % record.timestamp_ms, **headers, **whose}
        partitions = len(ground.broker.spans(self.topic))
        number = (
            record.partition if record.key is None else ground.broker.partition_of(record.key, partitions)
        )
        again = Record(self.topic, record.key, record.value, told, number)
        return seal.sealed(again) if self.shared else again
