"""The control channel of a topology: a topic for what is asked of its instances, and one for their answers.

Every instance reads all of the first. A request counts only under a seal, within seconds of when it was made,
and once: so nobody who may only write to topics can ask anything, and what was asked once cannot be asked
again by writing it again. The key is on a topic of its own, apart from that of the deployment's seal: nodes
that no outsider's messages reach do not have that one. Whoever is started later reads what lasts from the
beginning.
"""

from collections import OrderedDict
from collections.abc import Iterator
from typing import NamedTuple, TypeVar

import msgspec

from catenae.broker import Broker, TopicSpec
from catenae.clock import Clock
from catenae.deployment.control_acts import LONGEST_S, WRITTEN_WITHIN_S, Answer, Request
from catenae.deployment.sealing import seal_of
from catenae.errors import UnknownTopic
from catenae.message import CONTROL, Record

SUFFIX = ".control"
ANSWERS_SUFFIX = ".answers"
KEY_SUFFIX = ".control-key"
# The header without which a record is none of ours; its value is the id of the request.
HEADER = f"{CONTROL}request"
READ_RECORDS = 100
# For as long as a request may last, and a day in which to look at it.
KEPT_S = 2 * LONGEST_S

T = TypeVar("T", Request, Answer)


def topics_of(topology: str) -> list[str]:
    """Return what topics the channel of a topology takes."""
    return [topology + each for each in (SUFFIX, ANSWERS_SUFFIX, KEY_SUFFIX)]


class Found(NamedTuple):
    """A request that was read, or why what was read is none.

    written_ms  when the broker took it
    """

    request: Request | None
    refusal: str
    written_ms: int


class ControlLog:
    """The two topics of one topology."""

    def __init__(self, broker: Broker, topology: str, clock: Clock) -> None:
        self.requests = topology + SUFFIX
        self.answers = topology + ANSWERS_SUFFIX
        self._broker = broker
        self._seal = seal_of(broker, clock, topology + KEY_SUFFIX)

    def create(self) -> None:
        """Make the two topics where they are missing."""
        topics = (self.requests, self.answers)
        self._broker.create_topics([TopicSpec(each, 1, retention_s=KEPT_S) for each in topics])

    def ask(self, request: Request) -> None:
        """Write a request."""
        self._write(self.requests, request.id, msgspec.json.encode(request))

    def answer(self, answer: Answer) -> None:
        """Write an answer."""
        self._write(self.answers, answer.request, msgspec.json.encode(answer))

    def _write(self, topic: str, request: str, value: bytes) -> None:
        record = Record(topic, None, value, {HEADER: request.encode()}, partition=0)
        self._broker.append([self._seal.sealed(record)])

    def reader(self, topic: str) -> "Reader":
        """Return what reads one of the two from its beginning on."""
        return Reader(self._broker, topic)

    def opened(self, record: Record, kind: type[T]) -> T | None:
        """Return what a record of one of the topics says; None for one that is not ours."""
        if HEADER not in record.headers or self._seal.honoured(record) is not record:
            return None
        try:
            return msgspec.json.decode(record.value or b"", type=kind)
        except msgspec.DecodeError:
            # A newer release may ask for what this one does not know.
            return None


class Reader:
    """Reads a topic of one partition as it grows; from its beginning if it is made anew. Not thread-safe."""

    def __init__(self, broker: Broker, topic: str) -> None:
        self._broker = broker
        self._topic = topic
        self._next = 0

    def skip(self) -> None:
        """Pass over all that is there."""
        self._next = self._broker.spans(self._topic)[0].end

    def read(self) -> Iterator[Record]:
        """Yield what has come since the last time. Raises `UnknownTopic`, as the broker may."""
        try:
            span = self._broker.spans(self._topic)[0]
        except UnknownTopic:
            self._next = 0
            raise
        if span.end < self._next:
            self._next = 0
        while self._next < span.end:
            records = self._broker.read(self._topic, 0, self._next, READ_RECORDS)
            for record in records:
                # First: whoever gives up in between has had this one.
                self._next = record.offset + 1
                yield record
            if not records:
                # Ends of transactions take offsets, too.
                self._next = span.end


class Requests:
    """What is asked on the channel, each once, with what does not count told apart. Not thread-safe."""

    def __init__(self, log: ControlLog) -> None:
        self._log = log
        self._reader = log.reader(log.requests)
        self._seen: OrderedDict[str, int] = OrderedDict()

    def read(self) -> Iterator[Found]:
        """Yield what has come since the last time; the first time all that is kept."""
        for record in self._reader.read():
            request = self._log.opened(record, Request)
            yield Found(request, self._refusal(request, record.timestamp_ms), record.timestamp_ms)

    def _refusal(self, request: Request | None, written_ms: int) -> str:
        if request is None:
            return "not ours"
        if abs(written_ms - request.at_ms) > WRITTEN_WITHIN_S * 1000:
            return "late"
        while self._seen and next(iter(self._seen.values())) < written_ms - 4 * WRITTEN_WITHIN_S * 1000:
            self._seen.popitem(last=False)
        if request.id in self._seen:
            return "again"
        self._seen[request.id] = written_ms
        return ""
