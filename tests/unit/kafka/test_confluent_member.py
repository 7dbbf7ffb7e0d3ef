"""What a member makes of what librdkafka says: of its place in the group, and of that in a partition."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from catenae.brokers.kafka.client import Membership
from catenae.errors import Fenced
from catenae.message import TopicPartition

pytest.importorskip("confluent_kafka")
# After it is known that confluent-kafka is there.
from confluent_kafka import KafkaError, KafkaException
from confluent_kafka import TopicPartition as Native

from catenae.brokers.kafka.confluent.errors import LastError
from catenae.brokers.kafka.confluent.member import ConfluentMember


class Consumer:
    """A consumer of confluent-kafka, as far as its membership goes."""

    member_id: str | None = "first"

    def subscribe(self, topics: list[str], on_assign: Any, **_others: Any) -> None:
        self.on_assign = on_assign

    def memberid(self) -> str | None:
        return self.member_id

    def consumer_group_metadata(self) -> str:
        return f"{self.member_id} of the group"


@pytest.mark.parametrize("unknown", ["", None])
def test_who_has_fallen_out_of_the_group_commits_nothing_in_its_name(unknown: str | None) -> None:
    consumer: Any = Consumer()
    membership = Membership("group", "name", ["numbers"], taken=lambda _: None, lost=lambda _: None)
    member = ConfluentMember(consumer, membership, LastError(), is_incremental=True)
    assert member.group_metadata == "first of the group"

    consumer.member_id = unknown
    with pytest.raises(Fenced, match="fallen out"):
        _ = member.group_metadata


NUMBERS = [TopicPartition("numbers", number) for number in range(3)]


class Stopped(Consumer):
    """A consumer that has handed over records, and fetches nothing at the moment of some partitions."""

    def __init__(self, handed_over: Sequence[tuple[TopicPartition, int]]) -> None:
        self._handed_over = handed_over
        self.stopped: set[int] = set()
        self.assigned: dict[int, int] = {}
        self.paused: dict[int, int] = {}

    def consume(self, most: int, timeout_s: float) -> list[Any]:
        return [message(*each) for each in self._handed_over]

    def seek(self, where: Native) -> None:
        if where.partition in self.stopped:
            raise KafkaException(KafkaError(KafkaError._STATE))

    def assignment(self) -> list[Native]:
        return [Native(*each) for each in NUMBERS]

    def assign(self, there: Sequence[Native]) -> None:
        self.assigned = {each.partition: each.offset for each in there}

    def pause(self, there: Sequence[Native]) -> None:
        self.paused = {each.partition: each.offset for each in there}


def message(place: TopicPartition, offset: int) -> Any:
    told: dict[str, Any] = {
        "error": None,
        "topic": place.topic,
        "partition": place.partition,
        "offset": offset,
    }
    told |= {"key": b"k", "value": b"v", "headers": None, "timestamp": (1, 0)}
    return SimpleNamespace(**{name: lambda value=value: value for name, value in told.items()})


def test_what_is_to_be_read_again_is_so_though_another_partition_has_to_be_assigned_anew() -> None:
    read, again, stopped = NUMBERS
    consumer: Any = Stopped([(read, 7), (again, 7)])
    membership = Membership("group", "name", ["numbers"], taken=lambda _: None, lost=lambda _: None)
    member = ConfluentMember(consumer, membership, LastError(), is_incremental=False)
    member.seek({read: 5, again: 5})
    member.fetch(2, 0)
    member.seek({again: 5})

    consumer.stopped = {stopped.partition}
    member.seek({stopped: 3})

    assert consumer.assigned == {read.partition: 8, again.partition: 5, stopped.partition: 3}


def test_what_is_given_waits_paused_at_a_place_that_the_client_need_not_ask_for() -> None:
    consumer: Any = Stopped([])
    membership = Membership("group", "name", ["numbers"], taken=lambda _: None, lost=lambda _: None)
    ConfluentMember(consumer, membership, LastError(), is_incremental=False)

    consumer.on_assign(consumer, [Native(*each) for each in NUMBERS])

    assert consumer.assigned == consumer.paused == dict.fromkeys(range(3), 0)
