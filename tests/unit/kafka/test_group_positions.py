"""How far a group is, with a Kafka that has lost something."""

from collections.abc import Collection, Sequence
from typing import Any

import pytest

from catenae.broker import Input, Position, Span
from catenae.brokers.kafka.client import Positions
from catenae.brokers.kafka.group_positions import GroupPositions, KeptPositions, Remembering
from catenae.brokers.kafka.stored import Stored
from catenae.brokers.kafka.topic_settings import Described
from catenae.errors import RecordsLost, TopicMismatch
from catenae.message import Record, TopicPartition

T0, T1 = TopicPartition("t", 0), TopicPartition("t", 1)


class Kafka:
    """One topic of two partitions, the positions of one group, and the topic that keeps them once more."""

    def __init__(self) -> None:
        self.id = "first"
        self.log = [Span(0, 50), Span(0, 50)]
        self.group: dict[TopicPartition, Stored] = {}
        self.kept: list[Record] = []
        self.told: list[int] = []

    # What `GroupPositions` asks of an `Admin`.

    def committed(self, group: str, partitions: Collection[TopicPartition]) -> dict[TopicPartition, Stored]:
        return {each: self.group[each] for each in partitions if each in self.group}

    def partitions(self) -> dict[str, int]:
        return {"t": len(self.log)}

    def described(self, names: Collection[str]) -> dict[str, Described]:
        return {name: Described(self.id, 1) for name in names}

    def spans(self, topic: str, partitions: int = 1) -> list[Span]:
        return [Span(0, len(self.kept))] if topic != "t" else self.log[:partitions]

    def read(self, topic: str, partition: int, offset: int, max_records: int) -> list[Record]:
        some = enumerate(self.kept[offset : offset + 3], offset)
        return [each._replace(offset=at) for at, each in some]

    def now(self) -> tuple[dict[TopicPartition, Stored], list[Record]]:
        return dict(self.group), list(self.kept)

    def take_back(self, then: tuple[dict[TopicPartition, Stored], list[Record]]) -> None:
        """Have lost what was committed since then."""
        self.group, self.kept = then

    # As a writer.

    def start(self) -> None: ...
    def stage(self, outputs: Sequence[Record]) -> None: ...
    def forget(self) -> None: ...
    def close(self) -> None: ...

    def write(self, outputs: Sequence[Record], positions: Positions) -> None:
        self.kept += outputs
        self.group.update(positions)

    def member(self, *, is_read: bool = True) -> GroupPositions:
        admin: Any = self
        return GroupPositions("g", [Input("t", is_read=is_read)], {"t": 2}, lambda: admin, self.copies)

    @property
    def copies(self) -> KeptPositions:
        return KeptPositions("g", self.spans, self.read)

    def commit(self, **offsets: int) -> None:
        """Have a member of the group commit these, as t0=5."""
        member = self.member()
        member.committed([T0, T1])
        stored = {
            TopicPartition(name[0], int(name[1])): Stored.of(Position(offset, b"note"), 7)
            for name, offset in offsets.items()
        }
        Remembering(self, member).write([], stored)


def test_a_group_that_never_was_begins_at_the_oldest_records() -> None:
    kafka = Kafka()
    kafka.log = [Span(3, 50), Span(0, 0)]

    assert kafka.member().committed([T0, T1]) == {T0: Stored(3), T1: Stored(0)}


def test_positions_that_kafka_has_forgotten_are_those_kept_beside() -> None:
    kafka = Kafka()
    for offset in range(10, 20):
        kafka.commit(t0=offset, t1=2 * offset)
    kafka.group.clear()

    found = kafka.member().committed([T0, T1])
    assert {each: stored.position for each, stored in found.items()} == {
        T0: Position(19, b"note"),
        T1: Position(38, b"note"),
    }
    assert found[T0].generation == 7


@pytest.mark.parametrize("has_seen_it", [True, False])
def test_an_answer_from_before_the_last_commits_is_not_believed(has_seen_it: bool) -> None:
    kafka = Kafka()
    kafka.commit(t0=10, t1=20)
    before, _ = kafka.now()
    member = kafka.member()
    if has_seen_it:
        member.committed([T0, T1])
    kafka.commit(t0=15)
    kafka.group = before

    found = member.committed([T0, T1])
    assert (found[T0].offset, found[T1].offset) == (15, 20)


def test_a_position_that_somebody_else_has_set_back_counts() -> None:
    kafka = Kafka()
    kafka.commit(t0=10)
    kafka.group[T0] = Stored(3, "")

    assert kafka.member().committed([T0])[T0].offset == 3


def test_a_position_in_front_of_the_log_is_told_once_and_moved_then() -> None:
    kafka = Kafka()
    kafka.commit(t0=10, t1=30)
    kafka.log = [Span(20, 50), Span(20, 50)]
    member = kafka.member()
    with pytest.raises(RecordsLost, match=r"'g' cannot go on where it was: t\[0\] from 10 on, because"):
        member.committed([T0, T1])

    found = member.committed([T0, T1])
    assert (found[T0].offset, found[T1].offset) == (20, 30)
    assert found[T0].generation == 7


