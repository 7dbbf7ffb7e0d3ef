"""What every broker promises to a group: each record once, outputs and positions together."""

import pytest

from catenae.broker import MAX_NOTE_BYTES, Batch, Broker, Input, Position
from catenae.errors import Fenced, UnknownTopic
from catenae.message import TopicPartition
from tests.contract.brokers import (
    TestClock,
    join,
    poll,
    poll_for,
    polled,
    records,
    settle,
    takes_turns_by_poll,
    values,
)
from tests.contract.patient import eventually


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
