"""The contract of a broker, kept by Apache Kafka."""

import logging
import threading
import time
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

from catenae.broker import (
    AS_THE_BROKER_HAS_IT,
    Delivery,
    Input,
    Position,
    Replication,
    Session,
    Span,
    TopicSpec,
)
from catenae.brokers.kafka.client import REQUEST_TIMEOUT_S, Admin, Client, Joining, Reader
from catenae.brokers.kafka.endings import EndingsOf
from catenae.brokers.kafka.eviction import evict
from catenae.brokers.kafka.group_positions import (
    KEPT_SUFFIX,
    GroupPositions,
    KeptPositions,
    Remembering,
    kept_topic,
)
from catenae.brokers.kafka.keys import partition_of
from catenae.brokers.kafka.ownership import Ownership
from catenae.brokers.kafka.replication import replication_settings
from catenae.brokers.kafka.seat import Seat
from catenae.brokers.kafka.session import KafkaSession
from catenae.brokers.kafka.stored import Stored
from catenae.brokers.kafka.topic_settings import (
    RETENTION,
    NewTopic,
    bounds_of,
    record_bytes_in,
    retention_s,
    settings_of,
)
from catenae.brokers.kafka.transaction import AtLeastOnce, ExactlyOnce, Writer
from catenae.clock import Clock
from catenae.errors import (
    BrokerError,
    BrokerUnavailable,
    Fenced,
    RecordTooLarge,
    TopicMismatch,
    UnknownTopic,
)
from catenae.message import Record, TopicPartition

logger = logging.getLogger(__name__)

LOOK_EVERY_S = 0.05
# A busy Kafka may take its time to show what it has said is done.
SHOWN_S = 20.0
# Somebody may change a topic's settings while it is in use.
LIMIT_HOLDS_S = 30.0


class _Limit(NamedTuple):
    """How large a record may be, and until when that need not be asked again."""

    record_bytes: int
    until_s: float