def test_a_position_behind_the_log_is_told_and_moved_to_its_end() -> None:
    kafka = Kafka()
    kafka.commit(t0=40)
    kafka.log[0] = Span(0, 35)
    member = kafka.member()
    with pytest.raises(RecordsLost) as lost:
        member.committed([T0])

    assert lost.value.losses[0].records == 5
    assert member.committed([T0])[T0].offset == 35


def test_another_loss_later_is_told_too() -> None:
    kafka = Kafka()
    kafka.commit(t0=10)
    kafka.log[0] = Span(20, 50)
    member = kafka.member()
    with pytest.raises(RecordsLost):
        member.committed([T0])
    kafka.log[0] = Span(30, 50)

    with pytest.raises(RecordsLost, match="up to 30"):
        member.committed([T0])


def test_a_topic_made_again_is_told_and_read_from_its_start() -> None:
    kafka = Kafka()
    kafka.commit(t0=10)
    kafka.id = "second"
    member = kafka.member()
    with pytest.raises(RecordsLost, match="deleted and made again"):
        member.committed([T0])

    assert member.committed([T0])[T0].position == Position(0)


def test_a_topic_made_again_is_told_where_kafka_has_dropped_its_positions_too() -> None:
    kafka = Kafka()
    kafka.commit(t0=10)
    kafka.id = "second"
    kafka.group.clear()

    with pytest.raises(RecordsLost, match="deleted and made again"):
        kafka.member().committed([T0])


def test_the_position_of_what_is_not_read_counts_what_it_likes() -> None:
    kafka = Kafka()
    kafka.commit(t0=1000)

    assert kafka.member(is_read=False).committed([T0])[T0].offset == 1000


def test_positions_of_an_earlier_release_which_know_no_topic_are_believed() -> None:
    kafka = Kafka()
    kafka.group[T0] = Stored(5, "7:0:")

    assert kafka.member().committed([T0])[T0].offset == 5


def test_a_commit_that_had_returned_and_was_taken_back_is_told_by_whoever_made_it() -> None:
    kafka = Kafka()
    member = kafka.member()
    member.committed([T0])
    Remembering(kafka, member).write([], {T0: Stored.of(Position(20), 7)})
    before = kafka.now()
    Remembering(kafka, member).write([], {T0: Stored.of(Position(30), 7)})
    kafka.take_back(before)
    with pytest.raises(RecordsLost, match="taken back a commit that had returned") as lost:
        member.committed([T0])

    assert lost.value.losses[0].records == 10
    assert member.committed([T0])[T0].offset == 20


def adopt(kafka: Kafka, member: GroupPositions, generation: int) -> None:
    """Have a member take the first partition over, and go on without what it tells to be lost."""
    while True:
        try:
            found = member.committed([T0])
        except RecordsLost as lost:
            kafka.told += [each.records for each in lost.losses]
        else:
            Remembering(kafka, member).write([], {T0: Stored.of(found[T0].position, generation)})
            return


@pytest.mark.parametrize("back_at", [20, 0], ids=["taken back", "the end of the log lost"])
def test_what_is_lost_is_told_by_one_of_those_who_know_however_often_it_changes_hands(back_at: int) -> None:
    kafka = Kafka()
    kafka.commit(t0=20)
    before = kafka.now()
    one, two, fresh = kafka.member(), kafka.member(), kafka.member()
    kafka.commit(t0=30)
    for generation, member in enumerate((one, two), 8):
        adopt(kafka, member, generation)
    if back_at:
        kafka.take_back(before)
    else:
        kafka.log[0] = Span(0, 20)
    for generation, member in enumerate((fresh, one, two, one), 10):
        adopt(kafka, member, generation)

    assert kafka.told == [10]
    assert kafka.group[T0].offset == 20


def test_what_was_taken_back_once_is_told_where_it_is_taken_back_again() -> None:
    kafka = Kafka()
    kafka.commit(t0=20)
    member = kafka.member()
    for generation in (8, 10):
        before = kafka.now()
        kafka.commit(t0=30)
        adopt(kafka, member, generation)
        kafka.take_back(before)
        adopt(kafka, member, generation + 1)

    assert kafka.told == [10, 10]


@pytest.mark.parametrize("end", [38, 50], ids=["less than was lost", "more than was lost"])
def test_what_is_written_once_a_lost_end_was_told_is_read(end: int) -> None:
    kafka = Kafka()
    kafka.commit(t0=40)
    kafka.log[0] = Span(0, 35)
    member = kafka.member()
    with pytest.raises(RecordsLost):
        member.committed([T0])
    kafka.log[0] = Span(0, end)

    assert member.committed([T0])[T0].offset == 35


def test_a_position_reached_anew_is_not_taken_for_the_one_that_was_lost() -> None:
    kafka = Kafka()
    kafka.commit(t0=40)
    kafka.log[0] = Span(0, 35)
    member = kafka.member()
    with pytest.raises(RecordsLost):
        member.committed([T0])
    kafka.log[0] = Span(0, 50)
    kafka.group[T0] = Stored.of(Position(40), 8)

    assert member.committed([T0])[T0].offset == 40


def test_partitions_that_somebody_has_added_are_named_and_not_read() -> None:
    kafka = Kafka()
    member = kafka.member()
    kafka.log += [Span(0, 3)] * 3

    with pytest.raises(TopicMismatch, match="'t' exists with 5 partitions, the topology wants 2"):
        member.committed([T0, TopicPartition("t", 4)])
