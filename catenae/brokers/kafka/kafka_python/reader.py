"""Reading partitions for no group."""

import time

from kafka import KafkaConsumer
from kafka.structs import TopicPartition as NativePartition

from catenae.broker import Span
from catenae.brokers.kafka.kafka_python.errors import ours
from catenae.brokers.kafka.kafka_python.records import records_of
from catenae.message import Record, TopicPartition

LONGEST_READ_S = 1.0
LOOK_MS = 50


class KafkaPythonReader:
    """A `Reader` on kafka-python."""

    def __init__(self, consumer: KafkaConsumer) -> None:
        self._consumer = consumer

    def read(self, partition: TopicPartition, span: Span, max_records: int) -> list[Record]:
        native = NativePartition(*partition)
        until_s = time.monotonic() + LONGEST_READ_S
        records: list[Record] = []
        with ours("reading"):
            self._consumer.assign([native])
            self._consumer.seek(native, span.start)
            while len(records) < max_records and time.monotonic() < until_s:
                records += records_of(self._consumer.poll(LOOK_MS, max_records))
                if (self._consumer.position(native, timeout_ms=0) or 0) >= span.end:
                    break
        return [each for each in records[:max_records] if each.offset < span.end]

    def close(self) -> None:
        self._consumer.close(autocommit=False)
