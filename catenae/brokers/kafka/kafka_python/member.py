"""The reading side of one member of a group."""

import logging
from collections.abc import Callable, Collection, Mapping
from typing import Any

from kafka import KafkaAdminClient, KafkaConsumer
from kafka.admin import MemberToRemove
from kafka.consumer.subscription_state import ConsumerRebalanceListener
from kafka.errors import (
    KafkaError,
    LogTruncationError,
    NoOffsetForPartitionError,
    OffsetOutOfRangeError,
)
from kafka.structs import OffsetAndMetadata
from kafka.structs import TopicPartition as NativePartition

from catenae.brokers.kafka.client import REQUEST_TIMEOUT_S, Joining, Positions, Replaced, fallen_out
from catenae.brokers.kafka.kafka_python.errors import ours
from catenae.brokers.kafka.kafka_python.records import records_of
from catenae.brokers.kafka.stored import END
from catenae.errors import CatenaeError
from catenae.message import Record, TopicPartition

logger = logging.getLogger(__name__)

TIMEOUT_MS = round(REQUEST_TIMEOUT_S * 1000)
JOINING_S = 0.5


class KafkaPythonMember:
    """A `Member` on kafka-python, whose heartbeats and fetches run in a thread of its own.

    open_admin  what a member of a fixed name needs to leave the group before its session ends
    """

    def __init__(
        self, consumer: KafkaConsumer, joining: Joining, open_admin: Callable[[], KafkaAdminClient]
    ) -> None:
        self._consumer = consumer
        self._joining = joining
        self._open_admin = open_admin
        self._record_ends: dict[TopicPartition, int] = {}
        self._member_id = ""
        self._is_new = False
        with ours("joining a group"):
            consumer.subscribe(list(joining.topics), listener=_Listener(joining, self._record_ends))
            # A member that assigns partitions before it knows the topics would assign none.
            for topic in joining.topics:
                consumer.partitions_for_topic(topic)

    @property
    def group_metadata(self) -> Any:
        me = self._consumer.group_metadata()
        if me.generation_id < 0:
            raise fallen_out()
        return me

    def fetch(self, max_records: int, timeout_s: float) -> list[Record]:
        with ours("fetching"):
            # A join that does not end while it is waited for is begun anew, and the whole group waits for it.
            least_s = JOINING_S if self._consumer._coordinator.need_rejoin() else 0.0
            try:
                found = self._consumer.poll(round(max(timeout_s, least_s) * 1000), max_records)
            except (NoOffsetForPartitionError, OffsetOutOfRangeError) as error:
                self._stands_nowhere(error.args[0])
                found = {}
            except LogTruncationError as error:
                logger.error(
                    "kafka has lost the end of partitions", extra={"partitions": len(error.divergent_offsets)}
                )
                self._stands_nowhere(error.divergent_offsets)
                found = {}
        self._require_name()
        self._notice_new_membership()
        return records_of(found, self._record_ends)

    def _require_name(self) -> None:
        """Raise `Replaced` where a heartbeat has said that another member has this one's name.

        kafka-python keeps that to itself and beats no more. Once the other one has left again, nothing else
        says that this one is no member.
        """
        coordinator = self._consumer._coordinator
        if not coordinator.need_rejoin() and not coordinator._heartbeat_enabled:
            raise Replaced("another instance has had this one's name, seen by a heartbeat")

    def _stands_nowhere(self, partitions: Collection[NativePartition]) -> None:
        """Have whoever owns these ask where they are to go on: their place is not in the log."""
        self._joining.taken([TopicPartition(*each) for each in partitions])

    def _notice_new_membership(self) -> None:
        """Have what is kept taken over anew where the group has given this member up meanwhile.

        A member that hears of that while it is joining already is not told by kafka-python that it has lost
        its partitions, nor that it is given some of them again: others may have had them, and be further.
        """
        member_id = self._consumer.group_metadata().member_id
        if member_id != self._member_id:
            self._member_id = member_id
            self._is_new = True
            self._joining.lost(self._assigned())
        if self._is_new and not self._consumer._coordinator.need_rejoin():
            self._is_new = False
            self._joining.taken(self._assigned())

    def _assigned(self) -> list[TopicPartition]:
        return [TopicPartition(*each) for each in self._consumer.assignment()]

    def past_markers(self, partition: TopicPartition, offset: int) -> int:
        if self._record_ends.get(partition, offset) > offset:
            return offset
        with ours("asking where it is"):
            return max(offset, self._consumer.position(NativePartition(*partition), timeout_ms=0) or 0)

    def seek(self, offsets: Mapping[TopicPartition, int]) -> None:
        for each, offset in offsets.items():
            self._record_ends.pop(each, None)
            self._consumer.seek(NativePartition(*each), offset)

    def pause(self, partitions: Collection[TopicPartition]) -> None:
        self._consumer.pause(*(NativePartition(*each) for each in partitions))

    def resume(self, partitions: Collection[TopicPartition]) -> None:
        self._consumer.resume(*(NativePartition(*each) for each in partitions))

    def commit(self, positions: Positions) -> None:
        with ours("committing positions"):
            self._consumer.commit(native_positions(positions), timeout_ms=TIMEOUT_MS)

    def ping(self) -> None:
        with ours("asking whether it is there"):
            self._consumer.end_offsets([NativePartition(self._joining.topics[0], 0)], timeout_ms=TIMEOUT_MS)

    def close(self) -> None:
        me = self._consumer.group_metadata()
        try:
            self._consumer.close(autocommit=False, timeout_ms=TIMEOUT_MS)
            if me.member_id:
                # A member of a fixed name never says that it leaves; its id keeps a newer one of that name.
                member = MemberToRemove(member_id=me.member_id, group_instance_id=me.group_instance_id)
                admin = self._open_admin()
                admin.remove_group_members(me.group_id, [member])
                admin.close()
        except (KafkaError, CatenaeError):
            # Fenced or out of reach: the group goes on without it once its session has ended.
            return


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]  # kafka-python has no types
    """Passes on what kafka-python says of partitions that change hands."""

    def __init__(self, joining: Joining, record_ends: dict[TopicPartition, int]) -> None:
        self._joining = joining
        self._record_ends = record_ends

    def on_partitions_assigned(self, assigned: Collection[NativePartition]) -> None:
        self._joining.taken([TopicPartition(*each) for each in assigned])

    def on_partitions_revoked(self, revoked: Collection[NativePartition]) -> None:
        lost = [TopicPartition(*each) for each in revoked]
        for each in lost:
            self._record_ends.pop(each, None)
        self._joining.lost(lost)

    def on_partitions_lost(self, lost: Collection[NativePartition]) -> None:
        self.on_partitions_revoked(lost)


def native_positions(positions: Positions) -> dict[NativePartition, OffsetAndMetadata]:
    """Return positions as kafka-python takes them."""
    return {
        NativePartition(*each): OffsetAndMetadata(stored.offset, stored.text + END, -1)
        for each, stored in positions.items()
    }
