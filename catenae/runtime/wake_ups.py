"""The record by which a node is told that a timer is due: by its key, partition, name and moment."""

from typing import NamedTuple

from catenae.codec import Codec, decode_key, encode_key
from catenae.message import EVENT_MS, Record
from catenae.runtime.later_alarms import Alarm


class WakeUp(NamedTuple):
    """What a record on a node's topic of timers says."""

    key: str
    name: str
    asked_ms: int


class WakeUps:
    """Writes and reads wake-ups on one topic."""

    def __init__(self, topic: str, codec: Codec) -> None:
        self.topic = topic
        self._codec = codec

    def record(self, alarm: Alarm) -> Record:
        """Return what tells of an alarm; the partition is that of the message that set the timer."""
        value, headers = self._codec.encode(self.topic, alarm.name, {EVENT_MS: b"%d" % alarm.asked_ms})
        return Record(self.topic, encode_key(alarm.key), value, headers, alarm.partition)

    def read(self, record: Record) -> WakeUp:
        """Return what a record says. Raises CodecError, and ValueError for one that is no wake-up."""
        key, name = decode_key(record.key), self._codec.decode(record)
        if not isinstance(key, str) or not isinstance(name, str):
            raise ValueError(f"{record.id} is no wake-up; let nobody else write to a topic of timers")
        return WakeUp(key, name, int(record.headers.get(EVENT_MS, b"")))
