"""Reading partitions for no group."""

from confluent_kafka import Consumer, KafkaError
from confluent_kafka import TopicPartition as NativePartition

from catenae.broker import Span
from catenae.brokers.kafka.confluent.errors import LastError, ours, translated
from catenae.brokers.kafka.confluent.records import records_of
from catenae.brokers.kafka.patience import Patience
from catenae.message import Record, TopicPartition

LOOK_S = 0.1


class ConfluentReader:
    """A `Reader` on librdkafka."""

    def __init__(self, consumer: Consumer, last_error: LastError) -> None:
        self._consumer = consumer
        self._last_error = last_error

    def read(self, partition: TopicPartition, span: Span, max_records: int) -> list[Record]:
        patience = Patience(partition)
        records: list[Record] = []
        next_offset, is_at_end = span.start, False
        ends: dict[TopicPartition, int] = {}
        with ours("reading", self._last_error):
            self._consumer.assign([NativePartition(partition.topic, partition.partition, span.start)])
            while len(records) < max_records and next_offset < span.end:
                if patience.is_over(has_something=bool(records) or is_at_end):
                    break
                messages = self._consumer.consume(1, LOOK_S)
                messages += self._consumer.consume(max_records, 0.0)
                for message in messages:
                    error = message.error()
                    if error is not None and error.code() != KafkaError._PARTITION_EOF:
                        raise translated(error, "reading", self._last_error)
                    is_at_end = error is not None
                    next_offset = message.offset() + (error is None)
                records += records_of(messages, ends)
            self._consumer.unassign()
        return [each for each in records[:max_records] if each.offset < span.end]

    def close(self) -> None:
        self._consumer.close()
