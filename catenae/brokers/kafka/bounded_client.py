"""A client none of whose calls waits without a limit, and which is let in before it connects.

Every part that either client makes comes through here, so that no time-out has to be remembered elsewhere.
Not bounded once more are `fetch` and `send`, the hot paths: they wait on queues of this process, for as long
as they are told.
"""

import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Generic, TypeVar

from catenae.broker import Span
from catenae.brokers.kafka.bounded import Bounded, Late
from catenae.brokers.kafka.client import (
    COMMIT_TIMEOUT_S,
    REQUEST_TIMEOUT_S,
    Admin,
    Client,
    Joining,
    Member,
    Positions,
    Producer,
    Reader,
    Replaced,
)
from catenae.brokers.kafka.permission import Permission
from catenae.brokers.kafka.stored import Stored
from catenae.brokers.kafka.topic_settings import Described, NewTopic
from catenae.errors import BrokerUnavailable
from catenae.message import Record, TopicPartition

T = TypeVar("T")
Part = TypeVar("Part", Admin, Reader)

# What is left to a client to say in time that there was no answer: its own words are better.
GRACE_S = 1.0
ASK_S = 2 * REQUEST_TIMEOUT_S + GRACE_S
# An instance is granted 10 seconds to stop: for its batch, for leaving the group, and for the rest. Once a
# part has not ended in this time no other is waited for.
CLOSE_S = 3.0


class BoundedClient:
    """A `Client` around another one.

    admit  raises `BrokerUnavailable` if Kafka cannot be reached, and a lasting error if it lets nobody in who
           comes like this; asked before each connection
    """

    def __init__(self, client: Client, admit: Callable[[], None]) -> None:
        self._client = client
        self._admit = admit
        self._calls = Bounded()

    @property
    def max_message_bytes(self) -> int:
        return self._client.max_message_bytes

    def member(self, joining: Joining) -> Member:
        return BoundedMember(self._open(lambda: self._client.member(joining)), self._calls)

    def producer(self, transactional_id: str | None) -> Producer:
        return BoundedProducer(self._open(lambda: self._client.producer(transactional_id)), self._calls)

    def reader(self) -> Reader:
        return BoundedReader(lambda: self._open(self._client.reader), self._calls)

    def admin(self) -> Admin:
        return BoundedAdmin(lambda: self._open(self._client.admin), self._calls)

    def _open(self, make: Callable[[], T]) -> T:
        self._admit()
        return self._calls.call("connecting", make, ASK_S)


class _Replaceable(Generic[Part]):
    """A part that is made when it is first needed, and anew after it was not answered.

    librdkafka does not find a group's coordinator again that has moved meanwhile, even when Kafka is back.
    One that is replaced is closed when no other thread is asking it any more.
    """

    def __init__(self, make: Callable[[], Part], calls: Bounded) -> None:
        self._make: Callable[[], Part] = make
        self._calls = calls
        self._lock = threading.Lock()
        self._part: Part | None = None
        self._asked: list[Part] = []  # once for each call that has not ended

    def ask(self, doing: str, ask: Callable[[Part], T]) -> T:
        with self._lock:
            part = self._part = self._part or self._make()
            self._asked.append(part)
        try:
            return self._calls.call(doing, lambda: ask(part), ASK_S)
        except BrokerUnavailable:
            with self._lock:
                self._part = None if self._part is part else self._part
            raise
        finally:
            with self._lock:
                self._asked.remove(part)
                is_done_with = part is not self._part and part not in self._asked
            if is_done_with:
                self._calls.begin(part.close)

    def close(self) -> None:
        with self._lock:
            part, self._part = self._part, None
            is_asked = part in self._asked
        if part is not None and not is_asked:
            _close(part, self._calls)


