"""A chain comes to what its nodes come to apart, whatever happens to it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest

from catenae import Message
from catenae.broker import Position
from catenae.errors import RecordsLost, StateLost
from catenae.message import Record, TopicPartition
from catenae.observability.multiprocess import NodeTotals
from catenae.runtime.loop import Step
from tests.unit.runtime.chained import FATE, MENDING, NAME, World, die, fail

KEYS = "abcde"


NewWorld = Callable[..., World]


@pytest.fixture
def new() -> Iterator[NewWorld]:
    """Make worlds that end with the test."""
    FATE.clear()
    with ExitStack() as worlds:
        yield lambda **how: worlds.enter_context(closing(World(**how)))
    FATE.clear()


def texts(*words: str, keys: str = KEYS) -> list[Message]:
    return [Message(word, key) for key in keys for word in words]


def bare(record: Record) -> Record:
    return record._replace(
        headers={name: value for name, value in record.headers.items() if name != "dead-traceback"}
    )


@pytest.mark.lengthy
def test_all_topics_are_the_same_byte_for_byte_and_record_by_record(new: NewWorld) -> None:
    chained, apart = new(), new(is_chained=False)
    for world in (chained, apart):
        world.put("texts", texts("x", "poison", "y", "bad", "z"))
        world.run(40.0)

    for topic in chained.topology.topics():
        assert list(map(bare, chained.records(topic))) == list(map(bare, apart.records(topic))), topic
    assert chained.state() == apart.state()


def test_one_commit_takes_a_message_through_all_of_it(new: NewWorld) -> None:
    world = new()
    world.put("texts", texts("x", keys="a"))

    assert world.step(f"{NAME}-0") is Step.MOVED
    assert [len(world.records(topic)) for topic in ("words", "counts", "odds", "evens")] == [2, 2, 2, 0]
    assert world.step(f"{NAME}-0") is Step.IDLE


@pytest.mark.lengthy
def test_positions_are_those_of_nodes_that_ran_apart(new: NewWorld) -> None:
    chained, apart = new(), new(is_chained=False)
    for world in (chained, apart):
        world.put("texts", texts("x", "y"))
        world.run(40.0)

    def positions(world: World) -> dict[str, Any]:
        groups = map(world.topology.group, world.topology.nodes)
        return {
            group: {place: at.offset for place, at in world.broker.positions(group).items()}
            for group in groups
        }

    assert positions(chained) == positions(apart)


def test_what_somebody_else_wrote_to_an_inner_topic_comes_in_its_place(new: NewWorld) -> None:
    world = new()
    world.put("words", [Message({"word": "w", "half": 0}, "a")])
    world.put("texts", texts("x", keys="a"))
    world.run()

    numbered = [(each.value["n"], each.value["of"]["half"]) for each in world.messages("counts")]
    assert numbered == [(1, 0), (2, 1), (3, 2)]


def test_a_link_that_is_behind_catches_up_before_more_is_made_for_it(new: NewWorld) -> None:
    world = new()
    world.put("words", [Message({"word": "w", "half": 0}, "a")] * 50)
    world.put("texts", texts("x", keys="a"))
    world.run()

    halves = [each.value["of"]["half"] for each in world.messages("counts")]
    assert halves == [0] * 50 + [1, 2]


def test_a_record_that_others_write_meanwhile_is_taken_into_account(new: NewWorld) -> None:
    world = new()
    FATE.ahead = [None, lambda: world.put("words", [Message({"word": "w", "half": 0}, "a")])]
    world.put("texts", texts("x", keys="a"))

    assert world.step(f"{NAME}-0") is Step.ABANDONED
    assert world.records("counts") == []
    world.run()

    numbered = [(each.value["n"], each.value["of"]["half"]) for each in world.messages("counts")]
    assert numbered == [(1, 0), (2, 1), (3, 2)]


def test_a_message_that_is_tried_again_holds_up_what_is_behind_it_alone(new: NewWorld) -> None:
    world = new()
    FATE.failures = {"a": 2}
    world.put("texts", texts("x"))
    for _ in range(5):
        world.step(f"{NAME}-0")

    others = len({each.key for each in world.records("odds")})
    assert len(world.records("counts")) == 10
    assert 0 < others < len(KEYS)
    world.run()
    assert len({each.key for each in world.records("odds")}) == len(KEYS)


def test_what_a_later_link_sets_aside_an_earlier_one_reads_in_the_next_step(new: NewWorld) -> None:
    world = new(topology=MENDING)
    world.put("texts", texts("x", "poison", keys="a"))
    world.run()

    assert [each.value for each in world.messages("good")] == ["x", "mended"]


def test_figures_stay_those_of_each_node(new: NewWorld) -> None:
    world = new()
    world.put("texts", texts("x", "poison"))
    world.run()

    assert world.totals("split") == NodeTotals(messages_in=10, messages_out=15, dead_letters=5)
    assert world.totals("count") == NodeTotals(messages_in=10, messages_out=10)
    assert world.totals("last").messages_in == len(world.records("swapped"))


def test_records_that_are_lost_to_one_link_stop_it_as_they_do_apart(new: NewWorld) -> None:
    world = new()
    world.put("texts", texts("x"))
    world.run()
    world.stop(f"{NAME}-0")
    counted = {spec.name: spec for spec in world.topology.topic_specs()}["counts"]
    world.broker.delete_topics(["counts"])
    world.broker.create_topics([counted])
    world.broker.reset("chained.total", {TopicPartition("counts", n): Position(9) for n in range(3)})
    world.start()

    with pytest.raises(RecordsLost) as lost:
        world.run()
    assert lost.value.group == "chained.total"
    with pytest.raises(StateLost, match=r"chained\.total"):
        world.instance().on_lost(lost.value)


@pytest.mark.lengthy
def test_forgetting_reaches_every_link(new: NewWorld) -> None:
    world = new()
    world.put("texts", texts("x", "y"))
    world.run(40.0)
    before = world.state()
    world.forget_key("a")
    world.run(40.0)

    assert {key for _, key in before} > {"a", "a!"}
    assert not any(key in ("a", "a!") for node, key in world.state() if node != "last")


@pytest.mark.lengthy
def test_a_step_that_is_given_up_in_the_midst_leaves_nothing_of_itself(new: NewWorld) -> None:
    apart = new(is_chained=False)
    apart.put("texts", texts("x", "y"))
    apart.run()
    told, state = apart.told(), apart.state()
    for call in range(30):
        world = new()
        FATE.ahead = [*[None] * call, fail]
        world.put("texts", texts("x", "y"))
        world.run()

        assert world.told() == told, call
        assert world.state() == state, call


@pytest.mark.lengthy
@pytest.mark.parametrize("processes", [1, 2])
def test_a_process_that_is_killed_is_one_that_never_began(new: NewWorld, processes: int) -> None:
    apart = new(is_chained=False)
    apart.put("texts", texts("x", "y"))
    apart.run()
    told, state = apart.told(), apart.state()
    for call in range(30):
        world = new(processes=processes)
        FATE.ahead = [*[None] * call, die]
        world.put("texts", texts("x", "y"))
        world.run()

        assert FATE.ahead == []
        assert world.told() == told, call
        assert world.state() == state, call
