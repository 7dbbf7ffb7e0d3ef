"""From messages to records: the port's topic, the key's bytes, the value's bytes and the headers."""

import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from catenae.codec import CONTENT_TYPE, Codec, encode_key
from catenae.errors import CatenaeError, RecordTooLarge, TopologyError
from catenae.message import NO_HEADERS, UNASSIGNED, Headers, Message, Record, headers_bytes, record_of
from catenae.runtime import dead_letters
from catenae.runtime.dead_letters import FIRST_ID, ONLY_GROUP
from catenae.runtime.plan import Plan
from catenae.runtime.seal import NOBODYS, SEAL, Seal, has_controls

MaxRecordBytes = Callable[[str], int]

# Headers that belong to one record and not to what is derived from it.
OWN_HEADERS = (CONTENT_TYPE, ONLY_GROUP, FIRST_ID, SEAL)
# Left free in each record, so that it can be replayed: for the headers that only then come to it.
RESERVED_BYTES = 512
# No broker takes less, so the limit of the topic need not be looked up.
SHORT_BYTES = 2048


def any_size(topic: str) -> int:  # noqa: ARG001  no topic has a limit
    """Take records of any size."""
    return sys.maxsize


class NotAMessage(CatenaeError):
    """A handler returned something else than messages."""

    def __init__(self, node: str, found: object) -> None:
        self.node = node
        super().__init__(
            f"node {node!r} returned {type(found).__name__!r} where a message is expected. Yield "
            f"message.derive(value) or Message(value), once for each, or return a list of them"
        )


class _Way(NamedTuple):
    """Where messages of one port go, and how.

    headers      of values that are there
    short_bytes  how many bytes key and value may take, whatever the limit of the topic is
    """

    topic: str
    write: Callable[[Any], bytes]
    headers: Headers
    short_bytes: int
    is_sealed: bool


class Encoder:
    """Encodes what one node's microservice yields. Thread-safe.

    max_record_bytes  topic → the most bytes of a record, as the broker says
    seal              of what has control headers and goes to a topic that others share
    """

    def __init__(
        self,
        plan: Plan,
        codec: Codec,
        max_record_bytes: MaxRecordBytes = any_size,
        seal: Seal = NOBODYS,
    ) -> None:
        self._node = plan.node
        self._topics = _topics_by_port(plan.outputs)
        self._codec = codec
        self._max_record_bytes = max_record_bytes
        self._shared = plan.external | plan.exported
        self._seal = seal

    def encode(self, messages: Iterable[Message], *, at_any_size: bool = False) -> list[Record]:
        """Return the records of messages, in their order.

        Raises CodecError, TopologyError for an unknown port, and RecordTooLarge unless any size will do.
        """
        records = []
        # Messages made together mostly share their headers, and leave by two ports in turn at the most.
        headers: Headers | None = None
        ways: dict[str, _Way] = {}
        for message in messages:
            if message.headers is not headers:
                headers, ways = message.headers, {}
            way = ways.get(message.port)
            if way is None:
                way = ways[message.port] = self._way(message.port, message.headers)
            topic, write, written_headers, short_bytes, is_sealed = way
            if message.value is None:
                value, sent = self._codec.encode(topic, None, message.headers)
            else:
                value, sent = write(message.value), written_headers
            key = encode_key(message.key)
            record = record_of((topic, key, value, sent, UNASSIGNED, UNASSIGNED, 0))
            if is_sealed:
                record = self._seal.sealed(record)
            if len(value or b"") + len(key or b"") > short_bytes and not at_any_size:
                self._require_fit(record)
            records.append(record)
        return records

    def fitted(self, letter: Record) -> Record:
        """Return a dead letter so short that its topic takes it."""
        return dead_letters.fitted(letter, self._max_record_bytes(letter.topic))

    def _way(self, port: str, headers: Headers) -> _Way:
        """Return what messages of one port and with the same headers have in common."""
        topic = self._topics.get(port)
        if topic is None:
            raise TopologyError(
                f"node {self._node!r} sent a message to port {port!r}; its ports are "
                f"{sorted(self._topics)}. Name one of these in derive(to=...), or add it to the node's writes"
            )
        write, sent = self._codec.writer(topic, headers)
        is_sealed = topic in self._shared and has_controls(headers)
        return _Way(topic, write, sent, SHORT_BYTES - headers_bytes(sent), is_sealed)

    def _require_fit(self, record: Record) -> None:
        limit_bytes = self._max_record_bytes(record.topic) - RESERVED_BYTES
        if record.size_bytes > limit_bytes:
            raise RecordTooLarge(record.size_bytes, limit_bytes, record.topic)


def message_headers(headers: Headers) -> Headers:
    """Return what of a record's headers travels on with whatever is derived from it."""
    if len(headers) <= 1 and CONTENT_TYPE in headers:
        return NO_HEADERS
    return {name: value for name, value in headers.items() if name not in OWN_HEADERS}


def _topics_by_port(outputs: Mapping[str, str]) -> dict[str, str]:
    """Add the nameless port of a node that writes to one topic only."""
    if len(outputs) == 1:
        return {**outputs, "": next(iter(outputs.values()))}
    return dict(outputs)
