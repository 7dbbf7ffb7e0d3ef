"""A topic's settings in Kafka: for what a `TopicSpec` says, and for what the broker keeps itself."""

from collections.abc import Mapping
from typing import NamedTuple

from catenae.broker import TopicSpec

RETENTION = "retention.ms"
SEGMENT = "segment.ms"
# What bounds a topic by time.
BOUNDS = (RETENTION, SEGMENT)
MAX_BATCH_BYTES = "max.message.bytes"
# Kafka's own.
DEFAULT_MAX_BATCH_BYTES = 1_048_588
FOR_EVER = "-1"
# Kafka removes whole segments, by their newest record: what is out of date stays a seventh longer at most.
SEGMENTS_IN_A_RETENTION = 7


class NewTopic(NamedTuple):
    """A topic to be created; its replicas are left to Kafka where that is None."""

    name: str
    partitions: int
    settings: Mapping[str, str]
    replicas: int | None = None


class Described(NamedTuple):
    """A topic that exists.

    id        a number that no other topic has, also none of the same name after it was deleted
    replicas  of the partition that has the fewest
    """

    id: str
    replicas: int


def settings_of(spec: TopicSpec) -> dict[str, str]:
    """Return the settings a topic is created with."""
    # The time at which Kafka took a record: a delay and a retention then count from there, also where an
    # external producer writes records that are years old.
    settings = {RETENTION: FOR_EVER, "message.timestamp.type": "LogAppendTime"}
    if spec.retention_s is None:
        return settings
    retention_ms = round(spec.retention_s * 1000)
    segment_ms = max(1, retention_ms // SEGMENTS_IN_A_RETENTION)
    return settings | {RETENTION: str(retention_ms), SEGMENT: str(segment_ms)}


def bounds_of(spec: TopicSpec) -> dict[str, str]:
    """Return those of its settings that bound a topic by time, which one that exists is given as well."""
    settings = settings_of(spec)
    return {name: settings[name] for name in BOUNDS if name in settings}


def record_bytes_in(batch_bytes: int) -> int:
    """Return what key, value and headers of a record may take so that a batch of it alone is not larger.

    The rest is for what Kafka puts around a batch, a record and its headers, and for blocks of bytes that
    cannot be compressed.
    """
    return batch_bytes - 1024 - batch_bytes // 4096


def compacted() -> dict[str, str]:
    """Return the settings of a topic of which the last record of each key is kept, for ever."""
    # A segment is compacted once it is full: what has to be read at a start is a few of them.
    return {"cleanup.policy": "compact", "segment.bytes": str(1 << 20), "min.cleanable.dirty.ratio": "0.1"}


def retention_s(retention_ms: str | None) -> float | None:
    """Return how long records are kept; None for ever."""
    return None if retention_ms is None or int(retention_ms) < 0 else int(retention_ms) / 1000
