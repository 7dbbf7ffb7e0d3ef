"""Reading partitions for no group."""

from kafka import KafkaConsumer
from kafka.structs import TopicPartition as NativePartition

from catenae.broker import Span
from catenae.brokers.kafka.client import REQUEST_TIMEOUT_S
from catenae.brokers.kafka.kafka_python.errors import ours
from catenae.brokers.kafka.kafka_python.records import records_of
from catenae.brokers.kafka.patience import Patience
from catenae.message import Record, TopicPartition

LOOK_MS = 50


class KafkaPythonReader:
    """A `Reader` on kafka-python."""

    def __init__(self, consumer: KafkaConsumer) -> None:
        self._consumer = consumer

    def read(self, partition: TopicPartition, span: Span, max_records: int) -> list[Record]:
        native = NativePartition(*partition)
        patience = Patience(partition)
        records: list[Record] = []
        next_offset, is_at_end = span.start, False
        with ours("reading"):
            self._consumer.assign([native])
            self._consumer.seek(native, span.start)
            while len(records) < max_records and next_offset < span.end:
                if patience.is_over(has_something=bool(records) or is_at_end):
                    break
                found = records_of(self._consumer.poll(LOOK_MS, max_records))
                records += found
                next_offset = self._consumer.position(native, timeout_ms=0) or next_offset
                is_at_end = not found and next_offset >= self._end(native)
        return [each for each in records[:max_records] if each.offset < span.end]

    def close(self) -> None:
        self._consumer.close(autocommit=False)

    def _end(self, native: NativePartition) -> int:
        """Return where what is committed ends."""
        ends: dict[NativePartition, int] = self._consumer.end_offsets(
            [native], round(REQUEST_TIMEOUT_S * 1000)
        )
        return ends[native]
