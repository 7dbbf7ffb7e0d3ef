"""The positions of a group, asked for by consumers that know its name and never join it.

librdkafka's admin client would end the process when a group's coordinator moves (its issue 5040).
"""

from collections.abc import Callable, Collection

from confluent_kafka import Consumer, KafkaException
from confluent_kafka import TopicPartition as NativePartition

from catenae.brokers.kafka.client import LOOK_S, REQUEST_TIMEOUT_S, Unsettled
from catenae.brokers.kafka.confluent.errors import LastError, ours, translated
from catenae.brokers.kafka.stored import Stored
from catenae.errors import BrokerUnavailable
from catenae.message import TopicPartition

# How long the positions of a group may wait for a transaction that is just ending.
SETTLE_S = 1.0

OpenConsumer = Callable[[str, str, LastError], Consumer]


class Watcher:
    """Asks for the positions of one group. Not thread-safe.

    open_consumer  makes a consumer of a group, with an isolation level: one that waits for transactions to
                   end cannot be told to stop waiting
    """

    def __init__(self, group: str, open_consumer: OpenConsumer) -> None:
        self._group = group
        self._open = open_consumer
        self._consumers: dict[str, tuple[Consumer, LastError]] = {}

    def seen(self, partitions: Collection[TopicPartition]) -> dict[TopicPartition, Stored]:
        """Return positions, for looking: those of a transaction that does not end are not in them."""
        found = self._settled(partitions, SETTLE_S)
        return found if found is not None else self._ask("read_uncommitted", partitions, REQUEST_TIMEOUT_S)

    def committed(self, partitions: Collection[TopicPartition]) -> dict[TopicPartition, Stored]:
        """Return positions, for going on from; raise `Unsettled` while a transaction holds one."""
        found = self._settled(partitions, REQUEST_TIMEOUT_S / 2)
        if found is not None:
            return found
        self._ask("read_uncommitted", partitions, REQUEST_TIMEOUT_S)
        held = [each for each in sorted(partitions) if self._settled([each], LOOK_S) is None]
        raise Unsettled(self._group, held or sorted(partitions))

    def close(self) -> None:
        for consumer, _ in self._consumers.values():
            consumer.close()

    def _settled(
        self, partitions: Collection[TopicPartition], timeout_s: float
    ) -> dict[TopicPartition, Stored] | None:
        """Return positions once no transaction holds one; None if there is no answer in time."""
        try:
            return self._ask("read_committed", partitions, timeout_s)
        except BrokerUnavailable:
            return None

    def _ask(
        self, isolation: str, partitions: Collection[TopicPartition], timeout_s: float
    ) -> dict[TopicPartition, Stored]:
        if not partitions:
            return {}
        consumer, last_error = self._consumer(isolation)
        doing = "asking for positions"
        with ours(doing, last_error):
            try:
                found = consumer.committed([NativePartition(*each) for each in partitions], timeout_s)
            except KafkaException:
                consumer.poll(0)  # to hear what the client has said in passing
                raise
        for each in found:
            if each.error is not None:
                raise translated(each.error, doing, last_error)
        return {
            TopicPartition(each.topic, each.partition): Stored(each.offset, each.metadata or "")
            for each in found
            if each.offset >= 0
        }

    def _consumer(self, isolation: str) -> tuple[Consumer, LastError]:
        if isolation not in self._consumers:
            last_error = LastError()
            self._consumers[isolation] = (self._open(self._group, isolation, last_error), last_error)
        return self._consumers[isolation]
