"""What every broker promises to the members of a group: their share, and that nobody else has it."""

from collections.abc import Callable
from contextlib import closing, suppress

import pytest

from catenae.broker import Broker, Input, Position
from catenae.errors import BrokerError, Fenced
from catenae.message import TopicPartition
from tests.contract.brokers import (
    TestClock,
    join,
    owned_numbers,
    poll,
    polled,
    records,
    settle,
    some,
)
from tests.contract.patient import eventually


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
