"""Makes the parts of the client from one set of properties."""

import logging
from typing import Any

from confluent_kafka import Consumer, KafkaException
from confluent_kafka import Producer as NativeProducer
from confluent_kafka.admin import AdminClient

from catenae.broker import LONGEST_HANDLING_S
from catenae.brokers.kafka.address import Address
from catenae.brokers.kafka.client import (
    HEARTBEAT_S,
    LARGEST_MESSAGE_BYTES,
    LEAST_SESSION_S,
    REQUEST_TIMEOUT_S,
    TRANSACTION_TIMEOUT_S,
    Admin,
    Joining,
    Member,
    Producer,
    Reader,
)
from catenae.brokers.kafka.confluent.admin import ConfluentAdmin
from catenae.brokers.kafka.confluent.errors import LastError
from catenae.brokers.kafka.confluent.member import ConfluentMember
from catenae.brokers.kafka.confluent.producer import ConfluentProducer
from catenae.brokers.kafka.confluent.reader import ConfluentReader
from catenae.brokers.kafka.confluent.watcher import Watcher
from catenae.errors import ConfigError

Properties = dict[str, Any]

# librdkafka tells of every attempt to connect; its errors come to us anyway, so only the worst is logged.
_QUIET = {"log_level": 0, "logger": logging.getLogger("catenae.librdkafka")}
# Java's, so that a client is back soon after Kafka is.
_RECONNECTING = {"reconnect.backoff.max.ms": 1000}
# With connections made on demand, a question that waits for a broker which is down has the client forget its
# pauses: one dead broker of three was tried twenty thousand times a second.
_ASKING = {"enable.sparse.connections": False}
_FETCHING = {
    "isolation.level": "read_committed",
    # A place outside of the log is ours to decide on.
    "auto.offset.reset": "error",
    "enable.auto.commit": False,
    "enable.partition.eof": True,
    # How long a position that is new to the client waits for its turn at a quiet broker.
    "fetch.wait.max.ms": 100,
    "fetch.max.bytes": 16 << 20,
    # What is fetched ahead, in memory.
    "queued.max.messages.kbytes": 16 << 10,
    # When that is full, how soon the client looks whether there is room again; its own second is a pause.
    "fetch.queue.backoff.ms": 5,
}
_WRITING = {
    "enable.idempotence": True,
    "partitioner": "murmur2_random",
    "compression.type": "lz4",
    "linger.ms": 5,
    "message.max.bytes": LARGEST_MESSAGE_BYTES,
    "delivery.report.only.error": True,
    "queue.buffering.max.kbytes": 64 << 10,
    # A transaction that begins while Kafka still writes the markers of the last one is told to try again;
    # with the client's own 100 ms that would be the longest part of it.
    "retry.backoff.ms": 2,
    "retry.backoff.max.ms": 200,
}


_MAX_MESSAGE = "message.max.bytes"


class ConfluentClient:
    """A `Client` on librdkafka; takes every property of it by its own name."""

    def __init__(self, address: Address, lease_s: float) -> None:
        self._common = {"bootstrap.servers": address.servers, **_QUIET, **_RECONNECTING}
        self._given = dict(address.properties)
        self._session_s = max(lease_s, LEAST_SESSION_S)
        # What there is no such property of is said before a server is asked for anything.
        self._open(NativeProducer, {}, {"bootstrap.servers": ""}, LastError())

    @property
    def max_message_bytes(self) -> int:
        return int(self._given.get(_MAX_MESSAGE, LARGEST_MESSAGE_BYTES))

    def member(self, joining: Joining) -> Member:
        has_several = len(joining.topics) > 1
        defaults = _FETCHING | {
            "session.timeout.ms": _ms(self._session_s),
            "heartbeat.interval.ms": _ms(HEARTBEAT_S),
            "max.poll.interval.ms": _ms(LONGEST_HANDLING_S),
            "socket.timeout.ms": _ms(REQUEST_TIMEOUT_S),
            "partition.assignment.strategy": "range" if has_several else "cooperative-sticky",
        }
        fixed = {
            "group.id": joining.group,
            "group.instance.id": joining.name,
            "enable.auto.commit": False,
            "enable.partition.eof": True,
        }
        last_error = LastError()
        consumer = self._open(Consumer, defaults, fixed, last_error)
        strategy = str((defaults | self._given)["partition.assignment.strategy"])
        return ConfluentMember(
            consumer, joining, last_error, is_incremental=strategy.startswith("cooperative")
        )

    def producer(self, transactional_id: str | None) -> Producer:
        last_error = LastError()
        if transactional_id is None:
            return ConfluentProducer(self._open(NativeProducer, _WRITING, {}, last_error), last_error)
        defaults = _WRITING | {"transaction.timeout.ms": _ms(TRANSACTION_TIMEOUT_S)}
        fixed = {"transactional.id": transactional_id}
        return ConfluentProducer(self._open(NativeProducer, defaults, fixed, last_error), last_error)

    def reader(self) -> Reader:
        # The group is a formality: a reader never joins it and commits nothing.
        last_error = LastError()
        fixed = {"group.id": "catenae.reader", "enable.auto.commit": False}
        defaults = _FETCHING | {"fetch.wait.max.ms": 10}
        return ConfluentReader(self._open(Consumer, defaults, fixed, last_error), last_error)

    def admin(self) -> Admin:
        last_error = LastError()
        return ConfluentAdmin(self._open(AdminClient, _ASKING, {}, last_error), last_error, self._watcher)

    def _watcher(self, group: str) -> Watcher:
        def open_consumer(group: str, isolation: str, last_error: LastError) -> Consumer:
            fixed = {"group.id": group, "isolation.level": isolation, "enable.auto.commit": False}
            return self._open(Consumer, {}, fixed, last_error)

        return Watcher(group, open_consumer)

    def _open(self, native: Any, defaults: Properties, fixed: Properties, last_error: LastError) -> Any:
        properties = self._common | defaults | self._given | fixed
        try:
            return native(properties | {"error_cb": last_error.note})
        except (KafkaException, ValueError, TypeError) as error:
            # The text names the property, never its value.
            reason = error.args[0].str() if isinstance(error, KafkaException) else str(error)
            raise ConfigError(f"the Kafka client confluent-kafka refuses a property: {reason}") from error


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
