"""A topic's settings in Kafka for what a `TopicSpec` says."""

from catenae.broker import TopicSpec

RETENTION = "retention.ms"
MAX_BATCH_BYTES = "max.message.bytes"
# Kafka's own.
DEFAULT_MAX_BATCH_BYTES = 1_048_588
FOR_EVER = "-1"


def settings_of(spec: TopicSpec) -> dict[str, str]:
    """Return the settings a topic is created with."""
    retention_ms = FOR_EVER if spec.retention_s is None else str(round(spec.retention_s * 1000))
    # The time at which Kafka took a record: a delay and a retention then count from there, also where an
    # external producer writes records that are years old.
    return {RETENTION: retention_ms, "message.timestamp.type": "LogAppendTime"}


def record_bytes_in(batch_bytes: int) -> int:
    """Return what key, value and headers of a record may take so that a batch of it alone is not larger.

    The rest is for what Kafka puts around a batch, a record and its headers, and for blocks of bytes that
    cannot be compressed.
    """
    return batch_bytes - 1024 - batch_bytes // 4096


def retention_s(retention_ms: str | None) -> float | None:
    """Return how long records are kept; None for ever."""
    return None if retention_ms is None or int(retention_ms) < 0 else int(retention_ms) / 1000
