"""What is asked and arranged outside of reading and writing."""

import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from kafka import KafkaAdminClient, KafkaConsumer, errors
from kafka.admin import (
    ACL,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    ConfigResource,
    ConfigResourceType,
    OffsetSpec,
    ResourcePattern,
    ResourceType,
)
from kafka.structs import TopicPartition as NativePartition

from catenae.broker import Span
from catenae.brokers.kafka.client import LOOK_S, REQUEST_TIMEOUT_S, Positions, Unsettled, refused
from catenae.brokers.kafka.kafka_python.errors import ours
from catenae.brokers.kafka.kafka_python.member import native_positions
from catenae.brokers.kafka.permission import Permission
from catenae.brokers.kafka.stored import Stored
from catenae.brokers.kafka.topic_settings import (
    BOUNDS,
    DEFAULT_MAX_BATCH_BYTES,
    MAX_BATCH_BYTES,
    RETENTION,
    Described,
    NewTopic,
)
from catenae.message import TopicPartition

TIMEOUT_MS = round(REQUEST_TIMEOUT_S * 1000)
AGAIN_S = 0.05
# What leaves the number of replicas to Kafka.
UNSAID = -1


class KafkaPythonAdmin:
    """An `Admin` on kafka-python, whose own is for one thread at a time.

    watch  opens a consumer that knows a group but never joins it: kafka-python's own admin client cannot wait
           for transactions to end
    """

    def __init__(self, client: KafkaAdminClient, watch: Callable[[str], KafkaConsumer]) -> None:
        self._client = client
        self._watch = watch
        self._watchers: dict[str, KafkaConsumer] = {}
        self._lock = threading.Lock()

    def partitions(self) -> dict[str, int]:
        found = self._ask("listing topics", self._client.describe_topics)
        return {each["name"]: len(each["partitions"]) for each in found if not each["name"].startswith("__")}

    def brokers(self) -> int:
        return len(self._ask("counting brokers", self._client.describe_cluster)["brokers"])

    def described(self, names: Collection[str]) -> dict[str, Described]:
        if not names:
            return {}
        describe = self._client.describe_topics
        found = self._ask("describing topics", lambda: describe(list(names)))
        return {
            each["name"]: Described(
                each["topic_id"].replace("-", ""),
                min(len(one["replica_nodes"]) for one in each["partitions"]),
            )
            for each in found
            if each["partitions"]
        }

    def create(self, topics: Sequence[NewTopic]) -> None:
        wanted = {
            each.name: {
                "num_partitions": each.partitions,
                "replication_factor": UNSAID if each.replicas is None else each.replicas,
                "configs": dict(each.settings),
            }
            for each in topics
        }
        create = self._client.create_topics
        self._ask("creating topics", lambda: create(wanted, TIMEOUT_MS), fine=errors.TopicAlreadyExistsError)

    def widen(self, topic: str, partitions: int) -> None:
        widen = self._client.create_partitions
        self._ask(
            f"adding partitions to topic {topic!r}",
            lambda: widen({topic: partitions}, TIMEOUT_MS),
            fine=errors.InvalidPartitionsError,
        )

    def delete(self, names: Sequence[str]) -> None:
        delete = self._client.delete_topics
        for name in names:
            self._ask(
                "deleting topics",
                lambda name=name: delete([name], TIMEOUT_MS),  # type: ignore[misc]
                fine=errors.UnknownTopicOrPartitionError,
            )

    def bounds(self, names: Sequence[str]) -> dict[str, dict[str, str]]:
        if not names:
            return {}
        wanted = dict.fromkeys(BOUNDS)
        asked = [ConfigResource(ConfigResourceType.TOPIC, name, wanted) for name in names]
        describe = self._client.describe_configs
        found = self._ask("describing topics", lambda: describe(asked, config_filter="all"))
        told = {name: settings for name, settings in found["topic"].items() if RETENTION in settings}
        # kafka-python keeps to itself why there is none of them.
        untold = found["topic"].keys() - told.keys()
        for name in sorted(untold and untold & self.partitions().keys()):
            raise refused("describing topics", f"DescribeConfigs of topic {name!r}")
        return {topic: {name: settings[name]["value"] for name in BOUNDS} for topic, settings in told.items()}

    def bound(self, settings: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
        wanted = [
            ConfigResource(ConfigResourceType.TOPIC, topic, dict(each)) for topic, each in settings.items()
        ]
        answers = self._ask("altering topics", lambda: self._client.alter_configs(wanted))
        return {topic: said for topic, said in answers.get("topic", {}).items() if said != "OK"}

    def max_batch_bytes(self, topic: str) -> int:
        asked = [ConfigResource(ConfigResourceType.TOPIC, topic, {MAX_BATCH_BYTES: None})]
        describe = self._client.describe_configs
        found = self._ask("describing topics", lambda: describe(asked, config_filter="all"))
        told = found["topic"][topic].get(MAX_BATCH_BYTES)
        return DEFAULT_MAX_BATCH_BYTES if told is None else int(told["value"])

    def spans(self, topic: str, partitions: int) -> list[Span]:
        starts = self._offsets(topic, partitions, OffsetSpec.EARLIEST)
        ends = self._offsets(topic, partitions, OffsetSpec.LATEST)
        return [Span(start, end) for start, end in zip(starts, ends, strict=True)]

    def groups(self) -> list[str]:
        return sorted(each["group_id"] for each in self._ask("listing groups", self._client.list_groups))

    def positions(self, group: str) -> dict[TopicPartition, Stored]:
        listing = self._client.list_group_offsets
        found = self._ask("asking for positions", lambda: listing(group), fine=errors.GroupIdNotFoundError)
        return {
            TopicPartition(*each): Stored(there.offset, there.metadata or "")
            for each, there in (found or {}).get(group, {}).items()
            if there.offset >= 0
        }

    def committed(self, group: str, partitions: Collection[TopicPartition]) -> dict[TopicPartition, Stored]:
        with self._lock:
            if group not in self._watchers:
                self._watchers[group] = self._watch(group)
            watcher = self._watchers[group]
            found: dict[TopicPartition, Stored] = {}
            held: list[TopicPartition] = []
            for each in sorted(partitions):
                patience_s = LOOK_S if held else REQUEST_TIMEOUT_S / 2
                with ours("asking for positions"):
                    try:
                        there = watcher.committed(
                            NativePartition(*each), metadata=True, timeout_ms=round(patience_s * 1000)
                        )
                    except errors.KafkaTimeoutError:
                        held.append(each)
                        there = None
                if there is not None:
                    found[each] = Stored(there.offset, there.metadata or "")
        if held:
            # So it is as well where Kafka does not answer at all.
            self.groups()
            raise Unsettled(group, held)
        return found

    def members(self, group: str) -> dict[str, str]:
        found = self._ask("describing a group", lambda: self._client.describe_groups([group]))
        members = found[group]["members"] or ()
        return dict(
            sorted((each["group_instance_id"] or each["member_id"], each["member_id"]) for each in members)
        )

    def move(self, group: str, positions: Positions) -> None:
        wanted = native_positions(positions)
        answers = self._ask("setting positions", lambda: self._client.alter_group_offsets(group, wanted))
        with ours("setting positions"):
            for error in answers.values():
                if error is not errors.NoError:
                    raise error()

    def forget(self, group: str) -> None:
        def delete() -> None:
            outcome = self._client.delete_groups([group]).get(group, "OK")
            if outcome != "OK":
                raise getattr(errors, outcome)()

        self._ask("removing a group", delete, fine=errors.GroupIdNotFoundError)

    def permit(self, permissions: Sequence[Permission]) -> None:
        wanted = [
            ACL(
                f"User:{each.principal}",
                "*",
                ACLOperation[each.operation],
                ACLPermissionType.ALLOW,
                ResourcePattern(
                    ResourceType[each.kind],
                    each.name,
                    ACLResourcePatternType.PREFIXED if each.is_prefix else ACLResourcePatternType.LITERAL,
                ),
            )
            for each in permissions
        ]
        answer = self._ask("allowing access", lambda: self._client.create_acls(wanted))
        for error in answer["failed"]:
            with ours("allowing access"):
                raise error

    def close(self) -> None:
        self._client.close()
        for watcher in self._watchers.values():
            watcher.close(autocommit=False)

    def _offsets(self, topic: str, partitions: int, which: Any) -> list[int]:
        asked = {NativePartition(topic, number): which for number in range(partitions)}
        listing = self._client.list_partition_offsets
        found = self._ask("asking for offsets", lambda: listing(asked, timeout_ms=TIMEOUT_MS))
        return [found[each].offset for each in asked]

    def _ask(self, doing: str, ask: Callable[[], Any], fine: type[Exception] | None = None) -> Any:
        """Return the answer; None if it is the error `fine`. Ask again for a while if nothing answers."""
        until_s = time.monotonic() + REQUEST_TIMEOUT_S
        with ours(doing), self._lock:
            while True:
                try:
                    return ask()
                except errors.RetriableError as error:
                    if fine is not None and isinstance(error, fine):
                        return None
                    if time.monotonic() > until_s:
                        raise
                    time.sleep(AGAIN_S)
                except errors.KafkaError as error:
                    if fine is not None and isinstance(error, fine):
                        return None
                    raise
