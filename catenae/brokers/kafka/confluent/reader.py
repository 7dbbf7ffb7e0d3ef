"""Reading partitions for no group."""

import time

from confluent_kafka import Consumer, KafkaError
from confluent_kafka import TopicPartition as NativePartition

from catenae.broker import Span
from catenae.brokers.kafka.confluent.errors import LastError, ours, translated
from catenae.brokers.kafka.confluent.records import records_of
from catenae.message import Record, TopicPartition

LONGEST_READ_S = 1.0


class ConfluentReader:
    """A `Reader` on librdkafka."""

    def __init__(self, consumer: Consumer, last_error: LastError) -> None:
        self._consumer = consumer
        self._last_error = last_error

    def read(self, partition: TopicPartition, span: Span, max_records: int) -> list[Record]:
        until_s = time.monotonic() + LONGEST_READ_S
        records: list[Record] = []
        next_offset = span.start
        ends: dict[TopicPartition, int] = {}
        with ours("reading", self._last_error):
            self._consumer.assign([NativePartition(partition.topic, partition.partition, span.start)])
            while len(records) < max_records and next_offset < span.end and time.monotonic() < until_s:
                messages = self._consumer.consume(1, until_s - time.monotonic())
                messages += self._consumer.consume(max_records, 0.0)
                for message in messages:
                    error = message.error()
                    if error is not None and error.code() != KafkaError._PARTITION_EOF:
                        raise translated(error, "reading", self._last_error)
                    next_offset = message.offset() + (error is None)
                records += records_of(messages, ends)
            self._consumer.unassign()
        return [each for each in records[:max_records] if each.offset < span.end]

    def close(self) -> None:
        self._consumer.close()
