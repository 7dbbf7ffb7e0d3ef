"""What travels on a topic: a `Record` is bytes, a `Message` is the decoded record.

Both are named tuples: immutable, and cheap enough to be made a hundred thousand times a second.
"""

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any, Generic, NamedTuple

from typing_extensions import TypeVar

V = TypeVar("V", default=Any)

Key = str | bytes | None
Headers = Mapping[str, bytes]

NO_HEADERS: Headers = MappingProxyType({})
UNASSIGNED = -1
# Header of a record whose key and value were erased: it keeps the offsets of those after it.
ERASED = "erased"
# How headers begin by which services of a deployment tell each other what to do. Nobody else can: on a topic
# that outsiders write, such a header is dropped unless one of our own nodes wrote it.
CONTROL = "control-"
# That of a request to forget the key; its value says why, in a word that services agree on.
FORGET = f"{CONTROL}forget"
# Header of when that happened of which a message tells, in decimal milliseconds since 1970 UTC. It travels
# with the message, and with all that is derived from it.
EVENT_MS = "event-ms"
# Beyond the year 10,000 a number is no time.
LATEST_EVENT_MS = 2**48


class TopicPartition(NamedTuple):
    """One partition of one topic."""

    topic: str
    partition: int

    def __str__(self) -> str:
        return f"{self.topic}[{self.partition}]"


class Record(NamedTuple):
    """Bytes on a topic.

    partition     UNASSIGNED on the way out: the broker chooses, equal keys the same one
    offset        UNASSIGNED until written
    timestamp_ms  milliseconds since 1970 UTC at which the broker took it; 0 until written
    value         None is a tombstone
    """

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers = NO_HEADERS
    partition: int = UNASSIGNED
    offset: int = UNASSIGNED
    timestamp_ms: int = 0

    @property
    def id(self) -> str:
        """`topic[partition]@offset`, as the message that it holds."""
        return f"{self.topic}[{self.partition}]@{self.offset}"

    @property
    def size_bytes(self) -> int:
        """What key, value and headers take together."""
        return len(self.key or b"") + len(self.value or b"") + headers_bytes(self.headers)


class Message(NamedTuple, Generic[V]):
    """A decoded record, or one that a microservice has just made.

    A handler whose parameter is annotated `Message[Order]` is given values of that type, checked: what does
    not fit is set aside before, with the field that is to blame. Messages with a control header are given as
    they are: they say something else than values do.

    value         any value the codec takes; None is a tombstone
    key           str, bytes or None; messages of equal keys keep their order and meet in one instance
    port          which of the node's `writes` it leaves by; "" where there is one only
    headers       travel with the message and with all that is derived from it; text is sent as its UTF-8
    position      from a Source: what `generate` needs to go on just after this message
    rejected      why the message is set aside as a dead letter; "" where it is not
    topic, partition, offset, timestamp_ms   where and when a received message was written; of a dead letter
                  that was replayed, where it first stood
    """

    value: V
    key: Any = None
    port: str = ""
    headers: Headers = NO_HEADERS
    position: Any = None
    rejected: str = ""
    topic: str = ""
    partition: int = UNASSIGNED
    offset: int = UNASSIGNED
    timestamp_ms: int = 0

    @property
    def id(self) -> str:
        """`topic[partition]@offset`: the same whenever the message is delivered again, also as a replay."""
        return f"{self.topic}[{self.partition}]@{self.offset}"

    @property
    def event_ms(self) -> int:
        """When that happened of which it tells, in milliseconds since 1970 UTC.

        As its Source, its input's declaration or `at` has said, here or at the message that it derives from;
        where nobody has, when it was written.
        """
        said = self.headers.get(EVENT_MS) if self.headers else None
        if said is not None:
            try:
                event_ms = int(said)
            except ValueError:
                return self.timestamp_ms
            if abs(event_ms) <= LATEST_EVENT_MS:
                return event_ms
        return self.timestamp_ms

    @property
    def is_control(self) -> bool:
        """Whether it has a control header, and so comes from a service of this deployment."""
        return bool(self.headers) and any(name.startswith(CONTROL) for name in self.headers)

    @property
    def is_to_forget(self) -> bool:
        """Whether it is a request to forget its key, which every node carries out and passes on."""
        return bool(self.headers) and FORGET in self.headers

    def derive(self, value: Any, key: Key = None, to: str = "") -> "Message":
        """Return a new message caused by this one: its headers, and its key unless another is given."""
        return message_of((value, self.key if key is None else key, to, self.headers, *_MADE_HERE))

    def at(self, event_ms: int) -> "Message[V]":
        """Return this message as one of what happened then, in milliseconds since 1970 UTC."""
        return self._replace(headers={**self.headers, EVENT_MS: b"%d" % event_ms})

    def reject(self, reason: str) -> "Message[V]":
        """Return this message marked as a dead letter; `reason` is short and free of personal data.

        What was derived from the message that is handled may be rejected in its place.
        """
        return self._replace(rejected=reason)


def forget_request(key: str, value: Any = None, *, why: str = "", position: Any = None) -> Message:
    """Return a request to forget a key: for a Source to yield, or a service to pass on.

    Every node that it reaches empties its State of the key, timers included, removes the documents of the
    key, calls `forget` of its service, and passes the request on. Without a value it is a tombstone, by which
    others who read the topic take the key for deleted.

    why       what services are told of it, as `message.headers[FORGET]`
    position  of a Source, as in every message of its
    """
    return Message(value, key, headers={FORGET: why.encode()}, position=position)


def headers_bytes(headers: Headers) -> int:
    """Return what names and values of headers take."""
    return len("".join(headers).encode()) + sum(map(len, headers.values()))


_MADE_HERE = tuple(Message(None))[4:]

# From all fields in their order, in half the time that a call of the class takes: for the hottest lines only.
record_of: Callable[[tuple[Any, ...]], Record] = partial(tuple.__new__, Record)
message_of: Callable[[tuple[Any, ...]], Message] = partial(tuple.__new__, Message)
