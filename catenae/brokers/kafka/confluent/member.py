"""The reading side of one member of a group."""

import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, Message
from confluent_kafka import TopicPartition as NativePartition

from catenae.brokers.kafka.client import REQUEST_TIMEOUT_S, Joining, Positions, Replaced, fallen_out
from catenae.brokers.kafka.confluent.errors import LastError, ours, translated
from catenae.brokers.kafka.confluent.records import records_of
from catenae.message import Record, TopicPartition

LEAVE_S = 2.0
# So many looks in a row have to find nothing left of the group.
QUIET = 3
# What the client says that is asked to seek where it fetches nothing.
_WITHOUT_PLACE = {KafkaError._STATE, KafkaError._UNKNOWN_PARTITION}
# The client says in passing what it goes on trying, or what a change of partitions will say again.
_IN_PASSING = {
    KafkaError._ALL_BROKERS_DOWN,
    KafkaError._TRANSPORT,
    KafkaError._RESOLVE,
    KafkaError._MAX_POLL_EXCEEDED,
}


class ConfluentMember:
    """A `Member` on librdkafka, which heartbeats and fetches ahead in threads of its own.

    is_incremental  whether the group's assignor gives and takes single partitions, not whole assignments
    """

    def __init__(
        self, consumer: Consumer, joining: Joining, last_error: LastError, *, is_incremental: bool
    ) -> None:
        self._consumer = consumer
        self._is_incremental = is_incremental
        self._last_error = last_error
        self._topic = joining.topics[0]
        # Where the next record of a partition is to come from; and its end, markers included, once seen.
        self._places: dict[TopicPartition, int] = {}
        self._ends: dict[TopicPartition, int] = {}
        self._given: set[TopicPartition] = set()
        self._joining = joining
        consumer.subscribe(
            list(joining.topics), on_assign=self._assigned, on_revoke=self._revoked, on_lost=self._revoked
        )

    @property
    def group_metadata(self) -> Any:
        if not self._consumer.memberid():
            raise fallen_out()
        return self._consumer.consumer_group_metadata()

    def fetch(self, max_records: int, timeout_s: float) -> list[Record]:
        with ours("fetching", self._last_error):
            # A call for many waits until it has that many: the first is waited for alone.
            messages = self._consumer.consume(max_records, 0.0)
            if not messages and timeout_s > 0:
                messages = self._consumer.consume(1, timeout_s)
                if messages:
                    messages += self._consumer.consume(max_records - 1, 0.0) if max_records > 1 else []
        records = records_of(messages, self._places)
        if len(records) < len(messages):
            self._note(each for each in messages if each.error() is not None)
        return records

    def past_markers(self, partition: TopicPartition, offset: int) -> int:
        if self._places.get(partition, offset) > offset:
            return offset
        return max(offset, self._ends.get(partition, offset))

    def seek(self, offsets: Mapping[TopicPartition, int]) -> None:
        for each, offset in offsets.items():
            self._places[each] = offset
            self._ends.pop(each, None)
        with ours("seeking", self._last_error):
            if not all(self._has_sought(each) for each in _native_places(offsets)):
                self._assign_anew(offsets.keys() & self._given)

    def pause(self, partitions: Collection[TopicPartition]) -> None:
        with ours("pausing", self._last_error):
            self._consumer.pause(_native(partitions))

    def resume(self, partitions: Collection[TopicPartition]) -> None:
        with ours("resuming", self._last_error):
            self._consumer.resume(_native(partitions))

    def commit(self, positions: Positions) -> None:
        with ours("committing positions", self._last_error):
            self._consumer.commit(offsets=native_positions(positions), asynchronous=False)

    def ping(self) -> None:
        with ours("asking whether it is there", self._last_error):
            self._consumer.list_topics(self._topic, REQUEST_TIMEOUT_S)

    def close(self) -> None:
        # To leave by `close` alone would keep the partitions for the name until the session ends; to
        # unsubscribe gives them up at once. What the group has said before is heard first: the client would
        # wait for ever, and all threads of Python with it, for an answer to what it hears while it closes.
        until_s, quiet = time.monotonic() + LEAVE_S, 0
        try:
            self._consumer.unsubscribe()
            while quiet < QUIET and time.monotonic() < until_s:
                self._consumer.consume(1, 0.05)
                quiet = 0 if self._consumer.assignment() else quiet + 1
            self._consumer.close()
        except (KafkaException, RuntimeError):
            # Fenced, closed already, or out of reach: the group goes on once its session has ended.
            return

    def _assigned(self, consumer: Consumer, partitions: Sequence[NativePartition]) -> None:
        # Whoever owns them says where they begin. Until then they have no place: one that the client has to
        # ask for, such as the end, it goes to although another was sought, if the answer comes after that.
        (consumer.incremental_assign if self._is_incremental else consumer.assign)([])
        # A pause outlives a partition's being taken away.
        consumer.resume(partitions)
        taken = [_key(each) for each in partitions]
        self._given.update(taken)
        self._joining.taken(taken)

    def _revoked(self, consumer: Consumer, partitions: Sequence[NativePartition]) -> None:
        if self._is_incremental:
            assigned = set(map(_key, consumer.assignment()))
            consumer.incremental_unassign([each for each in partitions if _key(each) in assigned])
        lost = [_key(each) for each in partitions]
        for each in lost:
            self._places.pop(each, None)
            self._ends.pop(each, None)
        self._given.difference_update(lost)
        self._joining.lost(lost)

    def _has_sought(self, where: NativePartition) -> bool:
        """Seek; say whether that could be done: not where the client does not fetch at the moment."""
        try:
            self._consumer.seek(where)
        except KafkaException as error:
            if error.args[0].code() not in _WITHOUT_PLACE:
                raise
            return False
        return True

    def _assign_anew(self, partitions: Collection[TopicPartition]) -> None:
        """Have the client fetch from where was sought although it has no place of its own in all of them.

        So it is at first, and after a place that was not in the log. The client's own word for where the
        others are is no help: where it has handed over records last, also of what is to be read again.
        """
        places = {each: place for each, place in self._places.items() if each in self._given}
        try:
            if self._is_incremental:
                assigned = self._consumer.assignment()
                self._consumer.incremental_unassign([each for each in assigned if _key(each) in partitions])
                self._consumer.incremental_assign(_native_places({each: places[each] for each in partitions}))
            else:
                self._consumer.assign(_native_places(places))
        except KafkaException as error:
            # The group shares out anew just now, and who knows which of the two calls have been heard.
            raise Replaced("a place in the log could not be taken, so the member joins anew") from error

    def _note(self, events: Iterable[Message]) -> None:
        for event in events:
            error = event.error()
            if error.code() == KafkaError._PARTITION_EOF:
                self._ends[TopicPartition(event.topic(), event.partition())] = event.offset()
            elif error.code() in (KafkaError._AUTO_OFFSET_RESET, KafkaError._LOG_TRUNCATION):
                # It stands nowhere in the log: whoever owns it asks where it is to go on.
                self._joining.taken([TopicPartition(event.topic(), event.partition())])
            elif error.code() not in _IN_PASSING:
                raise translated(error, "fetching", self._last_error)


def native_positions(positions: Positions) -> list[NativePartition]:
    """Return positions as librdkafka takes them."""
    return [
        NativePartition(each.topic, each.partition, stored.offset, stored.text)
        for each, stored in positions.items()
    ]


def _native_places(offsets: Mapping[TopicPartition, int]) -> list[NativePartition]:
    return [NativePartition(*each, offset) for each, offset in offsets.items()]


def _key(native: NativePartition) -> TopicPartition:
    return TopicPartition(native.topic, native.partition)


def _native(partitions: Collection[TopicPartition]) -> list[NativePartition]:
    return [NativePartition(each.topic, each.partition) for each in partitions]
