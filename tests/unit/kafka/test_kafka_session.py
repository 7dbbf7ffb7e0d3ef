"""A member of a group on Kafka, with a client that does what it is told."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import pytest

from catenae.broker import Batch, Input, Position
from catenae.brokers.kafka.client import Joining, Positions, Replaced
from catenae.brokers.kafka.ownership import Ownership
from catenae.brokers.kafka.seat import Seat
from catenae.brokers.kafka.session import KafkaSession
from catenae.brokers.kafka.stored import Stored
from catenae.errors import BrokerUnavailable, Fenced, Superseded
from catenae.message import Record, TopicPartition
from catenae.testing import FakeClock

T0 = TopicPartition("t", 0)


class Kafka:
    """One partition of one topic: a client, its member and a writer in one."""

    def __init__(self) -> None:
        self.log = [Record("t", None, b"%d" % offset, {}, 0, offset) for offset in range(6)]
        self.end = 7  # a marker follows the last record
        self.committed: dict[TopicPartition, Stored] = {}
        # What was committed too, and is not in Kafka's answers before something more is.
        self.late: dict[TopicPartition, Stored] = {}
        self.next_offset = 0
        self.joined = 0
        self.fails: list[Exception] = []
        self.commits_all_the_same = False

    # As a client.

    def member(self, joining: Joining) -> "Kafka":
        self.joined += 1
        self.joining = joining
        self.given = [T0]
        self.next_offset = self.committed[T0].offset if T0 in self.committed else 0
        return self

    # As a member.

    def fetch(self, max_records: int, timeout_s: float) -> list[Record]:
        if self.given:
            self.joining.taken(self.given)
            self.given = []
        found = self.log[self.next_offset : self.next_offset + max_records]
        self.next_offset += len(found)
        return found

    def past_markers(self, partition: TopicPartition, offset: int) -> int:
        return self.end if offset == self.next_offset == len(self.log) else offset

    def seek(self, offsets: Mapping[TopicPartition, int]) -> None:
        self.next_offset = offsets.get(T0, self.next_offset)

    def pause(self, partitions: Collection[TopicPartition]) -> None: ...
    def resume(self, partitions: Collection[TopicPartition]) -> None: ...
    def ping(self) -> None: ...
    def close(self) -> None: ...

    # As a writer.

    def freshen(self) -> None:
        self.committed |= self.late
        self.late = {}

    def start(self) -> None: ...
    def stage(self, outputs: Sequence[Record]) -> None: ...
    def forget(self) -> None: ...

    def write(self, outputs: Sequence[Record], positions: Positions) -> None:
        error = self.fails.pop() if self.fails else None
        if error is None or self.commits_all_the_same:
            self.committed.update(positions)
        if error is not None:
            raise error

    @property
    def session(self) -> KafkaSession:
        return self.session_of(Input("t"), FakeClock())

    def session_of(self, given: Input, clock: FakeClock) -> KafkaSession:
        ownership = Ownership(lambda _: dict(self.committed), clock)
        joining = Joining("g", "m", ["t"], ownership.take, ownership.lose)
        client: Any = self
        session = KafkaSession([given], ownership, Seat(client, joining), self, lambda _: None, clock)
        session.poll({}, 0.0)
        return session


def poll(session: KafkaSession, most: int, *held: Batch) -> Batch:
    return session.poll({"t": most}, 0.0, held)


def offsets(batch: Batch) -> list[int]:
    return [each.offset for each in batch.records]


def test_an_idle_session_moves_past_markers() -> None:
    kafka = Kafka()
    session = kafka.session
    session.commit([poll(session, 5)], [])
    assert kafka.committed[T0].offset == 5

    session.commit([poll(session, 9)], [], {0: b"kept"})
    assert kafka.committed[T0].position == Position(7, b"kept")


def test_a_commit_that_failed_is_handed_over_again_under_a_new_assignment() -> None:
    kafka = Kafka()
    session = kafka.session
    batch = poll(session, 2)
    kafka.fails = [BrokerUnavailable("away")]
    with pytest.raises(BrokerUnavailable):
        session.commit([batch], [])
    with pytest.raises(Fenced, match="not known"):
        session.commit([batch], [])

    again = poll(session, 2)
    assert offsets(again) == [0, 1]
    assert again.assignment > batch.assignment


def test_a_commit_that_was_made_though_nobody_heard_is_not_handed_over_again() -> None:
    kafka = Kafka()
    session = kafka.session
    batch = poll(session, 2)
    kafka.fails, kafka.commits_all_the_same = [BrokerUnavailable("no answer")], True
    with pytest.raises(BrokerUnavailable):
        session.commit([batch], [])

    assert offsets(poll(session, 2)) == [2, 3]
    assert session.owned[T0].offset == 2


@pytest.fixture
def between() -> tuple[Kafka, KafkaSession, Batch]:
    """Return a session that was refused when it was about to take over what it has been given anew.

    Another member has it by then, and is further.
    """
    kafka = Kafka()
    session = kafka.session
    poll(session, 9)
    kafka.committed[T0] = Stored.of(Position(6, b"theirs"), 2**50)
    kafka.joining.taken([T0])
    kafka.fails = [Fenced("once more")]
    return kafka, session, poll(session, 9)


def test_nothing_is_owned_until_it_is_known_what(between: tuple[Kafka, KafkaSession, Batch]) -> None:
    _, session, batch = between

    assert not batch.records
    assert not session.owned
    session.poll({}, 0.0)
    assert session.owned[T0].note == b"theirs"


def test_nothing_is_committed_until_it_is_known_what_is_owned(
    between: tuple[Kafka, KafkaSession, Batch],
) -> None:
    kafka, session, batch = between

    assert kafka.committed[T0].position == Position(6, b"theirs")
    with pytest.raises(Fenced, match="no longer owned"):
        session.commit([batch], [Record("out", None, b"generated")], {0: b"mine"})
    assert kafka.committed[T0].position == Position(6, b"theirs")


def test_a_member_that_only_seems_replaced_joins_again() -> None:
    kafka = Kafka()
    session = kafka.session
    batch = poll(session, 2)
    kafka.fails = [Replaced("so it seems")]
    with pytest.raises(Fenced):
        session.commit([batch], [])
    session.poll({}, 0.0)

    assert offsets(poll(session, 2)) == [0, 1]
    assert kafka.joined == 2


def test_a_member_whose_partition_was_adopted_by_a_newer_instance_ends() -> None:
    kafka = Kafka()
    session = kafka.session
    batch = poll(session, 2)
    kafka.committed[T0] = Stored.of(Position(0), batch.assignment + 1)
    kafka.fails = [Replaced("so it is")]
    with pytest.raises(Fenced):
        session.commit([batch], [])

    with pytest.raises(Superseded, match="a newer instance"):
        poll(session, 2)
    assert kafka.joined == 1


def test_positions_are_kept_with_a_generation_larger_than_any_before() -> None:
    kafka = Kafka()
    kafka.committed[T0] = Stored.of(Position(3), 2**50)
    batch = poll(kafka.session, 1)

    assert offsets(batch) == [3]
    assert batch.assignment == kafka.committed[T0].generation == 2**50 + 1


def test_what_is_staged_is_not_committed_once_the_group_has_begun_to_share_anew() -> None:
    kafka = Kafka()
    session = kafka.session
    batch = poll(session, 2)
    session.stage([Record("out", None, b"x")])
    kafka.joining.taken([TopicPartition("t", 1)])
    kafka.fails = [Fenced("once more")]
    with pytest.raises(Fenced, match="what is held"):
        poll(session, 2, batch)

    with pytest.raises(Fenced, match="nothing was committed"):
        session.commit([batch], [])
    assert offsets(poll(session, 2)) == [0, 1]


def test_a_broker_that_has_just_started_is_not_believed_to_know_all_that_was_committed() -> None:
    kafka = Kafka()
    kafka.committed[T0] = Stored(2)
    kafka.late = {T0: Stored(4)}

    assert offsets(poll(kafka.session, 9)) == [4, 5]


@pytest.mark.parametrize("fails", [[], [Fenced("shared out once more")]])
def test_what_waits_for_its_time_comes_once_though_its_partition_was_lost_and_given_back(
    fails: list[Exception],
) -> None:
    kafka, clock = Kafka(), FakeClock()
    kafka.log = [each._replace(timestamp_ms=int(clock.now_s() * 1000)) for each in kafka.log]
    session = kafka.session_of(Input("t", delay_s=5), clock)
    assert offsets(poll(session, 9)) == []

    kafka.joining.lost([T0])
    kafka.given, kafka.next_offset, kafka.fails = [T0], 0, fails
    assert offsets(poll(session, 9)) == []
    clock.advance(6)

    found = []
    for _ in range(3):
        batch = poll(session, 9)
        found += offsets(batch)
        session.commit([batch], [])
    assert found == [0, 1, 2, 3, 4, 5]