class KafkaBroker:
    """A `Broker` whose topics live in Kafka. Connections are made when they are first needed."""

    def __init__(
        self,
        client: Client,
        endings_of: EndingsOf,
        clock: Clock,
        replication: Replication = AS_THE_BROKER_HAS_IT,
    ) -> None:
        self._client = client
        self._endings_of = endings_of
        self._clock = clock
        self._replication = replication
        self._lock = threading.Lock()
        # One that is held while others are asked: the admin needs the first.
        self._appending = threading.Lock()
        self._admin_: Admin | None = None
        self._reader: Reader | None = None
        self._appender: Writer | None = None
        self._appended: set[str] = set()
        self._sessions: list[KafkaSession] = []
        self._known: dict[str, int] = {}
        self._limits: dict[str, _Limit] = {}

    def create_topics(self, topics: Sequence[TopicSpec]) -> None:
        existing = self._look()
        for spec in topics:
            if existing.get(spec.name, spec.partitions) != spec.partitions:
                raise TopicMismatch(spec.name, existing[spec.name], spec.partitions)
        missing = [spec for spec in topics if spec.name not in existing]
        if missing:
            self._require_brokers(missing[0].name)
            settings = replication_settings(self._replication)
            self._admin.create(
                [
                    NewTopic(
                        each.name, each.partitions, settings_of(each) | settings, self._replication.factor
                    )
                    for each in missing
                ]
            )
            self._wait_for({spec.name: spec.partitions for spec in missing})
        self._renew_bounds([spec for spec in topics if spec.name in existing and spec.is_ours])
        self._tell_of_few_replicas([spec.name for spec in topics])

    def add_partitions(self, topic: str, partitions: int) -> None:
        known = self._look()
        if topic not in known:
            raise UnknownTopic(topic, known)
        if known[topic] > partitions:
            raise TopicMismatch(topic, known[topic], partitions)
        if known[topic] < partitions:
            self._admin.widen(topic, partitions)
            self._wait_for({topic: partitions})
            with self._appending:
                # A producer knows of the partitions that were there when it first wrote.
                former, self._appender = self._appender, None
            if former is not None:
                former.close()

    def partition_of(self, key: bytes, partitions: int) -> int:
        return partition_of(key, partitions)

    def delete_topics(self, names: Sequence[str]) -> None:
        known = self._look()
        existing = [name for name in names if name in known]
        if existing:
            self._admin.delete(existing)
            self._wait_for(dict.fromkeys(existing))
            self._wait_until_forgotten(existing)
            gone = [TopicPartition(name, number) for name in existing for number in range(known[name])]
            groups = [name.removesuffix(KEPT_SUFFIX) for name in self._known if name.endswith(KEPT_SUFFIX)]
            self.append([each for group in groups for each in self._kept(group).forgetting(gone)])

    def topics(self) -> Mapping[str, TopicSpec]:
        found = {name: count for name, count in self._look().items() if not name.endswith(KEPT_SUFFIX)}
        bounds = self._admin.bounds(list(found))
        return {
            name: TopicSpec(name, partitions, retention_s=retention_s(bounds.get(name, {}).get(RETENTION)))
            for name, partitions in sorted(found.items())
        }

    def spans(self, topic: str) -> Sequence[Span]:
        return self._admin.spans(topic, self._partitions(topic))

    def join(
        self,
        group: str,
        member: str,
        inputs: Sequence[Input],
        delivery: Delivery = "exactly-once",
        outputs: Collection[str] = (),
    ) -> Session:
        topics = [each.topic for each in inputs]
        counts = {topic: self._partitions(topic) for topic in topics}
        positions = GroupPositions(group, inputs, counts, lambda: self._admin, self._kept(group))
        ownership = Ownership(positions.committed, self._clock)
        joining = Joining(group, member, topics, ownership.take, ownership.lose)
        seat = Seat(self._client, joining)
        written = {*outputs, kept_topic(group)}

        def require(topics: Iterable[str]) -> None:
            self._require(topics)
            written.update(topics)

        if delivery == "at-least-once":
            plain: Writer = AtLeastOnce(lambda: self._client.producer(None), seat)
        else:
            name = f"{group}.{member}"
            endings = self._endings_of(name, group, lambda: self._there(written))
            plain = ExactlyOnce(lambda: self._client.producer(name), endings, seat)
        writer = Remembering(plain, positions)
        session = KafkaSession(inputs, ownership, seat, writer, require, self._clock)
        try:
            writer.start()
        except BaseException:
            session.close()
            raise
        self._sessions.append(session)
        return session

    def max_record_bytes(self, topic: str) -> int:
        now_s = self._clock.monotonic_s()
        found = self._limits.get(topic)
        if found is None or now_s > found.until_s:
            batch_bytes = min(self._admin.max_batch_bytes(topic), self._client.max_message_bytes)
            found = self._limits[topic] = _Limit(record_bytes_in(batch_bytes), now_s + LIMIT_HOLDS_S)
        return found.record_bytes

    def append(self, records: Sequence[Record]) -> None:
        if not records:
            return
        self._require({each.topic for each in records})
        for each in records:
            size_bytes = each.size_bytes
            if size_bytes > self.max_record_bytes(each.topic):
                raise RecordTooLarge(size_bytes, self.max_record_bytes(each.topic), each.topic)
        with self._appending:
            if self._appender is None:
                name = f"catenae.append.{uuid.uuid4().hex}"
                endings = self._endings_of(name, "", lambda: self._there(self._appended))
                self._appender = ExactlyOnce(lambda: self._client.producer(name), endings)
            self._appended.update(each.topic for each in records)
            self._appender.write(records, {})
            with suppress(BrokerError, Fenced):
                # They are written; that they are seen as well is otherwise left to the next that are.
                self._appender.start()

    def read(self, topic: str, partition: int, offset: int, max_records: int) -> list[Record]:
        held = self.spans(topic)[partition]
        span = Span(max(offset, held.start), held.end)
        if span.start >= span.end or max_records < 1:
            return []
        with self._lock:
            self._reader = self._reader or self._client.reader()
            return self._reader.read(TopicPartition(topic, partition), span, max_records)

    def groups(self) -> Sequence[str]:
        return self._admin.groups()

    def positions(self, group: str) -> Mapping[TopicPartition, Position]:
        kept = KeptPositions(group, self.spans, self.read)
        found = self._admin.positions(group)
        found.pop(kept.place, None)
        if not found and kept_topic(group) in self._known:
            found = kept.all()
        return {each: stored.position for each, stored in found.items()}

    def members(self, group: str) -> Mapping[str, str]:
        return self._admin.members(group)

    def settle(self, group: str) -> None:
        members = list(self._admin.members(group))
        if members:
            raise BrokerError(f"group {group!r} has running members {members}. Stop them first")
        kept = KeptPositions(group, self.spans, self.read)
        if kept.topic.name not in self._look():
            return
        try:
            # Kafka knows of all earlier commits once one has returned, and takes it while there is no member;
            # unless it goes through them once more.
            self._admin.move(group, {kept.place: Stored(0)})
            further = kept.further(self._admin.positions(group))
            if further:
                self._admin.move(group, further)
        except Fenced as error:
            raise BrokerError(f"group {group!r} has running members. Stop them first") from error

    def evict(self, group: str, members: Collection[str] | None = None) -> None:
        leaving = [each for each in self._admin.members(group) if members is None or each in members]
        evict(self._client, group, leaving, self._kept(group).topic.name)

    def reset(self, group: str, positions: Mapping[TopicPartition, Position]) -> None:
        self.settle(group)
        self._require({each.topic for each in positions})
        # Each generation stays larger than any before it, whoever moved the position in between.
        found = self._admin.positions(group)
        nobody = Stored(0)
        moved = {each: Stored.of(to, found.get(each, nobody).generation) for each, to in positions.items()}
        if moved:
            self._admin.move(group, moved)
            self.append(self._kept(group).records(moved))

    def forget(self, group: str) -> None:
        self.settle(group)
        # What is kept beside goes first: without the group's own it would be taken for what Kafka forgot.
        kept = kept_topic(group)
        if kept in self._look():
            self._admin.delete([kept])
            self._wait_for({kept: None})
        self._admin.forget(group)

    def trim(self) -> None:
        """Kafka does so by itself."""

    def close(self) -> None:
        for session in self._sessions:
            session.close()
        for each in (self._appender, self._reader, self._admin_):
            if each is not None:
                each.close()

    @property
    def _admin(self) -> Admin:
        with self._lock:
            self._admin_ = self._admin_ or self._client.admin()
            return self._admin_

    def _there(self, topics: Collection[str]) -> Mapping[str, int]:
        """Return how many partitions each of these topics has, less those that are not there."""
        known = self._look()
        return {each: known[each] for each in sorted(topics) if each in known}

    def _require_brokers(self, topic: str) -> None:
        """Raise `BrokerUnavailable` while there are fewer brokers than a topic's replicas."""
        wanted = self._replication.factor or 1
        brokers = self._admin.brokers()
        if brokers < wanted:
            raise BrokerUnavailable(
                f"topic {topic!r} is to have {wanted} replicas, and Kafka has {brokers} "
                f"broker{'s' * (brokers != 1)}. Start more of them, or ask for fewer replicas"
            )

    def _renew_bounds(self, topics: Sequence[TopicSpec]) -> None:
        there = self._admin.bounds([spec.name for spec in topics])
        wanted = {spec.name: bounds_of(spec) for spec in topics if spec.name in there}
        other = {name: bounds for name, bounds in wanted.items() if not bounds.items() <= there[name].items()}
        for name, said in self._admin.bound(other).items() if other else ():
            logger.warning(
                "a topic keeps its retention, as Kafka does not let it be altered",
                extra={"topic": name, "wanted": other[name], "is": there[name], "said": said},
            )

    def _tell_of_few_replicas(self, topics: Sequence[str]) -> None:
        wanted = self._replication.factor or 1
        if wanted > 1:
            found = self._admin.described(topics)
            few = sorted(name for name, topic in found.items() if topic.replicas < wanted)
            if few:
                logger.warning(
                    "topics have fewer replicas than asked for", extra={"wanted": wanted, "topics": few}
                )

    def _kept(self, group: str) -> KeptPositions:
        """Return the second copy of a group's positions; its topic is there afterwards."""
        kept = KeptPositions(group, self.spans, self.read)
        if kept.topic.name not in self._known and kept.topic.name not in self._look():
            settings = {**kept.topic.settings, **replication_settings(self._replication)}
            self._admin.create([kept.topic._replace(settings=settings, replicas=self._replication.factor)])
            self._wait_for({kept.topic.name: kept.topic.partitions})
        return kept

    def _look(self) -> Mapping[str, int]:
        self._known = self._admin.partitions()
        return self._known

    def _partitions(self, topic: str) -> int:
        known = self._known if topic in self._known else self._look()
        if topic not in known:
            raise UnknownTopic(topic, known)
        return known[topic]

    def _require(self, topics: Iterable[str]) -> None:
        """Raise `UnknownTopic` for the first that is not there; asks Kafka for those not yet known only."""
        for topic in topics:
            self._partitions(topic)

    def _wait_for(self, wanted: Mapping[str, int | None]) -> None:
        """Return once Kafka shows topics with these partitions; None is for a topic that is gone."""
        until_s = time.monotonic() + SHOWN_S
        while any(self._look().get(name) != partitions for name, partitions in wanted.items()):
            if time.monotonic() > until_s:
                raise BrokerUnavailable(f"Kafka has not finished creating or deleting {sorted(wanted)}")
            time.sleep(LOOK_EVERY_S)

    def _wait_until_forgotten(self, topics: Sequence[str]) -> None:
        """Return once no group has a position in these topics: Kafka removes them a moment later."""
        until_s = time.monotonic() + REQUEST_TIMEOUT_S
        while any(
            each.topic in topics for group in self._admin.groups() for each in self._admin.positions(group)
        ):
            if time.monotonic() > until_s:
                return
            time.sleep(LOOK_EVERY_S)