class BoundedAdmin:
    """An `Admin`, replaced whenever it was not answered."""

    def __init__(self, make: Callable[[], Admin], calls: Bounded) -> None:
        self._admin = _Replaceable(make, calls)

    def partitions(self) -> dict[str, int]:
        return self._admin.ask("listing topics", lambda admin: admin.partitions())

    def brokers(self) -> int:
        return self._admin.ask("counting brokers", lambda admin: admin.brokers())

    def described(self, names: Collection[str]) -> dict[str, Described]:
        return self._admin.ask("describing topics", lambda admin: admin.described(names))

    def create(self, topics: Sequence[NewTopic]) -> None:
        self._admin.ask("creating topics", lambda admin: admin.create(topics))

    def widen(self, topic: str, partitions: int) -> None:
        self._admin.ask("adding partitions", lambda admin: admin.widen(topic, partitions))

    def delete(self, names: Sequence[str]) -> None:
        self._admin.ask("deleting topics", lambda admin: admin.delete(names))

    def bounds(self, names: Sequence[str]) -> dict[str, dict[str, str]]:
        return self._admin.ask("describing topics", lambda admin: admin.bounds(names))

    def bound(self, settings: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
        return self._admin.ask("altering topics", lambda admin: admin.bound(settings))

    def max_batch_bytes(self, topic: str) -> int:
        return self._admin.ask("describing a topic", lambda admin: admin.max_batch_bytes(topic))

    def spans(self, topic: str, partitions: int) -> list[Span]:
        return self._admin.ask("asking for offsets", lambda admin: admin.spans(topic, partitions))

    def groups(self) -> list[str]:
        return self._admin.ask("listing groups", lambda admin: admin.groups())

    def positions(self, group: str) -> dict[TopicPartition, Stored]:
        return self._admin.ask("asking for positions", lambda admin: admin.positions(group))

    def committed(self, group: str, partitions: Collection[TopicPartition]) -> dict[TopicPartition, Stored]:
        return self._admin.ask("asking for positions", lambda admin: admin.committed(group, partitions))

    def members(self, group: str) -> dict[str, str]:
        return self._admin.ask("describing a group", lambda admin: admin.members(group))

    def move(self, group: str, positions: Positions) -> None:
        self._admin.ask("setting positions", lambda admin: admin.move(group, positions))

    def forget(self, group: str) -> None:
        self._admin.ask("removing a group", lambda admin: admin.forget(group))

    def permit(self, permissions: Sequence[Permission]) -> None:
        self._admin.ask("allowing access", lambda admin: admin.permit(permissions))

    def close(self) -> None:
        self._admin.close()


class BoundedReader:
    """A `Reader`, replaced whenever it was not answered."""

    def __init__(self, make: Callable[[], Reader], calls: Bounded) -> None:
        self._reader = _Replaceable(make, calls)

    def read(self, partition: TopicPartition, span: Span, max_records: int) -> list[Record]:
        return self._reader.ask("reading", lambda reader: reader.read(partition, span, max_records))

    def close(self) -> None:
        self._reader.close()


class BoundedProducer:
    """A `Producer`. One whose call was late is to be closed: `Writer`s make a new one."""

    def __init__(self, producer: Producer, calls: Bounded) -> None:
        self._producer = producer
        self._calls = calls
        self.send = producer.send

    def start(self) -> None:
        self._call("preparing transactions", self._producer.start, COMMIT_TIMEOUT_S)

    def begin(self) -> None:
        self._call("beginning a transaction", self._producer.begin, REQUEST_TIMEOUT_S)

    def send_positions(self, positions: Positions, group_metadata: Any) -> None:
        send = self._producer.send_positions
        self._call("committing positions", lambda: send(positions, group_metadata), COMMIT_TIMEOUT_S)

    def commit(self) -> None:
        self._call("committing a transaction", self._producer.commit, COMMIT_TIMEOUT_S)

    def abort(self) -> None:
        self._call("aborting a transaction", self._producer.abort, REQUEST_TIMEOUT_S)

    def flush(self) -> None:
        self._call("writing", self._producer.flush, COMMIT_TIMEOUT_S)

    def close(self) -> None:
        _close(self._producer, self._calls)

    def _call(self, doing: str, call: Callable[[], None], timeout_s: float) -> None:
        self._calls.call(doing, call, timeout_s + GRACE_S)


class BoundedMember:
    """A `Member`. One whose call was late is `Replaced` from then on: its session joins anew."""

    def __init__(self, member: Member, calls: Bounded) -> None:
        self._member = member
        self._calls = calls
        self._is_late = False

    @property
    def group_metadata(self) -> Any:
        return self._ask("asking where it belongs", lambda member: member.group_metadata)

    def fetch(self, max_records: int, timeout_s: float) -> list[Record]:
        self._require_in_time()
        return self._member.fetch(max_records, timeout_s)

    def past_markers(self, partition: TopicPartition, offset: int) -> int:
        self._require_in_time()
        return self._member.past_markers(partition, offset)

    def seek(self, offsets: Mapping[TopicPartition, int]) -> None:
        self._ask("seeking", lambda member: member.seek(offsets))

    def pause(self, partitions: Collection[TopicPartition]) -> None:
        self._ask("pausing", lambda member: member.pause(partitions))

    def resume(self, partitions: Collection[TopicPartition]) -> None:
        self._ask("resuming", lambda member: member.resume(partitions))

    def commit(self, positions: Positions) -> None:
        self._ask("committing positions", lambda member: member.commit(positions))

    def ping(self) -> None:
        self._ask("asking whether it is there", lambda member: member.ping())

    def close(self) -> None:
        _close(self._member, self._calls)

    def _ask(self, doing: str, ask: Callable[[Member], T]) -> T:
        self._require_in_time()
        try:
            return self._calls.call(doing, lambda: ask(self._member), ASK_S)
        except Late:
            self._is_late = True
            raise

    def _require_in_time(self) -> None:
        if self._is_late:
            raise Replaced("a call to Kafka has not ended in time, so the member joins its group anew")


def _close(part: Any, calls: Bounded) -> None:
    """Close a part; what does not end in time goes on in its thread, and with the process at the latest."""
    calls.end(part.close, CLOSE_S)
