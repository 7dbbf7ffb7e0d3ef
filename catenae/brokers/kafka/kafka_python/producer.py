"""The writing side: records in order, in transactions or without."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from kafka import KafkaProducer
from kafka.errors import KafkaError, KafkaTimeoutError
from kafka.serializer import Serializer

from catenae.brokers.kafka.client import COMMIT_TIMEOUT_S, REQUEST_TIMEOUT_S, Positions
from catenae.brokers.kafka.kafka_python.errors import ours, translated
from catenae.brokers.kafka.kafka_python.member import native_positions
from catenae.message import UNASSIGNED, Record

LOOK_EVERY_MS = 100
# kafka-python refuses a record without key and value; this value becomes none on the way out.
TOMBSTONE = object()


class Values(Serializer):  # type: ignore[misc]  # kafka-python has no types
    """Passes values on as they are, and none for a tombstone."""

    def serialize(self, topic: str, headers: Any, data: Any) -> Any:  # noqa: ARG002
        return None if data is TOMBSTONE else data


class KafkaPythonProducer:
    """A `Producer` on kafka-python. What it cannot write makes the transaction, or the next `flush`, fail."""

    def __init__(self, producer: KafkaProducer) -> None:
        self._producer = producer
        self._sent: list[Any] = []

    def start(self) -> None:
        with ours("preparing transactions"):
            try:
                self._producer.init_transactions()
            except KafkaTimeoutError:
                # A Kafka that has just started answers, but not yet for transactions.
                self._producer.init_transactions()

    def begin(self) -> None:
        self._sent.clear()
        with ours("beginning a transaction"):
            self._producer.begin_transaction()

    def send(self, records: Sequence[Record]) -> None:
        send, sent = self._producer.send, self._sent.append
        with ours("writing"):
            for topic, key, value, headers, partition, _, _ in records:
                sent(
                    send(
                        topic,
                        TOMBSTONE if value is None else value,
                        key,
                        list(headers.items()) if headers else None,
                        None if partition == UNASSIGNED else partition,
                    )
                )

    def send_positions(self, positions: Positions, group_metadata: Any) -> None:
        with ours("committing positions"):
            self._producer.send_offsets_to_transaction(native_positions(positions), group_metadata)

    def commit(self) -> None:
        with ours("committing a transaction"):
            self._end()
        self._raise_failure()

    def abort(self) -> None:
        with ours("aborting a transaction"):
            self._producer.abort_transaction()
        # It keeps positions that were refused, and would send them along with those of the next transaction:
        # of partitions that have had other owners since, who are further.
        self._producer._transaction_manager._pending_txn_offset_commits.clear()

    def flush(self) -> None:
        with ours("writing"):
            self._producer.flush(COMMIT_TIMEOUT_S)
        self._raise_failure()

    def close(self) -> None:
        # What is still queued is to be dropped; by itself it waits for that, and then does not close at all.
        self._producer._sender.force_close()
        self._producer._sender.join(REQUEST_TIMEOUT_S)
        with suppress(KafkaError):
            self._producer.close(timeout=0)

    def _end(self) -> None:
        """Commit; raise what was refused in the transaction: the client itself would wait for ever then."""
        transactions = self._producer._transaction_manager
        end = transactions.begin_commit()
        self._producer._sender.wakeup()
        while not end.wait(LOOK_EVERY_MS):
            if transactions.has_error():
                raise transactions.last_error

    def _raise_failure(self) -> None:
        sent, self._sent = self._sent, []
        for each in sent:
            if each.failed():
                raise translated(each.exception, "writing") from each.exception
