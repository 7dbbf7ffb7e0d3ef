"""From messages to records: the port's topic, the key's bytes, the value's bytes and the headers."""

import sys
from collections.abc import Callable, Mapping

from catenae.codec import CONTENT_TYPE, Codec, encode_key
from catenae.errors import CatenaeError, RecordTooLarge, TopologyError
from catenae.message import NO_HEADERS, UNASSIGNED, Headers, Message, Record, headers_bytes, record_of
from catenae.runtime import dead_letters
from catenae.runtime.dead_letters import FIRST_ID, ONLY_GROUP
from catenae.runtime.plan import Plan
from catenae.runtime.seal import NOBODYS, SEAL, Seal

MaxRecordBytes = Callable[[str], int]

# Headers that belong to one record and not to what is derived from it.
OWN_HEADERS = (CONTENT_TYPE, ONLY_GROUP, FIRST_ID, SEAL)
# Left free in each record, so that it can be replayed: for the headers that only then come to it.
RESERVED_BYTES = 512
# No broker takes less than twice as much, so the limit of the topic need not be looked up.
SHORT_BYTES = 1024


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
        # Those of the last record, which its neighbours share.
        self._short_headers: Headers = NO_HEADERS

    def encode(self, message: Message, *, at_any_size: bool = False) -> Record:
        """Return the record for one message.

        Raises CodecError, TopologyError for an unknown port, and RecordTooLarge unless any size will do.
        """
        topic = self._topics.get(message.port)
        if topic is None:
            raise TopologyError(
                f"node {self._node!r} sent a message to port {message.port!r}; its ports are "
                f"{sorted(self._topics)}. Name one of these in derive(to=...), or add it to the node's writes"
            )
        value, headers = self._codec.encode(topic, message.value, message.headers)
        key = encode_key(message.key)
        record = record_of((topic, key, value, headers, UNASSIGNED, UNASSIGNED, 0))
        if message.headers and topic in self._shared:
            record = self._seal.sealed(record)
            headers = record.headers
        # What is short in all its parts need not be counted out.
        if headers is not self._short_headers or len(value or b"") + len(key or b"") > SHORT_BYTES:
            self._require_fit(record, at_any_size)
        return record

    def fitted(self, letter: Record) -> Record:
        """Return a dead letter so short that its topic takes it."""
        return dead_letters.fitted(letter, self._max_record_bytes(letter.topic))

    def _require_fit(self, record: Record, at_any_size: bool) -> None:  # noqa: FBT001  as `encode`
        size_bytes = record.size_bytes
        if headers_bytes(record.headers) <= SHORT_BYTES:
            self._short_headers = record.headers
        if size_bytes <= 2 * SHORT_BYTES or at_any_size:
            return
        limit_bytes = self._max_record_bytes(record.topic) - RESERVED_BYTES
        if size_bytes > limit_bytes:
            raise RecordTooLarge(size_bytes, limit_bytes, record.topic)


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
