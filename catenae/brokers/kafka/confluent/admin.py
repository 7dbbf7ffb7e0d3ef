"""What is asked and arranged outside of reading and writing."""

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any, TypeVar

from confluent_kafka import ConsumerGroupTopicPartitions, KafkaError, KafkaException
from confluent_kafka import TopicPartition as NativePartition
from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic, OffsetSpec

from catenae.broker import Span, TopicSpec
from catenae.brokers.kafka.client import REQUEST_TIMEOUT_S, Positions
from catenae.brokers.kafka.confluent.errors import LastError, ours, translated
from catenae.brokers.kafka.confluent.member import native_positions
from catenae.brokers.kafka.stored import Stored
from catenae.brokers.kafka.topic_settings import (
    DEFAULT_MAX_BATCH_BYTES,
    MAX_BATCH_BYTES,
    RETENTION,
    retention_s,
    settings_of,
)
from catenae.errors import BrokerUnavailable
from catenae.message import TopicPartition

A = TypeVar("A")

# How long the positions of a group may wait for a transaction that is just ending.
SETTLE_S = 1.0
AGAIN_S = 0.01


class ConfluentAdmin:
    """An `Admin` on librdkafka.

    One that was not answered is replaced: it would not find the group's coordinator again, even when Kafka is
    back.
    """

    def __init__(self, open_native: Callable[[Any, LastError], AdminClient]) -> None:
        self._last_error = LastError()
        self._open_native = open_native
        self._client = open_native(AdminClient, self._last_error)

    def partitions(self) -> dict[str, int]:
        with self._ours("listing topics"):
            try:
                found = self._client.list_topics(timeout=REQUEST_TIMEOUT_S).topics
            except KafkaException:
                self._client.poll(0)  # to hear what the client has said in passing
                raise
        return {name: len(each.partitions) for name, each in found.items() if not name.startswith("__")}

    def create(self, topics: Sequence[TopicSpec]) -> None:
        wanted = [NewTopic(each.name, each.partitions, config=settings_of(each)) for each in topics]
        for created in self._client.create_topics(wanted, request_timeout=REQUEST_TIMEOUT_S).values():
            self._wait(created, "creating topics", fine=KafkaError.TOPIC_ALREADY_EXISTS)

    def delete(self, names: Sequence[str]) -> None:
        for deleted in self._client.delete_topics(list(names), request_timeout=REQUEST_TIMEOUT_S).values():
            self._wait(deleted, "deleting topics", fine=KafkaError.UNKNOWN_TOPIC_OR_PART)

    def retentions_s(self, names: Sequence[str]) -> dict[str, float | None]:
        if not names:
            return {}
        fine = KafkaError.UNKNOWN_TOPIC_OR_PART
        return {
            name: retention_s(settings[RETENTION].value) for name, settings in self._settings(names, fine)
        }

    def max_batch_bytes(self, topic: str) -> int:
        for _, settings in self._settings([topic], fine=KafkaError.TOPIC_AUTHORIZATION_FAILED):
            return int(settings[MAX_BATCH_BYTES].value)
        return DEFAULT_MAX_BATCH_BYTES

    def spans(self, topic: str, partitions: int) -> list[Span]:
        starts = self._offsets(topic, partitions, OffsetSpec.earliest())
        ends = self._offsets(topic, partitions, OffsetSpec.latest())
        return [Span(start, end) for start, end in zip(starts, ends, strict=True)]

    def groups(self) -> list[str]:
        listing = self._client.list_consumer_groups(request_timeout=REQUEST_TIMEOUT_S)
        found = self._answer(listing, "listing groups")
        return sorted(each.group_id for each in found.valid)

    def positions(self, group: str) -> dict[TopicPartition, Stored]:
        until_s = time.monotonic() + SETTLE_S
        while (found := self._positions(group)) is None and time.monotonic() < until_s:
            time.sleep(AGAIN_S)
        return found if found is not None else self._positions(group, is_stable=False) or {}

    def committed(self, group: str, partitions: Collection[TopicPartition]) -> dict[TopicPartition, Stored]:
        until_s = time.monotonic() + REQUEST_TIMEOUT_S
        while (found := self._positions(group, partitions)) is None:
            if time.monotonic() > until_s:
                raise BrokerUnavailable(f"Kafka has not ended a transaction of group {group!r} yet")
            time.sleep(AGAIN_S)
        return found

    def members(self, group: str) -> list[str]:
        found = self._described(group)
        members = found.members if found is not None else ()
        return sorted(each.group_instance_id or each.member_id for each in members)

    def move(self, group: str, positions: Positions) -> None:
        wanted = ConsumerGroupTopicPartitions(group, native_positions(positions))
        answers = self._client.alter_consumer_group_offsets([wanted], request_timeout=REQUEST_TIMEOUT_S)
        for each in self._answer(answers[group], "setting positions").topic_partitions:
            if each.error is not None:
                raise translated(each.error, "setting positions", self._last_error)

    def forget(self, group: str) -> None:
        deleted = self._client.delete_consumer_groups([group], request_timeout=REQUEST_TIMEOUT_S)[group]
        self._wait(deleted, "removing a group", fine=KafkaError.GROUP_ID_NOT_FOUND)

    def close(self) -> None:
        self._client.poll(0)

    def _settings(self, topics: Sequence[str], fine: int) -> Iterator[tuple[str, Any]]:
        """Yield the settings of each topic, but of those for which the answer is the error `fine`."""
        asked = [ConfigResource(ConfigResource.Type.TOPIC, name) for name in topics]
        answers = self._client.describe_configs(asked, request_timeout=REQUEST_TIMEOUT_S)
        for resource, answer in answers.items():
            settings = self._wait(answer, "describing topics", fine)
            if settings is not None:
                yield resource.name, settings

    def _described(self, group: str) -> Any:
        answer = self._client.describe_consumer_groups([group], request_timeout=REQUEST_TIMEOUT_S)[group]
        return self._wait(answer, "describing a group", fine=KafkaError.GROUP_ID_NOT_FOUND)

    def _positions(
        self, group: str, partitions: Collection[TopicPartition] | None = None, *, is_stable: bool = True
    ) -> dict[TopicPartition, Stored] | None:
        """Return positions; None while a transaction is ending, unless the answer need not be stable."""
        # librdkafka ends the process if the answer is that the group's coordinator is not ready; asked about
        # the group itself, it says so.
        self._described(group)
        native = None if partitions is None else [NativePartition(*each) for each in partitions]
        asked = self._client.list_consumer_group_offsets(
            [ConsumerGroupTopicPartitions(group, native)],
            require_stable=is_stable,
            request_timeout=REQUEST_TIMEOUT_S,
        )
        answer = self._wait(asked[group], "asking for positions", fine=KafkaError.GROUP_ID_NOT_FOUND)
        found = answer.topic_partitions if answer is not None else ()
        for each in found:
            if each.error is not None and each.error.code() == KafkaError.UNSTABLE_OFFSET_COMMIT:
                return None
            if each.error is not None:
                raise translated(each.error, "asking for positions", self._last_error)
        return {
            TopicPartition(each.topic, each.partition): Stored(each.offset, each.metadata or "")
            for each in found
            if each.offset >= 0
        }

    def _offsets(self, topic: str, partitions: int, which: Any) -> list[int]:
        asked = {NativePartition(topic, number): which for number in range(partitions)}
        until_s = time.monotonic() + REQUEST_TIMEOUT_S
        while True:
            answers = self._client.list_offsets(asked, request_timeout=REQUEST_TIMEOUT_S)
            try:
                found = {
                    each.partition: self._answer(one, "asking for offsets") for each, one in answers.items()
                }
            except BrokerUnavailable:
                # Partitions of a new topic have no leader for a moment, and others a new one.
                if time.monotonic() > until_s:
                    raise
                self.partitions()
                time.sleep(AGAIN_S)
            else:
                return [found[number].offset for number in range(partitions)]

    def _answer(self, future: "Future[A]", doing: str) -> A:
        with self._ours(doing):
            return future.result()

    def _wait(self, future: "Future[A]", doing: str, fine: int) -> A | None:
        """Return the answer; None if it is the error `fine`."""
        with self._ours(doing):
            try:
                return future.result()
            except KafkaException as error:
                if error.args[0].code() == fine:
                    return None
                raise

    @contextmanager
    def _ours(self, doing: str) -> Iterator[None]:
        try:
            with ours(doing, self._last_error):
                yield
        except BrokerUnavailable:
            self._last_error = LastError()
            self._client = self._open_native(AdminClient, self._last_error)
            raise
