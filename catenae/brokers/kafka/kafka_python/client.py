"""Makes the parts of the client from one set of properties."""

import logging
from typing import Any

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
from kafka.coordinator.assignors.range import RangePartitionAssignor

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
from catenae.brokers.kafka.kafka_python.admin import KafkaPythonAdmin
from catenae.brokers.kafka.kafka_python.errors import ours
from catenae.brokers.kafka.kafka_python.member import KafkaPythonMember
from catenae.brokers.kafka.kafka_python.producer import KafkaPythonProducer, Values
from catenae.brokers.kafka.kafka_python.properties import settings_for
from catenae.brokers.kafka.kafka_python.reader import KafkaPythonReader

Settings = dict[str, Any]

_FETCHING = {
    "isolation_level": "read_committed",
    # A place outside of the log is ours to decide on.
    "auto_offset_reset": "none",
    "enable_auto_commit": False,
    "allow_auto_create_topics": False,
    # How long a position that is new to the client waits for its turn at a quiet broker.
    "fetch_max_wait_ms": 100,
    "fetch_max_bytes": 16 << 20,
    # Also of one that never joins: it is refused beside a shorter session that somebody asks for.
    "heartbeat_interval_ms": round(HEARTBEAT_S * 1000),
}
_WRITING = {
    "compression_type": "lz4",
    "linger_ms": 5,
    "max_request_size": LARGEST_MESSAGE_BYTES,
    "batch_size": 256 << 10,
    "max_block_ms": round(REQUEST_TIMEOUT_S * 1000),
    "allow_auto_create_topics": False,
    "value_serializer": Values(),
    # A transaction that begins while Kafka still writes the markers of the last one is told to try again.
    "retry_backoff_ms": 10,
}


_MAX_MESSAGE = "max_request_size"


class KafkaPythonClient:
    """A `Client` on kafka-python; takes the dotted names of Java and librdkafka and kafka-python's own."""

    def __init__(self, address: Address, lease_s: float) -> None:
        # It tells of every attempt to connect; its errors come to us anyway.
        logger = logging.getLogger("kafka")
        if logger.level == logging.NOTSET:
            logger.setLevel(logging.CRITICAL)
        self._servers = address.servers.split(",")
        self._properties = address.properties
        self._session_s = max(lease_s, LEAST_SESSION_S)
        settings_for(self._properties, (KafkaConsumer, KafkaProducer, KafkaAdminClient))

    @property
    def max_message_bytes(self) -> int:
        given: int = settings_for(self._properties, (KafkaProducer,)).get(_MAX_MESSAGE, LARGEST_MESSAGE_BYTES)
        return given

    def member(self, joining: Joining) -> Member:
        has_several = len(joining.topics) > 1
        defaults = _FETCHING | {
            "session_timeout_ms": _ms(self._session_s),
            "max_poll_interval_ms": _ms(LONGEST_HANDLING_S),
            "partition_assignment_strategy": [
                RangePartitionAssignor if has_several else CooperativeStickyAssignor
            ],
        }
        fixed = {
            "group_id": joining.group,
            "group_instance_id": joining.name,
        }
        consumer = self._open(KafkaConsumer, defaults, fixed)
        return KafkaPythonMember(consumer, joining, lambda: self._open(KafkaAdminClient, {}, {}))

    def producer(self, transactional_id: str | None) -> Producer:
        if transactional_id is None:
            return KafkaPythonProducer(self._open(KafkaProducer, _WRITING, {}))
        defaults = _WRITING | {"transaction_timeout_ms": _ms(TRANSACTION_TIMEOUT_S)}
        return KafkaPythonProducer(
            self._open(KafkaProducer, defaults, {"transactional_id": transactional_id})
        )

    def reader(self) -> Reader:
        return KafkaPythonReader(self._open(KafkaConsumer, _FETCHING | {"fetch_max_wait_ms": 10}, {}))

    def admin(self) -> Admin:
        return KafkaPythonAdmin(
            self._open(KafkaAdminClient, {}, {}),
            lambda group: self._open(KafkaConsumer, _FETCHING, {"group_id": group}),
        )

    def _open(self, native: Any, defaults: Settings, fixed: Settings) -> Any:
        common = {
            "bootstrap_servers": self._servers,
            "bootstrap_timeout_ms": _ms(REQUEST_TIMEOUT_S),
            # Java's, so that a client is back soon after Kafka is.
            "reconnect_backoff_max_ms": 1000,
        }
        if native is not KafkaProducer:
            common["request_timeout_ms"] = _ms(REQUEST_TIMEOUT_S)
        given = settings_for(self._properties, (native,))
        with ours("connecting"):
            return native(**common | defaults | given | fixed)


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
