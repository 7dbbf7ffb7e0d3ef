"""What every broker promises. To add one: a parameter of `url`."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from pathlib import Path

import pytest

from catenae.broker import MAX_NOTE_BYTES, Batch, Broker, Input, Position, Session, Span, TopicSpec
from catenae.brokers import open_broker
from catenae.errors import BrokerError, Fenced, TopicMismatch, UnknownTopic
from catenae.message import Record, TopicPartition
from catenae.testing import FakeClock
from tests.contract.patient import PatientBroker, ShiftedClock, eventually
from tests.patience import PATIENCE_S

LEASE_S = 5.0
# Kafka takes a member for silent that has not polled for so long, and for gone after the same time again.
SILENCE_S = 6.0
KAFKA_CLIENTS = [pytest.param(client, marks=pytest.mark.servers) for client in ("kafka-python", "confluent")]
SUITE_TOPICS = [TopicSpec("texts", 4), TopicSpec("counts", 4)]

# Kafka removes what is too old in its own time and knows no groups then.
trims = pytest.mark.parametrize("kind", ["memory", "lmdb"], indirect=True)
# A client of Kafka takes turns fetch by fetch: see tests/acceptance/test_kafka_broker.py.
takes_turns_by_poll = trims

TestClock = FakeClock | ShiftedClock


@pytest.fixture(params=["memory", "lmdb", *KAFKA_CLIENTS])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def is_kafka(kind: str) -> bool:
    return kind not in ("memory", "lmdb")


@pytest.fixture
def url(kind: str, is_kafka: bool, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    if is_kafka:
        silence_ms = round(SILENCE_S * 1000)
        times = f"max.poll.interval.ms={silence_ms}&session.timeout.ms={silence_ms}"
        return f"kafka://{request.getfixturevalue('kafka')}?client={kind}&{times}"
    return "embedded:" if kind == "memory" else f"embedded:{tmp_path / 'log'}?map_size_mb=64"


@pytest.fixture
def clock(is_kafka: bool) -> TestClock:
    return ShiftedClock() if is_kafka else FakeClock()


@pytest.fixture
def broker(url: str, is_kafka: bool, clock: TestClock) -> Iterator[Broker]:
    broker = open_broker(url, clock, LEASE_S)
    if is_kafka:
        broker.delete_topics([spec.name for spec in SUITE_TOPICS])
    broker.create_topics(SUITE_TOPICS)
    yield PatientBroker(broker) if is_kafka else broker
    broker.close()


@pytest.fixture
def fall_silent(is_kafka: bool, clock: TestClock) -> Callable[[], None]:
    """Let so much time pass that a member which does nothing meanwhile loses its partitions."""
    return (lambda: time.sleep(2 * SILENCE_S + 1)) if is_kafka else (lambda: clock.advance(LEASE_S + 1))


def records(*values: str, topic: str = "texts", key: str | None = None, partition: int = 0) -> list[Record]:
    return [
        Record(topic, key.encode() if key else None, each.encode(), partition=partition) for each in values
    ]


def values(some: Sequence[Record]) -> list[str]:
    return [(each.value or b"").decode() for each in some]


def join(broker: Broker, member: str, *inputs: Input) -> Session:
    return broker.join("readers", member, inputs or [Input("texts")])


def poll(session: Session, most: int = 100, *, held: Sequence[Batch] = ()) -> list[Batch]:
    """Return what there is, as many batches as it takes: Kafka hands over what it has so far."""
    return poll_for(session, {"texts": most, "counts": most}, held)


def poll_for(session: Session, limits: Mapping[str, int], held: Sequence[Batch] = ()) -> list[Batch]:
    batches: list[Batch] = []
    room = dict(limits)
    while room and (batch := session.poll(room, 0.0, [*held, *batches])).records:
        batches.append(batch)
        for each in batch.records:
            room[each.topic] -= 1
        room = {topic: left for topic, left in room.items() if left}
    return batches


def some(session: Session) -> list[Batch]:
    """Return what there is once there is something: Kafka takes the time that a busy machine has for it."""
    batches: list[Batch] = []
    ends_s = time.monotonic() + PATIENCE_S
    while not batches and time.monotonic() < ends_s:
        batches = poll(session)
    return batches


def polled(batches: Sequence[Batch]) -> list[str]:
    return values([each for batch in batches for each in batch.records])


# Topics


def test_a_topic_is_created_once_and_keeps_its_records(broker: Broker) -> None:
    broker.append(records("a"))
    broker.create_topics([TopicSpec("texts", 4)])

    assert values(broker.read("texts", 0, 0, 10)) == ["a"]


def test_a_topic_with_other_partitions_is_refused(broker: Broker) -> None:
    with pytest.raises(TopicMismatch, match="exists with 4 partitions, the topology wants 5"):
        broker.create_topics([TopicSpec("texts", 5)])


def test_partitions_are_added_behind_those_that_are_there(broker: Broker) -> None:
    broker.append(records("a", "b", partition=3))
    broker.add_partitions("texts", 7)
    broker.add_partitions("texts", 7)
    broker.append(records("c", partition=6))

    spans = broker.spans("texts")
    held = [values(broker.read("texts", number, span.start, 9)) for number, span in enumerate(spans)]
    assert held == [[], [], [], ["a", "b"], [], [], ["c"]]
    assert broker.topics()["texts"].partitions == 7
    with pytest.raises(TopicMismatch, match="exists with 7 partitions"):
        broker.add_partitions("texts", 6)


def test_a_record_goes_to_the_partition_of_its_key(broker: Broker) -> None:
    keys = [f"{'k' * (number % 9)}{number}".encode() for number in range(60)]
    broker.append([Record("texts", key, key) for key in keys])

    for number, span in enumerate(broker.spans("texts")):
        for value in values(broker.read("texts", number, span.start, 100)):
            assert broker.partition_of(value.encode(), 4) == number


@pytest.mark.parametrize(
    "use",
    [
        lambda b: b.spans("no"),
        lambda b: b.add_partitions("no", 9),
        lambda b: b.append(records("a", topic="no")),
        lambda b: b.read("no", 0, 0, 1),
        lambda b: join(b, "m", Input("no")),
    ],
)
def test_an_unknown_topic_is_named(broker: Broker, use: Callable[[Broker], object]) -> None:
    with pytest.raises(UnknownTopic, match="'no' does not exist; the broker has"):
        use(broker)


def test_a_deleted_topic_that_comes_again_is_empty(broker: Broker) -> None:
    session = join(broker, "m")
    broker.append(records("a"))
    session.commit(poll(session), [])
    session.close()
    broker.delete_topics(["texts", "never"])
    broker.create_topics([TopicSpec("texts", 4)])

    assert list(broker.spans("texts")) == [Span(0, 0)] * 4
    assert broker.positions("readers") == {}


# Writing and reading


def test_records_keep_their_order_and_number_in_a_partition(broker: Broker) -> None:
    broker.append(records("a", "b"))
    broker.append(records("c"))

    found = broker.read("texts", 0, 1, 10)
    assert values(found) == ["b", "c"]
    assert found[0].offset == 1 < found[1].offset < broker.spans("texts")[0].end


def test_equal_keys_share_a_partition(broker: Broker) -> None:
    broker.append([Record("texts", f"u{i % 5}".encode(), str(i).encode()) for i in range(50)])

    found = [each for partition in range(4) for each in broker.read("texts", partition, 0, 50)]
    assert len({(each.key, each.partition) for each in found}) == 5
    assert len(found) == 50


def test_what_a_record_carries_comes_back(broker: Broker, clock: TestClock) -> None:
    broker.append(
        [
            Record("texts", b"k", b"\x00\xff", {"trace": b"1"}, 0),
            Record("texts", None, None, {}, 0),
            Record("texts", b"k", b"", {"trace": b"2"}, 0),
        ]
    )

    first, tombstone, empty = broker.read("texts", 0, 0, 10)
    assert (first.key, first.value, dict(first.headers)) == (b"k", b"\x00\xff", {"trace": b"1"})
    assert (tombstone.key, tombstone.value, empty.value) == (None, None, b"")
    assert abs(first.timestamp_ms - clock.now_s() * 1000) < 5000
    assert empty.headers["trace"] == b"2"


# Groups


def test_a_group_starts_at_the_oldest_record_and_sees_each_once(broker: Broker) -> None:
    broker.append(records("a", "b"))
    session = join(broker, "m")

    batches = poll(session)
    assert polled(batches) == ["a", "b"]
    assert poll(session, held=batches) == []
    session.commit(batches, [])
    assert poll(session) == []


def test_a_poll_respects_the_limit_of_each_topic(broker: Broker) -> None:
    broker.append(records("a", "b", "c"))
    broker.append(records("x", "y", topic="counts"))
    session = join(broker, "m", Input("texts"), Input("counts"))

    first = poll_for(session, {"texts": 2})
    second = poll_for(session, {"counts": 5}, first)
    third = poll_for(session, {"texts": 2}, [*first, *second])
    assert [polled(each) for each in (first, second, third)] == [["a", "b"], ["x", "y"], ["c"]]


def test_a_poll_without_limits_hands_nothing_over_and_loses_nothing(broker: Broker) -> None:
    broker.append(records("a", "b"))
    session = join(broker, "m")

    assert [session.poll({}, 0.0).records for _ in range(3)] == [[], [], []]
    assert polled(poll(session)) == ["a", "b"]


@takes_turns_by_poll
def test_partitions_take_turns(broker: Broker) -> None:
    for partition in range(4):
        broker.append(records(*"abcdef", partition=partition))
    session = join(broker, "m")

    held: list[Batch] = []
    for _ in range(4):
        held.append(session.poll({"texts": 6}, 0.0, held))
    assert sorted(each.records[0].partition for each in held) == [0, 1, 2, 3]


def test_outputs_and_positions_are_committed_together(broker: Broker) -> None:
    broker.append(records("a", "b"))
    session = join(broker, "m")
    session.commit(poll(session, 1), records("x", topic="counts"))

    eventually(lambda: broker.positions("readers")[TopicPartition("texts", 0)], Position(1))
    assert session.owned[TopicPartition("texts", 0)] == Position(1)
    assert values(broker.read("counts", 0, 0, 10)) == ["x"]


def test_a_failed_commit_writes_nothing(broker: Broker) -> None:
    broker.append(records("a"))
    session = join(broker, "m")
    with pytest.raises(UnknownTopic):
        session.commit(poll(session), records("x", topic="counts") + records("y", topic="no"))

    assert broker.read("counts", 0, 0, 10) == []
    assert broker.positions("readers")[TopicPartition("texts", 0)].offset == 0


def test_what_is_staged_is_seen_with_the_commit_and_ahead_of_its_outputs(broker: Broker) -> None:
    broker.append(records("a", "b", "c"))
    session = join(broker, "m")
    first = poll(session, 1)
    session.stage(records("x", topic="counts"))
    session.stage(records("y", topic="counts"))
    before = values(broker.read("counts", 0, 0, 10))
    session.commit(first + poll(session, 1, held=first), records("z", topic="counts"))

    assert (before, values(broker.read("counts", 0, 0, 10))) == ([], ["x", "y", "z"])
    assert session.owned[TopicPartition("texts", 0)] == Position(2)


def test_a_poll_that_does_not_hold_what_is_out_forgets_what_is_staged(broker: Broker) -> None:
    broker.append(records("a"))
    session = join(broker, "m")
    poll(session)
    session.stage(records("x", topic="counts"))
    session.commit(poll(session), records("y", topic="counts"))

    assert values(broker.read("counts", 0, 0, 10)) == ["y"]


def test_what_a_session_that_ended_had_staged_is_never_seen(broker: Broker) -> None:
    broker.append(records("a"))
    session = join(broker, "m")
    poll(session)
    session.stage(records("x", topic="counts"))
    session.close()
    join(broker, "m").commit([], records("y", topic="counts"))

    assert values(broker.read("counts", 0, 0, 10)) == ["y"]


def test_what_was_staged_before_partitions_changed_hands_is_not_committed(broker: Broker) -> None:
    broker.append([each for number in range(4) for each in records("a", partition=number)])
    session = join(broker, "one")
    batches = poll(session)
    session.stage(records("x", topic="counts"))
    settle(session, join(broker, "two"))
    with pytest.raises(Fenced):
        session.commit(batches, [])

    assert values(broker.read("counts", 0, 0, 10)) == []


def test_a_note_is_kept_beside_all_positions_of_its_number(broker: Broker) -> None:
    note = bytes(range(256)) * (MAX_NOTE_BYTES // 256)
    inputs = (Input("texts"), Input("counts"))
    session = join(broker, "m", *inputs)
    settle(session)
    broker.append(records("a", partition=2))
    session.commit(poll(session), [], {2: note})
    session.commit([session.poll({}, 0.0)], [])
    session.close()
    again = join(broker, "m", *inputs)
    settle(again)

    assert {each: position.note for each, position in again.owned.items() if position.note} == {
        TopicPartition("texts", 2): note,
        TopicPartition("counts", 2): note,
    }
    assert polled(poll(again)) == []


def test_a_note_of_a_number_that_is_not_owned_is_refused(broker: Broker) -> None:
    session = join(broker, "m")
    settle(session)
    with pytest.raises(Fenced):
        session.commit([session.poll({}, 0.0)], records("x", topic="counts"), {4: b"note"})

    assert broker.read("counts", 0, 0, 10) == []


def test_what_is_out_and_not_held_comes_again(broker: Broker) -> None:
    broker.append(records("a", "b", "c"))
    session = join(broker, "m")
    session.commit(poll(session, 1), [])
    poll(session)

    assert polled(poll(session)) == ["b", "c"]


def test_a_batch_that_comes_again_cannot_be_committed(broker: Broker) -> None:
    broker.append(records("a", "b"))
    session = join(broker, "m")
    stale, again = poll(session), poll(session)
    with pytest.raises(Fenced, match="comes again"):
        session.commit(stale, records("x", topic="counts"))

    assert polled(again) == polled(poll(session)) == ["a", "b"]
    assert broker.read("counts", 0, 0, 10) == []


def test_a_poll_that_holds_a_batch_that_comes_again_hands_nothing_over(broker: Broker) -> None:
    broker.append(records("a", "b"))
    session = join(broker, "m")
    stale = poll(session, 1)
    poll(session)
    with pytest.raises(Fenced, match="what is held"):
        poll(session, held=stale)

    assert polled(poll(session)) == ["a", "b"]


def test_what_a_commit_leaves_out_comes_again(broker: Broker) -> None:
    broker.append(records("a", "b", "c"))
    broker.append(records("x", "y", partition=1))
    session = join(broker, "m")
    batches = [each.until({TopicPartition("texts", 0): 1}) for each in poll(session)]
    session.commit(batches, [])

    assert polled(poll(session)) == ["b", "c"]
    assert session.owned[TopicPartition("texts", 0)] == Position(1)


def test_what_was_handled_is_committed_without_its_records(broker: Broker) -> None:
    broker.append(records("a", "b", "c"))
    session = join(broker, "m")
    first = [each.handled() for each in poll(session, 1)]
    second = poll(session, 2, held=first)
    session.commit([*first, *(each.until({TopicPartition("texts", 0): 2}) for each in second)], [])

    assert session.owned[TopicPartition("texts", 0)] == Position(2)
    assert polled(poll(session)) == ["c"]


def test_a_commit_that_leaves_out_what_came_before_is_refused(broker: Broker) -> None:
    broker.append(records("a", "b"))
    session = join(broker, "m")
    first = poll(session, 1)
    second = poll(session, 1, held=first)
    with pytest.raises(Fenced, match="leaves out"):
        session.commit(second, records("x", topic="counts"))

    assert polled(poll(session)) == ["a", "b"]
    assert broker.read("counts", 0, 0, 10) == []


def test_a_paused_partition_waits_and_the_others_go_on(broker: Broker, clock: TestClock) -> None:
    broker.append(records("a"))
    broker.append(records("x", partition=1))
    session = join(broker, "m")
    poll(session)
    session.pause(TopicPartition("texts", 0), 30.0)
    others = poll(session)
    session.commit(others, [])
    assert (polled(others), poll(session)) == (["x"], [])

    clock.advance(30.1)
    assert polled(poll(session)) == ["a"]


def test_a_new_session_goes_on_where_the_group_was(broker: Broker) -> None:
    broker.append(records("a", "b"))
    session = join(broker, "m")
    session.commit(poll(session, 1), [])
    session.close()

    assert polled(poll(join(broker, "other"))) == ["b"]


def test_two_groups_see_everything_each(broker: Broker) -> None:
    broker.append(records("a"))

    one = broker.join("one", "m", [Input("texts")])
    two = broker.join("two", "m", [Input("texts")])
    assert polled(poll(one)) == polled(poll(two)) == ["a"]
    assert {"one", "two"} <= set(broker.groups())


def test_a_delayed_input_waits_from_when_the_record_was_written(broker: Broker, clock: TestClock) -> None:
    session = join(broker, "m", Input("texts", delay_s=60.0), Input("counts"))
    broker.append(records("late"))
    broker.append(records("now", topic="counts"))

    now = poll(session)
    assert polled(now) == ["now"]
    clock.advance(50.0)
    assert poll(session, held=now) == []
    clock.advance(10.1)
    assert polled(poll(session, held=now)) == ["late"]


# Members


def settle(*sessions: Session) -> None:
    for _ in range(4):
        for session in sessions:
            session.poll({}, 0.0)


def owned_numbers(session: Session) -> set[int]:
    return {each.partition for each in session.owned}


def test_members_share_the_partitions_evenly_and_equal_numbers_stay_together(broker: Broker) -> None:
    inputs = (Input("texts"), Input("counts"))
    one, two, three = (join(broker, name, *inputs) for name in ("a", "b", "c"))
    settle(one, two, three)

    shares = [owned_numbers(each) for each in (one, two, three)]
    assert sorted(len(share) for share in shares) == [1, 1, 2]
    assert set.union(*shares) == {0, 1, 2, 3}
    assert all(len(each.owned) == 2 * len(owned_numbers(each)) for each in (one, two, three))


def test_a_rebalance_moves_no_more_than_it_must(broker: Broker) -> None:
    one = join(broker, "a")
    two = join(broker, "b")
    settle(one, two)
    before = owned_numbers(one) | set()
    three = join(broker, "c")
    settle(one, two, three)

    assert owned_numbers(one) <= before


def test_a_member_that_leaves_gives_its_partitions_back(broker: Broker) -> None:
    one, two = join(broker, "a"), join(broker, "b")
    settle(one, two)
    two.close()
    settle(one)

    assert owned_numbers(one) == {0, 1, 2, 3}
    assert list(broker.members("readers")) == ["a"]


def test_a_silent_member_loses_its_partitions_and_is_fenced(
    broker: Broker, fall_silent: Callable[[], None]
) -> None:
    broker.append(records("a"))
    silent = join(broker, "a")
    batches = poll(silent)
    fall_silent()
    other = join(broker, "b")
    settle(other)

    assert polled(poll(other)) == ["a"]
    with pytest.raises(Fenced):
        silent.commit(batches, records("x", topic="counts"))
    assert broker.read("counts", 0, 0, 10) == []


def test_a_member_of_the_same_name_replaces_the_former_at_once(broker: Broker) -> None:
    broker.append(records("a"))
    former = join(broker, "a")
    batches = some(former)
    newer = join(broker, "a")

    assert polled(some(newer)) == ["a"]
    with pytest.raises(Fenced):
        former.commit(batches, [])


def test_members_are_told_apart_from_those_of_their_name_before_them(broker: Broker) -> None:
    former = join(broker, "a")
    settle(former)
    before, again = broker.members("readers"), broker.members("readers")
    settle(join(broker, "a"))

    assert before == again
    assert (list(broker.members("readers")), broker.members("readers") == before) == (["a"], False)


def test_a_group_with_members_is_not_settled(broker: Broker) -> None:
    session = join(broker, "a")
    settle(session)

    with pytest.raises(BrokerError, match="'readers' has running members"):
        broker.settle("readers")


def test_a_group_without_members_is_as_far_as_it_was_once_it_is_settled(broker: Broker) -> None:
    broker.append(records("a"))
    with closing(join(broker, "a")) as session:
        session.commit(some(session), [])
    before = broker.positions("readers")
    eventually(lambda: list(broker.members("readers")), [])
    broker.settle("readers")
    broker.settle("nobody")

    assert broker.positions("readers") == before
    assert "nobody" not in broker.groups()


def test_members_that_are_evicted_are_members_no_more(broker: Broker) -> None:
    sessions = [join(broker, name) for name in ("a", "b")]
    settle(*sessions)
    broker.evict("readers")

    eventually(lambda: list(broker.members("readers")), [])
    broker.settle("readers")


def test_of_members_one_can_be_evicted_and_the_other_handles_what_was_its(broker: Broker) -> None:
    sessions = [join(broker, name) for name in ("a", "b")]
    settle(*sessions)
    broker.append(records("x") + records("y", partition=1))
    broker.evict("readers", ["a"])
    found: set[str] = set()

    def found_so_far() -> list[str]:
        # While its share changes, what it has comes again.
        with suppress(Fenced):
            found.update(polled(poll(sessions[1])))
        return sorted(found)

    eventually(found_so_far, ["x", "y"])

    assert list(broker.members("readers")) == ["b"]


def test_a_member_that_is_alive_is_fenced_by_its_eviction_and_joins_again(broker: Broker) -> None:
    broker.append(records("a"))
    session = join(broker, "a")
    batches = some(session)
    broker.evict("readers")

    with pytest.raises(Fenced):
        session.commit(batches, records("x", topic="counts"))
    again = some(session)
    assert polled(again) == ["a"]
    session.commit(again, [])


def test_the_assignment_tells_that_the_share_has_changed(broker: Broker) -> None:
    one = join(broker, "a")
    settle(one)
    before = one.poll({}, 0.0).assignment
    settle(one)
    assert one.poll({}, 0.0).assignment == before
    two = join(broker, "b")
    settle(one, two)

    assert one.poll({}, 0.0).assignment > before


def test_what_is_out_while_partitions_move_is_handed_over_once(broker: Broker) -> None:
    for number in range(4):
        broker.append(records("a", "b", partition=number))
    one = join(broker, "one")
    poll(one)
    two = join(broker, "two")
    settle(one, two)

    handled = []
    for session in (one, two):
        batches = poll(session)
        handled += polled(batches)
        session.commit(batches, [])
    assert sorted(handled) == ["a"] * 4 + ["b"] * 4


def test_what_waits_while_partitions_move_is_handed_over_once(broker: Broker, clock: TestClock) -> None:
    inputs = (Input("texts", delay_s=60.0), Input("counts"))
    one = join(broker, "one", *inputs)
    settle(one)
    for number in range(4):
        broker.append(records("late", partition=number))
    assert poll(one) == []
    two = join(broker, "two", *inputs)
    settle(one, two)
    two.close()
    settle(one)
    clock.advance(60.1)
    settle(one)

    batches = poll(one)
    assert polled(batches) == ["late"] * 4
    one.commit(batches, [])
    assert poll(one) == []


def test_positions_are_reset_only_while_nobody_reads(broker: Broker) -> None:
    broker.append(records("a", "b"))
    session = join(broker, "m")
    session.commit(poll(session), [])
    start = {TopicPartition("texts", 0): Position(0)}
    with pytest.raises(BrokerError, match="running members"):
        broker.reset("readers", start)
    session.close()
    broker.reset("readers", start)

    assert polled(poll(join(broker, "m"))) == ["a", "b"]


# Retention


@trims
def test_only_what_every_group_has_passed_is_trimmed(broker: Broker, clock: TestClock) -> None:
    broker.create_topics([TopicSpec("texts", 4, retention_s=3600.0)])
    session = join(broker, "m")
    broker.append(records("old"))
    broker.append(records("unread"))
    session.commit(poll(session, 1), [])
    clock.advance(7200.0)
    broker.append(records("young"))
    settle(session)
    clock.advance(60.0)
    settle(session)

    assert broker.spans("texts")[0] == Span(1, 3)
    assert values(broker.read("texts", 0, 0, 10)) == ["unread", "young"]


@trims
@pytest.mark.parametrize(("reader", "kept"), [("readers", 1), ("gone", 0)])
def test_records_wait_for_the_declared_readers_and_for_no_group_that_is_gone(
    broker: Broker, clock: TestClock, reader: str, kept: int
) -> None:
    join(broker, "m").close()
    broker.create_topics([TopicSpec("texts", 4, retention_s=3600.0, readers=(reader,))])
    broker.forget("gone")
    broker.append(records("old"))
    clock.advance(7200.0)
    broker.trim()

    assert broker.spans("texts")[0] == Span(1 - kept, 1)


@trims
def test_records_wait_for_a_group_that_runs(broker: Broker, clock: TestClock) -> None:
    broker.create_topics([TopicSpec("texts", 4, retention_s=3600.0)])
    broker.append(records("old"))
    clock.advance(7200.0)
    session = join(broker, "m")
    broker.trim()
    assert broker.spans("texts")[0] == Span(0, 1)
    session.close()
    broker.trim()

    assert broker.spans("texts")[0] == Span(1, 1)


def test_a_group_that_is_forgotten_begins_anew(broker: Broker) -> None:
    broker.append(records("a"))
    session = join(broker, "m")
    session.commit(poll(session), [])
    with pytest.raises(BrokerError, match="running members"):
        broker.forget("readers")
    session.close()
    broker.forget("readers")
    broker.forget("readers")

    assert broker.positions("readers") == {}
    assert polled(poll(join(broker, "m"))) == ["a"]


def test_writers_in_many_threads_lose_nothing(broker: Broker) -> None:
    def write(writer: int) -> None:
        for index in range(20):
            broker.append(records(f"{writer}-{index}"))

    threads = [threading.Thread(target=write, args=(each,)) for each in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    found = values(broker.read("texts", 0, 0, 1000))
    assert len(found) == len(set(found)) == 80


@trims
def test_a_topic_that_nobody_reads_is_trimmed_by_its_bounds_alone(broker: Broker, clock: TestClock) -> None:
    broker.create_topics([TopicSpec("counts", 4, retention_s=3600.0)])
    broker.append(records("a"))
    session = join(broker, "m")
    session.commit(poll(session), records("old", topic="counts"))
    clock.advance(7200.0)
    settle(session)

    assert broker.spans("counts")[0] == Span(1, 1)
