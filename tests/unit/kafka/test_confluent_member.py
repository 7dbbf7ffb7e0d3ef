"""What a member makes of what librdkafka says: of its place in the group, and of that in a partition."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from catenae.brokers.kafka.client import Joining
from catenae.errors import Fenced
from catenae.message import TopicPartition

pytest.importorskip("confluent_kafka")
# After it is known that confluent-kafka is there.
from confluent_kafka import KafkaError, KafkaException
from confluent_kafka import TopicPartition as Native

from catenae.brokers.kafka.confluent.errors import LastError
from catenae.brokers.kafka.confluent.member import ConfluentMember


class Consumer:
    """A consumer of confluent-kafka, as far as its joining goes."""

    member_id: str | None = "first"

    def subscribe(self, topics: list[str], on_assign: Any, on_revoke: Any, on_lost: Any) -> None:
        self.on_assign, self.on_revoke = on_assign, on_revoke

    def memberid(self) -> str | None:
        return self.member_id

    def consumer_group_metadata(self) -> str:
        return f"{self.member_id} of the group"


@pytest.mark.parametrize("unknown", ["", None])
def test_who_has_fallen_out_of_the_group_commits_nothing_in_its_name(unknown: str | None) -> None:
    consumer: Any = Consumer()
    joining = Joining("group", "name", ["numbers"], taken=lambda _: None, lost=lambda _: None)
    member = ConfluentMember(consumer, joining, LastError(), is_incremental=True)
    assert member.group_metadata == "first of the group"

    consumer.member_id = unknown
    with pytest.raises(Fenced, match="fallen out"):
        _ = member.group_metadata


NUMBERS = [TopicPartition("numbers", number) for number in range(3)]
GIVEN = [Native(*each) for each in NUMBERS]


class Fetching(Consumer):
    """A consumer that has handed over records, and does not fetch of some partitions at the moment."""

    def __init__(self, handed_over: Sequence[tuple[TopicPartition, int]] = ()) -> None:
        self._handed_over = handed_over
        self.stopped: set[int] = set()
        self.places: dict[int, int] = {}
        self.paused = {0, 1, 2}

    def consume(self, most: int, timeout_s: float) -> list[Any]:
        return [message(*each) for each in self._handed_over]

    def seek(self, where: Native) -> None:
        if where.partition in self.stopped or where.partition not in self.places:
            raise KafkaException(KafkaError(KafkaError._STATE))
        self.places[where.partition] = where.offset

    def resume(self, partitions: Sequence[Native]) -> None:
        self.paused -= {each.partition for each in partitions}

    def assignment(self) -> list[Native]:
        return [each for each in GIVEN if each.partition in self.places]

    def assign(self, there: Sequence[Native]) -> None:
        self.places = {}
        self.incremental_assign(there)

    def incremental_assign(self, there: Sequence[Native]) -> None:
        assert not self.places.keys() & {each.partition for each in there}
        self.places |= {each.partition: each.offset for each in there}

    def incremental_unassign(self, there: Sequence[Native]) -> None:
        for each in there:
            del self.places[each.partition]


def message(place: TopicPartition, offset: int) -> Any:
    told: dict[str, Any] = {"error": None, "topic": place.topic, "partition": place.partition}
    told |= {"offset": offset, "key": b"k", "value": b"v", "headers": None, "timestamp": (1, 0)}
    return SimpleNamespace(**{name: lambda value=value: value for name, value in told.items()})


def member_of(consumer: Any, *, is_incremental: bool) -> ConfluentMember:
    """Return a member that has been given all partitions."""
    joining = Joining("group", "name", ["numbers"], taken=lambda _: None, lost=lambda _: None)
    member = ConfluentMember(consumer, joining, LastError(), is_incremental=is_incremental)
    consumer.on_assign(consumer, GIVEN)
    return member


@pytest.mark.parametrize("is_incremental", [False, True])
def test_what_is_given_has_no_place_until_one_is_sought(is_incremental: bool) -> None:
    consumer = Fetching()
    member = member_of(consumer, is_incremental=is_incremental)
    assert consumer.places == {}

    member.seek({NUMBERS[0]: 4, NUMBERS[2]: 0})

    assert consumer.places == {0: 4, 2: 0}


@pytest.mark.parametrize("is_incremental", [False, True])
def test_what_is_to_be_read_again_is_so_though_another_partition_gets_its_place(is_incremental: bool) -> None:
    read, again, stopped = NUMBERS
    consumer = Fetching([(read, 7), (again, 7)])
    member = member_of(consumer, is_incremental=is_incremental)
    member.seek(dict.fromkeys(NUMBERS, 5))
    member.fetch(2, 0)
    member.seek({again: 5})

    consumer.stopped = {stopped.partition}
    member.seek({stopped: 3})

    assert consumer.places == {0: 5 if is_incremental else 8, 1: 5, 2: 3}


@pytest.mark.parametrize("is_incremental", [False, True])
def test_what_is_taken_away_is_nowhere_any_more(is_incremental: bool) -> None:
    consumer = Fetching()
    member = member_of(consumer, is_incremental=is_incremental)
    member.seek({NUMBERS[0]: 4, NUMBERS[1]: 4})

    consumer.on_revoke(consumer, GIVEN[:1] + GIVEN[2:])
    member.seek({NUMBERS[2]: 1, NUMBERS[1]: 3})

    assert consumer.places in ({1: 3}, {0: 4, 1: 3})


def test_what_is_given_again_is_not_paused_any_more() -> None:
    consumer = Fetching()

    member_of(consumer, is_incremental=True)

    assert consumer.paused == set()
