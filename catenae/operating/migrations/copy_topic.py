"""A step: the records of a topic on another one as well."""

import msgspec

from catenae.deployment.passing import Passer, pass_on
from catenae.deployment.sealing import seal_of
from catenae.message import Record
from catenae.operating.migrations.ground import Ground

MEMBER = "migrate"


class CopyTopic(msgspec.Struct, frozen=True, tag="copy topic"):
    """Write every record of topic `old` to `new`, each once, into the same partition and in the same order.

    `group` remembers how far it is. Delays count anew, from when a record was copied.
    """

    old: str
    new: str
    group: str

    def says(self) -> str:
        """Return in words what it does."""
        return f"copy the records of topic {self.old} to {self.new}"

    def do(self, ground: Ground) -> None:
        """Do it."""
        if self.old in ground.broker.topics():
            seal = seal_of(ground.broker)

            def copied(record: Record) -> Record:
                _, key, value, headers, partition, *_ = seal.moved(record, self.new)
                return Record(self.new, key, value, headers, partition)

            pass_on(ground.broker, Passer(self.group, MEMBER), self.old, copied, [self.new])
