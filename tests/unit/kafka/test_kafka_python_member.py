"""What kafka-python does not say of its joining: a member notices all the same."""

from typing import Any

import pytest

from catenae.brokers.kafka.client import Joining, Replaced
from catenae.errors import Fenced

pytest.importorskip("kafka")
# After it is known that kafka-python is there.
from kafka.structs import ConsumerGroupMetadata
from kafka.structs import TopicPartition as NativePartition

from catenae.brokers.kafka.kafka_python.member import KafkaPythonMember


class SilentConsumer:
    """A consumer of kafka-python that owns a partition, whoever it is, and tells no listener."""

    def __init__(self) -> None:
        self.member_id = "first"
        self.generation = 1
        self.is_joining = False
        self._heartbeat_enabled = True
        self._coordinator = self

    def need_rejoin(self) -> bool:
        return self.is_joining

    def subscribe(self, topics: list[str], listener: Any) -> None: ...

    def partitions_for_topic(self, topic: str) -> None: ...

    def assignment(self) -> set[NativePartition]:
        return {NativePartition("numbers", 4)}

    def group_metadata(self) -> ConsumerGroupMetadata:
        return ConsumerGroupMetadata("group", self.generation, self.member_id, "name")

    def poll(self, timeout_ms: int, max_records: int) -> dict[NativePartition, list[Any]]:
        return {}


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def consumer() -> SilentConsumer:
    return SilentConsumer()


@pytest.fixture
def member(consumer: SilentConsumer, told: list[str]) -> KafkaPythonMember:
    """Return a member that has been one for a while."""
    joining = Joining(
        "group",
        "name",
        ["numbers"],
        taken=lambda some: told.extend(f"taken {each}" for each in some),
        lost=lambda some: told.extend(f"lost {each}" for each in some),
    )
    member = KafkaPythonMember(consumer, joining, open_admin=lambda: None)
    member.fetch(1, 0.0)
    told.clear()
    return member


def test_who_has_fallen_out_of_the_group_commits_nothing_in_its_name(
    member: KafkaPythonMember, consumer: SilentConsumer
) -> None:
    assert member.group_metadata == consumer.group_metadata()
    consumer.member_id, consumer.generation = "", -1

    with pytest.raises(Fenced, match="fallen out"):
        _ = member.group_metadata


def test_whose_heartbeats_were_ended_by_another_of_its_name_says_so(
    member: KafkaPythonMember, consumer: SilentConsumer
) -> None:
    consumer._heartbeat_enabled = False

    with pytest.raises(Replaced):
        member.fetch(1, 0.0)


def test_who_joins_anew_beats_again_only_once_it_has(
    member: KafkaPythonMember, consumer: SilentConsumer
) -> None:
    consumer._heartbeat_enabled, consumer.is_joining = False, True

    assert member.fetch(1, 0.0) == []


def test_what_is_kept_by_the_same_member_is_not_taken_over_anew(
    member: KafkaPythonMember, told: list[str]
) -> None:
    member.fetch(1, 0.0)

    assert told == []


def test_what_is_kept_through_a_lost_membership_is_lost_and_taken_over_anew(
    member: KafkaPythonMember, consumer: SilentConsumer, told: list[str]
) -> None:
    consumer.member_id, consumer.is_joining = "second", True
    member.fetch(1, 0.0)
    assert told == ["lost numbers[4]"]

    consumer.is_joining = False
    member.fetch(1, 0.0)
    assert told == ["lost numbers[4]", "taken numbers[4]"]
