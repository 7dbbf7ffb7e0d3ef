"""The writing side: records in order, in transactions or without."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Message
from confluent_kafka import Producer as NativeProducer

from catenae.brokers.kafka.client import COMMIT_TIMEOUT_S, REQUEST_TIMEOUT_S, Positions
from catenae.brokers.kafka.confluent.errors import LastError, ours, translated
from catenae.brokers.kafka.confluent.member import native_positions
from catenae.errors import BrokerUnavailable
from catenae.message import NO_HEADERS, Headers, Record

WAIT_FOR_ROOM_S = 0.05
AGAIN_S = 0.1
_NOT_YET = {
    KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
    KafkaError.COORDINATOR_NOT_AVAILABLE,
    KafkaError.NOT_COORDINATOR,
    KafkaError.CONCURRENT_TRANSACTIONS,
}


class ConfluentProducer:
    """A `Producer` on librdkafka. What it cannot write makes the transaction, or the next `flush`, fail."""

    def __init__(self, producer: NativeProducer, last_error: LastError) -> None:
        self._producer = producer
        self._last_error = last_error
        self._failed: KafkaError | None = None

    def start(self) -> None:
        until_s = time.monotonic() + COMMIT_TIMEOUT_S
        while True:
            try:
                self._producer.init_transactions(COMMIT_TIMEOUT_S)
            except KafkaException as error:
                # A Kafka that has just started answers, but not yet for transactions.
                said = error.args[0]
                if said.code() not in _NOT_YET or time.monotonic() > until_s:
                    raise translated(said, "preparing transactions", self._last_error) from error
                time.sleep(AGAIN_S)
            else:
                return

    def begin(self) -> None:
        self._failed = None
        with ours("beginning a transaction", self._last_error):
            self._producer.begin_transaction()

    def send(self, records: Sequence[Record]) -> None:
        produce = self._producer.produce
        failed = self._note_failure
        known: Headers = NO_HEADERS
        given: list[tuple[str, bytes]] = []
        with ours("writing", self._last_error):
            for topic, key, value, headers, partition, _, _ in records:
                if headers is not known:  # records made together share theirs
                    known, given = headers, list(headers.items())
                try:
                    produce(topic, value, key, partition, on_delivery=failed, headers=given)
                except BufferError:
                    self._wait_for_room()
                    produce(topic, value, key, partition, on_delivery=failed, headers=given)

    def send_positions(self, positions: Positions, group_metadata: Any) -> None:
        with ours("committing positions", self._last_error), self._for_its_reason():
            self._producer.send_offsets_to_transaction(
                native_positions(positions), group_metadata, COMMIT_TIMEOUT_S
            )

    def commit(self) -> None:
        with ours("committing a transaction", self._last_error), self._for_its_reason():
            self._producer.commit_transaction(COMMIT_TIMEOUT_S)

    def abort(self) -> None:
        with ours("aborting a transaction", self._last_error):
            self._producer.abort_transaction(REQUEST_TIMEOUT_S)

    def flush(self) -> None:
        left = self._producer.flush(COMMIT_TIMEOUT_S)
        if self._failed is not None:
            raise translated(self._failed, "writing", self._last_error)
        if left:
            raise self._last_error.unanswered("writing", KafkaError(KafkaError._TIMED_OUT))

    def close(self) -> None:
        self._producer.purge()

    @contextmanager
    def _for_its_reason(self) -> Iterator[None]:
        """Raise in place of "erroneous state" why the transaction is in one: what was refused of it."""
        try:
            yield
        except KafkaException as error:
            self._producer.poll(0)  # to hear what became of the records
            if error.args[0].code() == KafkaError._STATE and self._failed is not None:
                raise KafkaException(self._failed) from error
            raise

    def _note_failure(self, error: KafkaError | None, _message: Message) -> None:
        self._failed = self._failed or error

    def _wait_for_room(self) -> None:
        until_s = time.monotonic() + COMMIT_TIMEOUT_S
        before = len(self._producer)
        while len(self._producer) >= before:
            if time.monotonic() > until_s:
                raise BrokerUnavailable("Kafka takes no records: the queue of those to be written stays full")
            self._producer.poll(WAIT_FOR_ROOM_S)
