"""Messages set aside: a record on `<topic>.dead` with its bytes as they came and the reason in its headers.

    dead-reason     short, free of personal data: what a counter is labelled with
    dead-group      the group that could not handle it
    dead-origin     topic[partition]@offset; absent for what a Source refused
    dead-topic      where a replay puts it back
    dead-error      type and text of the exception; may quote the message, so it stays on this topic
    dead-traceback  its last lines
    dead-at-ms      milliseconds since 1970 UTC

A replayed record carries `only-group`: it is meant for the group that failed, and others skip it.
"""

import traceback
from collections.abc import Mapping

from catenae.message import Record

SUFFIX = ".dead"
PREFIX = "dead-"
REASON = "dead-reason"
GROUP = "dead-group"
ORIGIN = "dead-origin"
TOPIC = "dead-topic"
ERROR = "dead-error"
TRACEBACK = "dead-traceback"
AT_MS = "dead-at-ms"
ONLY_GROUP = "only-group"
MAX_TRACEBACK_BYTES = 4096


def dead_topic(topic: str) -> str:
    """Return the topic that takes the dead letters of `topic`."""
    return topic + SUFFIX


def from_failure(record: Record, group: str, error: BaseException, at_ms: int) -> Record:
    """Set a received record aside because handling it raised `error`."""
    text = "".join(traceback.format_exception(error)).encode(errors="backslashreplace")
    return _dead(
        record,
        {
            REASON: reason_of(error).encode(),
            GROUP: group.encode(),
            ERROR: f"{type(error).__name__}: {error}".encode(errors="backslashreplace")[:MAX_TRACEBACK_BYTES],
            TRACEBACK: text[-MAX_TRACEBACK_BYTES:],
            AT_MS: str(at_ms).encode(),
        },
    )


def from_rejection(record: Record, group: str, reason: str, at_ms: int) -> Record:
    """Set a received record aside because its handler rejected it."""
    return _dead(record, {REASON: reason.encode(), GROUP: group.encode(), AT_MS: str(at_ms).encode()})


def from_source(record: Record, group: str, reason: str, at_ms: int) -> Record:
    """Set aside what a Source could not make a message of; `record` is bound for the source's topic."""
    headers = {REASON: reason.encode(), GROUP: group.encode(), AT_MS: str(at_ms).encode()}
    return Record(dead_topic(record.topic), record.key, record.value, {**record.headers, **headers})


def reason_of(error: BaseException) -> str:
    """Return the short reason for an error: its type."""
    return type(error).__name__


def revived(record: Record) -> Record | None:
    """Return the record to put back in place of a dead letter; None if it never was on a topic."""
    topic = record.headers.get(TOPIC)
    if topic is None:
        return None
    headers = {name: value for name, value in record.headers.items() if not name.startswith(PREFIX)}
    return Record(topic.decode(), record.key, record.value, {**headers, ONLY_GROUP: record.headers[GROUP]})


def _dead(record: Record, headers: Mapping[str, bytes]) -> Record:
    kept = {name: value for name, value in record.headers.items() if name != ONLY_GROUP}
    where = {TOPIC: record.topic.encode(), ORIGIN: record.id.encode()}
    return Record(dead_topic(record.topic), record.key, record.value, {**kept, **where, **headers})
