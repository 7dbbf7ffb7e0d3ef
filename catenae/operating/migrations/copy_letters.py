"""A step: dead letters follow the topic that they came from."""

import re

import msgspec

from catenae.deployment.passing import Passer, pass_on
from catenae.message import Record
from catenae.operating.migrations.copy_topic import MEMBER
from catenae.operating.migrations.ground import Ground
from catenae.operating.migrations.offsets import CopiedOffsets
from catenae.runtime.dead_letters import ORIGIN, TOPIC, dead_topic

_ID = re.compile(rb".*\[(\d+)\]@(\d+)")


class CopyLetters(msgspec.Struct, frozen=True, tag="copy letters"):
    """Write the dead letters of topic `old`, which was copied to `new`, to the dead-letter topic of that one.

    Where they came from, and where a replay puts them, is the copy then. `group` remembers how far it is.
    """

    old: str
    new: str
    group: str

    def says(self) -> str:
        """Return in words what it does."""
        return f"copy the dead letters of topic {self.old} to those of {self.new}"

    def do(self, ground: Ground) -> None:
        """Do it."""
        if not {self.old, dead_topic(self.old)} <= ground.broker.topics().keys():
            return
        offsets: dict[int, CopiedOffsets] = {}

        def copied(record: Record) -> Record:
            headers = dict(record.headers)
            if headers.get(TOPIC) == self.old.encode():
                headers[TOPIC] = self.new.encode()
            origin = _ID.fullmatch(headers.get(ORIGIN, b""))
            if origin is not None:
                number, offset = int(origin[1]), int(origin[2])
                if number not in offsets:
                    offsets[number] = CopiedOffsets(ground.broker, self.old, self.new, number)
                headers[ORIGIN] = f"{self.new}[{number}]@{offsets[number].at(offset)}".encode()
            return Record(dead_topic(self.new), record.key, record.value, headers, record.partition)

        old, new = dead_topic(self.old), dead_topic(self.new)
        pass_on(ground.broker, Passer(self.group, MEMBER), old, copied, [new])
