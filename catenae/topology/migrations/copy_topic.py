"""A step: the records of a topic on another one as well."""

import msgspec

from catenae.message import Record
from catenae.topology.migrations.ground import Ground
from catenae.topology.passing import Passer, pass_on

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
            pass_on(ground.broker, Passer(self.group, MEMBER), self.old, self._copied)

    def _copied(self, record: Record) -> Record:
        return Record(self.new, record.key, record.value, record.headers, record.partition)
