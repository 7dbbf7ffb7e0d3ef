"""What sessions of a chain hand on ahead of their commit, and what they do not."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from catenae.broker import Batch, Input, TopicSpec
from catenae.brokers.embedded import EmbeddedBroker
from catenae.chain import Chain, Part, Seat
from catenae.errors import Fenced
from catenae.message import Record, TopicPartition
from catenae.testing import FakeClock

INNER = TopicPartition("inner", 0)
ONE = Record("inner", b"k", b"1", {"a": b"b"})


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def broker(clock: FakeClock) -> Iterator[EmbeddedBroker]:
    with closing(EmbeddedBroker(clock=clock, lease_s=5.0)) as broker:
        broker.create_topics([TopicSpec(each, 1) for each in ("texts", "inner", "late")])
        broker.append([Record("texts", b"k", b"0")])
        yield broker


def joined(broker: EmbeddedBroker, member: str = "0") -> Chain:
    inputs = ([Input("texts")], [Input("inner"), Input("late", delay_s=1.0)])
    return broker.join_chain([Seat(f"g{n}", member, some) for n, some in enumerate(inputs)])


def polled(chain: Chain) -> list[Batch]:
    return [each.poll({"texts": 10, "inner": 10, "late": 10}, 0.0) for each in chain.sessions]


def positions(broker: EmbeddedBroker) -> list[int]:
    return [sum(each.offset for each in broker.positions(group).values()) for group in ("g0", "g1")]


def test_a_record_is_handed_over_as_it_will_be_read(broker: EmbeddedBroker, clock: FakeClock) -> None:
    chain = joined(broker)
    first, _ = polled(chain)
    _, handed = chain.pass_on(0, [ONE])
    clock.advance(0.5)
    assert broker.read("inner", 0, 0, 10) == []
    chain.commit([Part([first]), Part([handed])])

    assert list(handed.records) == broker.read("inner", 0, 0, 10)
    assert positions(broker) == [1, 1]
    assert not any(each.records for each in polled(chain))


def test_what_was_not_committed_is_nowhere_and_comes_again(broker: EmbeddedBroker) -> None:
    chain = joined(broker)
    polled(chain)
    chain.pass_on(0, [ONE])
    chain.begin()
    first, second = polled(chain)

    assert (len(first.records), len(second.records)) == (1, 0)
    assert broker.read("inner", 0, 0, 10) == []
    assert [len(each.records) for each in chain.pass_on(0, [ONE])] == [0, 1]


def test_what_only_a_part_was_handled_of_is_read_from_the_topic_then(broker: EmbeddedBroker) -> None:
    chain = joined(broker)
    first, _ = polled(chain)
    _, handed = chain.pass_on(0, [ONE, ONE, ONE])
    chain.commit([Part([first]), Part([handed.until({INNER: 1})])])

    assert positions(broker) == [1, 1]
    assert [each.offset for each in polled(chain)[1].records] == [1, 2]


def test_nothing_is_handed_over_ahead_of_what_a_link_has_not_had(broker: EmbeddedBroker) -> None:
    broker.append([ONE, ONE])
    chain = joined(broker)
    limits = {"texts": 10, "inner": 1}
    first, second = [each.poll(limits, 0.0) for each in chain.sessions]
    handed = chain.pass_on(0, [ONE])
    assert [len(each.records) for each in handed] == [0, 0]
    chain.commit([Part([first]), Part([second])])

    assert [each.offset for each in polled(chain)[1].records] == [1, 2]


def test_nothing_is_handed_over_of_a_partition_that_pauses(broker: EmbeddedBroker, clock: FakeClock) -> None:
    chain = joined(broker)
    polled(chain)
    chain.sessions[1].pause(INNER, 1.0)
    assert not any(each.records for each in chain.pass_on(0, [ONE]))

    chain.begin()
    clock.advance(1.1)
    polled(chain)
    assert any(each.records for each in chain.pass_on(0, [ONE]))


def test_nothing_is_handed_over_of_a_topic_with_a_delay(broker: EmbeddedBroker) -> None:
    chain = joined(broker)
    polled(chain)

    assert not any(each.records for each in chain.pass_on(0, [Record("late", b"k", b"1")]))


def test_no_more_is_handed_over_than_a_poll_may_bring_and_nothing_after_it(broker: EmbeddedBroker) -> None:
    chain = joined(broker)
    first, _ = polled(chain)
    large = ONE._replace(value=bytes(3 * 2**20))
    _, handed = chain.pass_on(0, [large, large, large, ONE])
    _, none = chain.pass_on(0, [ONE])
    chain.commit([Part([first]), Part([handed])])

    assert (len(handed.records), len(none.records)) == (2, 0)
    assert [each.offset for each in polled(chain)[1].records] == [2, 3, 4]


def test_a_place_that_somebody_else_takes_meanwhile_fails_the_commit_whole(
    broker: EmbeddedBroker, clock: FakeClock
) -> None:
    chain = joined(broker)
    first, _ = polled(chain)
    _, handed = chain.pass_on(0, [ONE])
    broker.append([ONE._replace(value=b"other")])
    with pytest.raises(Fenced, match="others write to topic 'inner'"):
        chain.commit([Part([first]), Part([handed])])

    assert positions(broker) == [0, 0]
    chain.begin()
    first, second = polled(chain)
    assert [each.value for each in second.records] == [b"other"]
    assert not any(each.records for each in chain.pass_on(0, [ONE]))
    chain.commit([Part([first]), Part([second])])
    clock.advance(61.0)
    assert [each.value for each in polled(chain)[1].records] == [b"1"]
    assert any(each.records for each in chain.pass_on(0, [ONE]))


def test_the_other_links_own_what_the_first_one_does(broker: EmbeddedBroker, clock: FakeClock) -> None:
    broker.create_topics([TopicSpec(each, 6) for each in ("words", "counts")])

    def chain(member: str) -> Chain:
        return broker.join_chain([Seat("a", member, [Input("words")]), Seat("b", member, [Input("counts")])])

    # Before there was a chain, each of the two groups had shared the partitions out in its own way.
    before = [broker.join("b", "1", [Input("counts")]), broker.join("b", "0", [Input("counts")])]
    for _ in range(5):
        for each in before:
            each.poll({}, 0.0)
    chains = [chain("0"), chain("1")]
    for _ in range(20):
        clock.advance(0.5)
        for session in (session for one in chains for session in one.sessions):
            session.poll({}, 0.0)

    owned = [[sorted(place.partition for place in s.owned) for s in each.sessions] for each in chains]
    assert [first == second for first, second in owned] == [True, True]
    assert sorted(len(first) for first, _ in owned) == [3, 3]


def test_one_that_was_replaced_commits_nothing_of_any_group(broker: EmbeddedBroker) -> None:
    chain = joined(broker)
    first, _ = polled(chain)
    _, handed = chain.pass_on(0, [ONE])
    joined(broker)
    with pytest.raises(Fenced):
        chain.commit([Part([first]), Part([handed])])

    assert positions(broker) == [0, 0]
    assert broker.read("inner", 0, 0, 10) == []


def test_a_link_is_handed_nothing_of_its_own_or_of_those_after_it(broker: EmbeddedBroker) -> None:
    """As dead letters, which a node may read that comes before the one that set them aside."""
    chain = joined(broker)
    polled(chain)

    assert not any(each.records for each in chain.pass_on(1, [ONE, Record("texts", b"k", b"1")]))


def test_a_record_without_a_key_that_is_not_handed_on_displaces_none_that_is(broker: EmbeddedBroker) -> None:
    broker.create_topics([TopicSpec(each, 2) for each in ("two", "more")])
    for pauses, turns in ((0, 0), (0, 1), (1, 0), (1, 1)):
        chain = broker.join_chain([Seat("a", "0", [Input("two")]), Seat("b", "0", [Input("more")])])
        for _ in range(turns):
            broker.append([Record("two", None, b"0")])
        batches = [each.poll({"two": 10, "more": 10}, 0.0) for each in chain.sessions]
        chain.sessions[1].pause(TopicPartition("more", pauses), 1.0)
        keyless = Record("more", None, b"1")
        _, handed = chain.pass_on(0, [keyless, *(Record("more", b"%d" % n, b"2") for n in range(10))])
        chain.commit([Part([batches[0]]), Part([batches[1], handed])])

        for each in handed.records:
            assert broker.read("more", each.partition, each.offset, 1) == [each]
        chain.close()
