"""What a changed declaration is refused for where it has run, and what is taken over without a question."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from catenae import Input, Node, Retention, Topology
from catenae.broker import Position, TopicSpec
from catenae.codec import Codec
from catenae.codec.packing import pack
from catenae.deployment.manifest_log import ManifestLog
from catenae.errors import UpgradeRefused
from catenae.message import Record, TopicPartition
from catenae.operating.migrations.drops import DropInput
from catenae.operating.migrations.request import Request, carry_out
from catenae.stores import open_store
from tests.unit.migrations.kinds import BEFORE
from tests.unit.migrations.numbers import DELAY_S, numbers_topology
from tests.unit.migrations.world import FolderWorld, World, opened


@pytest.fixture
def ran(tmp_path: Path) -> Iterator[FolderWorld]:
    """The topology after all that it had to do was done, and what was set aside expired."""
    with opened(tmp_path) as world:
        for _ in range(2):
            world.run(BEFORE, {"source": {"below": 20}, "counter": {"is_mended": True}})
            world.clock.advance(DELAY_S + 1)
        yield world


@pytest.fixture
def interrupted(tmp_path: Path) -> Iterator[FolderWorld]:
    """The topology while records wait for each node."""
    with opened(tmp_path) as world:
        world.run(BEFORE, {"source": {"below": 20}}, rounds=1)
        world.run(BEFORE, {"source": {"below": 40}}, only="source")
        yield world


def pass_through(name: str = "pass", *, partitions: int = 2, service: str = "Echo") -> Topology:
    """A topology of a node without State, unless it is another service."""
    node = Node(name, f"tests.unit.migrations.numbers:{service}", reads="numbers", writes="passed")
    return Topology("passing", (node,), partitions=2, external={"numbers": partitions, "passed": 2})


@pytest.mark.parametrize(
    ("declared", "found", "command"),
    [
        (numbers_topology(counter="tally"), "keeps State (counts, sums)", "--rename-node counter=tally"),
        (numbers_topology(source="origin"), "has positions", "--rename-node source=origin"),
        (numbers_topology(service="Tally"), "has no State 'counts'", "--rename-state counter.counts=tallies"),
        (numbers_topology(service="Sum"), "has no State 'counts'", "--drop-state counter.counts"),
        (numbers_topology(partitions=3), "has 2 partitions", "--drop-topology numbers"),
    ],
)
def test_what_would_be_lost_is_refused_with_the_command_that_carries_it_over(
    ran: World, declared: Topology, found: str, command: str
) -> None:
    with pytest.raises(UpgradeRefused) as refused:
        ran.start(declared)

    assert found in str(refused.value)
    assert f"catenae migrate TOPOLOGY {command}" in str(refused.value)
    assert "\n" not in str(refused.value)
    assert ran.refused(BEFORE) == []


def test_a_new_name_of_the_topology_is_refused_where_it_shares_topics(ran: FolderWorld) -> None:
    assert "--rename-topology numbers" in ran.refused(numbers_topology("renamed"))[0]


@pytest.mark.parametrize(
    ("declared", "command"),
    [
        (numbers_topology(reads_later=False), "--drop-input counter.later"),
        (numbers_topology(topic="ciphers"), "--rename-topic numbers=ciphers"),
        (numbers_topology(has_echo=False), "--drop-node echo"),
    ],
)
def test_records_that_wait_are_not_left_behind(interrupted: World, declared: Topology, command: str) -> None:
    assert f"catenae migrate TOPOLOGY {command}" in interrupted.refused(declared)[0]


def test_an_input_whose_position_alone_tells_of_a_batch_is_not_given_up(ran: FolderWorld) -> None:
    alone = {TopicPartition("later", 0): Position(ran.broker.spans("later")[0].end, pack(1 << 62))}
    ran.broker.reset("numbers.counter", alone)

    assert "whose position tells which of its State" in ran.refused(numbers_topology(reads_later=False))[0]


def test_positions_that_are_gone_are_missed(ran: FolderWorld) -> None:
    ran.broker.forget("numbers.counter")

    found = ran.refused(BEFORE)

    assert "node 'counter' has lost its position in 'numbers'" in found[0]
    assert "catenae reset TOPOLOGY --node counter" in found[0]


@pytest.mark.parametrize(
    "declared",
    [
        replace(
            BEFORE,
            nodes=(*BEFORE.nodes, Node("new", "tests.unit.migrations.numbers:Echo", "counted", "echoed")),
        ),
        replace(BEFORE, retention={"numbers": Retention(age_s=60.0)}),
        replace(BEFORE, nodes=(*BEFORE.nodes[:2], replace(BEFORE.nodes[2], replicas=2, batch_records=7))),
        replace(
            BEFORE,
            nodes=(*BEFORE.nodes[:2], replace(BEFORE.nodes[2], reads=("numbers", Input("later", 5.0)))),
        ),
        numbers_topology(has_echo=False),
    ],
    ids=[
        "a new node",
        "other retention",
        "other replicas",
        "another delay",
        "a node with nothing left to do",
    ],
)
def test_what_loses_nothing_is_taken_over(ran: FolderWorld, declared: Topology) -> None:
    ran.start(declared)

    assert ran.refused(declared) == []
    assert ran.start(declared) == ran.ledger(declared).take_over()


def with_more_partitions(world: World) -> None:
    """Have somebody outside give the topic of numbers more partitions."""
    world.broker.delete_topics(["numbers"])
    world.broker.create_topics([TopicSpec("numbers", 4, readers=("passing.pass",))])


def test_partitions_that_somebody_has_added_are_noticed_and_may_be_declared(tmp_path: Path) -> None:
    with opened(tmp_path) as world:
        world.start(pass_through())
        with_more_partitions(world)

        (refusal,) = world.refused(pass_through())
        assert "'numbers' exists with 4 partitions, the topology wants 2" in refusal
        assert "external={'numbers': 4}" in refusal
        world.start(pass_through(partitions=4))
        assert world.refused(pass_through(partitions=4)) == []


def test_partitions_added_in_front_of_state_are_refused(tmp_path: Path) -> None:
    with opened(tmp_path) as world:
        world.start(pass_through(service="Sum"))
        with_more_partitions(world)

        (refusal,) = world.refused(pass_through(partitions=4, service="Sum"))
        assert "away from their State" in refusal


def test_topics_of_any_partitions_are_read_by_a_node_without_state(tmp_path: Path) -> None:
    node = Node("pass", "tests.unit.migrations.numbers:Echo", reads=("three", "six"), writes="passed")
    topology = Topology("passing", (node,), partitions=2, external={"three": 3, "six": 6, "passed": 2})
    with opened(tmp_path) as world:
        world.start(topology)
        codec = Codec()
        for number in range(60):
            value, headers = codec.encode("", number)
            topic = ("three", "six")[number % 2]
            world.broker.append([Record(topic, b"%d" % number, value, headers)])
        world.run(topology)

        assert sorted(world.values("passed")) == list(range(60))


def test_a_node_that_never_did_anything_may_be_renamed_freely(tmp_path: Path) -> None:
    with opened(tmp_path) as world:
        world.start(pass_through())

        assert world.refused(pass_through("other")) == []


def test_a_node_without_state_that_has_moved_on_is_not_begun_anew_under_another_name(tmp_path: Path) -> None:
    with opened(tmp_path) as world:
        world.start(pass_through())
        world.broker.append([Record("numbers", None, b"1", partition=0)])
        world.run(pass_through())

        assert "--rename-node pass=other" in world.refused(pass_through("other"))[0]


def test_state_made_with_other_topics_is_refused(ran: FolderWorld, tmp_path: Path) -> None:
    with opened(tmp_path / "another") as another:
        mixed = World(another.broker, ran.store, ran.clock)

        assert (
            "node 'counter' is new on this broker, but the store has State of it" in mixed.refused(BEFORE)[0]
        )


def test_a_name_that_was_left_is_refused(ran: FolderWorld) -> None:
    log = ManifestLog(ran.broker, "numbers", ran.clock)
    found = log.read()
    assert found.manifest is not None
    log.replace(found, replace(found.manifest, moved_to="renamed"))

    assert "was renamed to 'renamed'" in ran.refused(BEFORE)[0]


def test_topics_that_are_read_no_more_hold_nothing(tmp_path: Path) -> None:
    with opened(tmp_path) as world:
        world.run(BEFORE, {"source": {"below": 5}, "counter": {"is_mended": True}})
        world.clock.advance(DELAY_S + 1)
        world.run(BEFORE, {"counter": {"is_mended": True}})
        proposal = Request(BEFORE, world.ground).changes([DropInput("counter", "later")])
        carry_out(proposal, world.ground, lambda _: None)
        world.start(numbers_topology(reads_later=False, has_echo=False))
        world.clock.advance(30 * 86_400)
        world.broker.trim()

        assert all(span.start == span.end for span in world.broker.spans("later"))


def test_the_store_is_not_opened_unless_it_is_asked_about(tmp_path: Path) -> None:
    with opened(tmp_path) as world, closing(open_store("embedded:")) as other:
        asked = []
        ledger = world.ledger(pass_through())
        ledger._open_store = lambda: asked.append(1) or other  # type: ignore[func-returns-value]
        ledger.take_over({"pass": []})

        assert asked == []
