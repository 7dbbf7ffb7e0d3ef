"""The writing side on kafka-python, with its own bookkeeping of transactions."""

from typing import Any

from kafka.producer.transaction_manager import TransactionManager
from kafka.structs import OffsetAndMetadata, TopicPartition

from catenae.brokers.kafka.kafka_python.producer import KafkaPythonProducer


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
