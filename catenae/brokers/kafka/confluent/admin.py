"""What is asked and arranged outside of reading and writing."""

import base64
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any, TypeVar

from confluent_kafka import ConsumerGroupTopicPartitions, KafkaError, KafkaException, TopicCollection
from confluent_kafka import TopicPartition as NativePartition
from confluent_kafka.admin import (
    AclBinding,
    AclOperation,
    AclPermissionType,
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewPartitions,
    OffsetSpec,
    ResourcePatternType,
    ResourceType,
)
from confluent_kafka.admin import NewTopic as NativeTopic

from catenae.broker import Span
from catenae.brokers.kafka.client import REQUEST_TIMEOUT_S, Positions
from catenae.brokers.kafka.confluent.errors import LastError, ours, translated
from catenae.brokers.kafka.confluent.member import native_positions
from catenae.brokers.kafka.confluent.watcher import Watcher
from catenae.brokers.kafka.permission import Permission
from catenae.brokers.kafka.stored import Stored
from catenae.brokers.kafka.topic_settings import (
    BOUNDS,
    DEFAULT_MAX_BATCH_BYTES,
    MAX_BATCH_BYTES,
    Described,
    NewTopic,
)
from catenae.errors import BrokerUnavailable
from catenae.message import TopicPartition

A = TypeVar("A")

AGAIN_S = 0.01
# What leaves the number of replicas to Kafka.
UNSAID = -1


