"""The writing side on kafka-python, with its own bookkeeping of transactions."""

from typing import Any

import pytest
from kafka.errors import KafkaTimeoutError, TopicAuthorizationFailedError
from kafka.producer.transaction_manager import TransactionalRequestResult, TransactionManager
from kafka.structs import OffsetAndMetadata, TopicPartition

from catenae.brokers.kafka.kafka_python.producer import KafkaPythonProducer
from catenae.errors import BrokerError


class Native:
    """A producer of kafka-python that aborts at once, with the real thing's memory of positions."""

    def __init__(self) -> None:
        self._transaction_manager = TransactionManager(transactional_id="t")

    def abort_transaction(self) -> None: ...


def test_positions_that_were_refused_are_not_sent_with_the_next_transaction() -> None:
    native: Any = Native()
    pending = native._transaction_manager._pending_txn_offset_commits
    pending[TopicPartition("texts", 1)] = OffsetAndMetadata(592, "", -1)

    KafkaPythonProducer(native).abort()

    assert native._transaction_manager._pending_txn_offset_commits == {}


class Queued:
    """Of a producer whose records do not go out: it closes only when it is told to drop them."""

    def __init__(self) -> None:
        self._sender = self
        self.is_dropped = self.is_closed = False

    def force_close(self) -> None:
        self.is_dropped = True

    def join(self, timeout_s: float) -> None: ...

    def close(self, timeout: float) -> None:
        if not self.is_dropped:
            raise KafkaTimeoutError
        self.is_closed = True


def test_what_is_queued_keeps_no_producer_from_closing() -> None:
    native: Any = Queued()

    KafkaPythonProducer(native).close()

    assert native.is_closed


class Refused:
    """Of a transaction in which a topic was refused: its end never comes."""

    last_error = TopicAuthorizationFailedError({"words"})

    def begin_commit(self) -> TransactionalRequestResult:
        return TransactionalRequestResult()

    def has_error(self) -> bool:
        return True

    def wakeup(self) -> None: ...


@pytest.mark.lengthy
def test_a_topic_that_may_not_be_written_is_named_and_not_waited_for() -> None:
    native: Any = Native()
    native._transaction_manager = native._sender = Refused()

    with pytest.raises(
        BrokerError, match=r"Kafka refuses access while committing a transaction: .*words.*acls"
    ):
        KafkaPythonProducer(native).commit()
