"""Messages set aside: a record on `<topic>.dead` with its bytes as they came and the reason in its headers.

    dead-reason     short, free of personal data: what a counter is labelled with
    dead-group      the group that could not handle it
    dead-origin     topic[partition]@offset; absent for what a Source refused
    dead-topic      where a replay puts it back
    dead-error      type and text of the exception; may quote the message, so it stays on this topic
    dead-traceback  its last lines
    dead-at-ms      milliseconds since 1970 UTC
    dead-shortened  how many bytes the value had: the letter would not have fitted, and a replay reads the
                    whole of it from its origin

A replayed record carries `only-group`: it is meant for the group that failed, and others skip it. `first-id`
says where it first stood, which stays the id of the message however often it is replayed.
"""

import re
import traceback
from collections.abc import Mapping

from catenae.message import Headers, Record, TopicPartition

SUFFIX = ".dead"
PREFIX = "dead-"
REASON = "dead-reason"
GROUP = "dead-group"
ORIGIN = "dead-origin"
TOPIC = "dead-topic"
ERROR = "dead-error"
TRACEBACK = "dead-traceback"
AT_MS = "dead-at-ms"
SHORTENED = "dead-shortened"
ONLY_GROUP = "only-group"
FIRST_ID = "first-id"
MAX_TRACEBACK_BYTES = 4096
MAX_REASON_CHARACTERS = 200
_ID = re.compile(rb"(.+)\[(\d{1,10})\]@(\d{1,19})")


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
    return _dead(record, {REASON: clean(reason).encode(), GROUP: group.encode(), AT_MS: str(at_ms).encode()})


def from_source(record: Record, group: str, reason: str, at_ms: int) -> Record:
    """Set aside what a Source could not make a message of; `record` is bound for the source's topic."""
    headers = {REASON: clean(reason).encode(), GROUP: group.encode(), AT_MS: str(at_ms).encode()}
    return Record(dead_topic(record.topic), record.key, record.value, {**record.headers, **headers})


def reason_of(error: BaseException) -> str:
    """Return the short reason for an error: its type."""
    return type(error).__name__


def clean(reason: str) -> str:
    """Return a reason that can be a header and a label whatever an author made it of."""
    return reason.encode(errors="backslashreplace").decode()[:MAX_REASON_CHARACTERS]


def fitted(letter: Record, limit_bytes: int) -> Record:
    """Return a dead letter of at most `limit_bytes`.

    It loses its traceback first, then the end of its value. A letter that would still be too large keeps only
    what says why it was set aside and where it came from.
    """
    if letter.size_bytes <= limit_bytes:
        return letter
    headers = {name: value for name, value in letter.headers.items() if name != TRACEBACK}
    letter = letter._replace(headers=headers)
    if letter.size_bytes <= limit_bytes:
        return letter
    value = letter.value or b""
    letter = letter._replace(headers={**headers, SHORTENED: str(len(value)).encode()})
    over_bytes = letter.size_bytes - limit_bytes
    if over_bytes <= len(value):
        return letter._replace(value=value[: len(value) - over_bytes])
    ours = {name: each for name, each in letter.headers.items() if name.startswith(PREFIX)}
    return letter._replace(key=None, value=b"", headers=ours)


def is_shortened(letter: Record) -> bool:
    """Say whether a dead letter is less than what was set aside."""
    return SHORTENED in letter.headers


def is_whole_of(record: Record, letter: Record) -> bool:
    """Say whether a record may be what a letter was cut from; in a topic made anew it is another one."""
    value = record.value or b""
    return (
        letter.headers[SHORTENED] == str(len(value)).encode()
        and value.startswith(letter.value or b"")
        and letter.key in (None, record.key)
    )


def place_of(identity: bytes) -> tuple[TopicPartition, int] | None:
    """Return partition and offset of a `topic[partition]@offset`; None for any other bytes."""
    found = _ID.fullmatch(identity)
    if found is None:
        return None
    return TopicPartition(found[1].decode(errors="replace"), int(found[2])), int(found[3])


def origin_of(letter: Record) -> tuple[TopicPartition, int] | None:
    """Return where what was set aside stood; None for what never was on a topic."""
    return place_of(letter.headers.get(ORIGIN, b""))


def revived(letter: Record, whole: Record | None = None) -> Record | None:
    """Return the record to put back in place of a dead letter; None for one that never was on a topic.

    whole  what was set aside, of a letter that was shortened
    """
    topic, group = letter.headers.get(TOPIC), letter.headers.get(GROUP)
    if topic is None or group is None or letter.topic.encode() != topic + SUFFIX.encode():
        return None
    _, key, value, headers, *_ = letter if whole is None else whole
    kept = {name: each for name, each in headers.items() if not name.startswith(PREFIX)}
    first = {} if ORIGIN not in letter.headers else {FIRST_ID: letter.headers[ORIGIN]}
    return Record(topic.decode(), key, value, {**first, **kept, ONLY_GROUP: group})


def first_place(headers: Headers) -> tuple[TopicPartition, int] | None:
    """Return where a replayed record first stood; None for any other record."""
    return place_of(headers.get(FIRST_ID, b"")) if ONLY_GROUP in headers else None


def _dead(record: Record, headers: Mapping[str, bytes]) -> Record:
    # What was said of another setting aside, or by somebody else, is none of this one.
    kept = {
        name: value
        for name, value in record.headers.items()
        if name != ONLY_GROUP and not name.startswith(PREFIX)
    }
    where = {TOPIC: record.topic.encode(), ORIGIN: record.id.encode()}
    return Record(dead_topic(record.topic), record.key, record.value, {**kept, **where, **headers})