class ConfluentAdmin:
    """An `Admin` on librdkafka.

    watch  makes what asks for the positions of a group
    """

    def __init__(self, client: AdminClient, last_error: LastError, watch: Callable[[str], Watcher]) -> None:
        self._client = client
        self._last_error = last_error
        self._watch = watch
        self._watchers: dict[str, Watcher] = {}
        self._lock = threading.Lock()

    def partitions(self) -> dict[str, int]:
        with self._ours("listing topics"):
            found = self._client.list_topics(timeout=REQUEST_TIMEOUT_S).topics
        return {name: len(each.partitions) for name, each in found.items() if not name.startswith("__")}

    def brokers(self) -> int:
        with self._ours("counting brokers"):
            return len(self._client.list_topics(timeout=REQUEST_TIMEOUT_S).brokers)

    def described(self, names: Collection[str]) -> dict[str, Described]:
        if not names:
            return {}
        asked = TopicCollection(list(names))
        answers = self._client.describe_topics(asked, request_timeout=REQUEST_TIMEOUT_S)
        found = {}
        for name, answer in answers.items():
            topic = self._wait(answer, f"describing topic {name!r}", fine=KafkaError.UNKNOWN_TOPIC_OR_PART)
            if topic is not None:
                number = base64.b64decode(f"{topic.topic_id}==").hex()
                found[name] = Described(number, min(len(each.replicas) for each in topic.partitions))
        return found

    def create(self, topics: Sequence[NewTopic]) -> None:
        wanted = [
            NativeTopic(
                each.name,
                each.partitions,
                UNSAID if each.replicas is None else each.replicas,
                config=dict(each.settings),
            )
            for each in topics
        ]
        creating = self._client.create_topics(wanted, request_timeout=REQUEST_TIMEOUT_S)
        for name, created in creating.items():
            self._wait(created, f"creating topic {name!r}", fine=KafkaError.TOPIC_ALREADY_EXISTS)

    def widen(self, topic: str, partitions: int) -> None:
        wanted = [NewPartitions(topic, partitions)]
        for widened in self._client.create_partitions(wanted, request_timeout=REQUEST_TIMEOUT_S).values():
            self._wait(widened, f"adding partitions to topic {topic!r}", fine=KafkaError.INVALID_PARTITIONS)

    def delete(self, names: Sequence[str]) -> None:
        deleting = self._client.delete_topics(list(names), request_timeout=REQUEST_TIMEOUT_S)
        for name, deleted in deleting.items():
            self._wait(deleted, f"deleting topic {name!r}", fine=KafkaError.UNKNOWN_TOPIC_OR_PART)

    def bounds(self, names: Sequence[str]) -> dict[str, dict[str, str]]:
        if not names:
            return {}
        fine = KafkaError.UNKNOWN_TOPIC_OR_PART
        return {
            topic: {name: settings[name].value for name in BOUNDS}
            for topic, settings in self._settings(names, fine)
        }

    def bound(self, settings: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
        wanted = [
            ConfigResource(
                ConfigResource.Type.TOPIC,
                topic,
                incremental_configs=[
                    ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET)
                    for name, value in wanted.items()
                ],
            )
            for topic, wanted in settings.items()
        ]
        answers = self._client.incremental_alter_configs(wanted, request_timeout=REQUEST_TIMEOUT_S)
        failed = {each.name: answer.exception(REQUEST_TIMEOUT_S) for each, answer in answers.items()}
        return {topic: str(error) for topic, error in failed.items() if error is not None}

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
        everywhere = [
            TopicPartition(topic, number)
            for topic, partitions in self.partitions().items()
            for number in range(partitions)
        ]
        with self._lock:
            return self._watcher(group).seen(everywhere)

    def committed(self, group: str, partitions: Collection[TopicPartition]) -> dict[TopicPartition, Stored]:
        with self._lock:
            return self._watcher(group).committed(partitions)

    def members(self, group: str) -> dict[str, str]:
        found = self._described(group)
        members = found.members if found is not None else ()
        return dict(sorted((each.group_instance_id or each.member_id, each.member_id) for each in members))

    def move(self, group: str, positions: Positions) -> None:
        wanted = ConsumerGroupTopicPartitions(group, native_positions(positions))
        answers = self._client.alter_consumer_group_offsets([wanted], request_timeout=REQUEST_TIMEOUT_S)
        for each in self._answer(answers[group], "setting positions").topic_partitions:
            if each.error is not None:
                raise translated(each.error, "setting positions", self._last_error)

    def forget(self, group: str) -> None:
        def delete() -> None:
            deleted = self._client.delete_consumer_groups([group], request_timeout=REQUEST_TIMEOUT_S)[group]
            self._wait(deleted, "removing a group", fine=KafkaError.GROUP_ID_NOT_FOUND)

        self._again(delete)

    def permit(self, permissions: Sequence[Permission]) -> None:
        wanted = [
            AclBinding(
                ResourceType[each.kind],
                each.name,
                ResourcePatternType.PREFIXED if each.is_prefix else ResourcePatternType.LITERAL,
                f"User:{each.principal}",
                "*",
                AclOperation[each.operation],
                AclPermissionType.ALLOW,
            )
            for each in permissions
        ]
        for allowed in self._client.create_acls(wanted, request_timeout=REQUEST_TIMEOUT_S).values():
            self._answer(allowed, "allowing access")

    def close(self) -> None:
        self._client.poll(0)
        for watcher in self._watchers.values():
            watcher.close()

    def _watcher(self, group: str) -> Watcher:
        if group not in self._watchers:
            self._watchers[group] = self._watch(group)
        return self._watchers[group]

    def _settings(self, topics: Sequence[str], fine: int) -> Iterator[tuple[str, Any]]:
        """Yield the settings of each topic, but of those for which the answer is the error `fine`."""
        asked = [ConfigResource(ConfigResource.Type.TOPIC, name) for name in topics]
        answers = self._client.describe_configs(asked, request_timeout=REQUEST_TIMEOUT_S)
        for resource, answer in answers.items():
            settings = self._wait(answer, "describing topics", fine)
            if settings is not None:
                yield resource.name, settings

    def _described(self, group: str) -> Any:
        def describe() -> Any:
            asked = self._client.describe_consumer_groups([group], request_timeout=REQUEST_TIMEOUT_S)
            return self._wait(asked[group], f"describing group {group!r}", fine=KafkaError.GROUP_ID_NOT_FOUND)

        return self._again(describe)

    def _offsets(self, topic: str, partitions: int, which: Any) -> list[int]:
        asked = {NativePartition(topic, number): which for number in range(partitions)}

        def look() -> list[int]:
            answers = self._client.list_offsets(asked, request_timeout=REQUEST_TIMEOUT_S)
            found = {each.partition: self._answer(one, "asking for offsets") for each, one in answers.items()}
            return [found[number].offset for number in range(partitions)]

        return self._again(look)

    def _again(self, ask: Callable[[], A]) -> A:
        """Return the answer; ask again for a while where there is none from Kafka as it stands.

        Partitions of a new topic have no leader for a moment and groups no coordinator, others a new one.
        """
        until_s = time.monotonic() + REQUEST_TIMEOUT_S
        while True:
            try:
                return ask()
            except BrokerUnavailable:
                if time.monotonic() > until_s:
                    raise
                self.partitions()
                time.sleep(AGAIN_S)

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
        with ours(doing, self._last_error):
            try:
                yield
            except KafkaException:
                self._client.poll(0)  # to hear what the client has said in passing
                raise
