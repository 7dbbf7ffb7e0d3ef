"""What single steps of a migration do, where the whole does not tell."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import pytest

from catenae.broker import Broker, Position, TopicSpec
from catenae.codec.packing import pack
from catenae.deployment.manifest import KeptNode, KeptTopic, Manifest
from catenae.errors import ConfigError
from catenae.message import EVENT_MS, Record, TopicPartition
from catenae.operating.migrations.carry_batches import CarryBatches
from catenae.operating.migrations.copy_topic import CopyTopic
from catenae.operating.migrations.drops import DropInput
from catenae.operating.migrations.ground import Ground
from catenae.operating.migrations.move_waiting import MoveWaiting
from catenae.operating.migrations.moves import MoveInput
from catenae.operating.migrations.rebase_journal import RebaseJournal
from catenae.operating.migrations.renames import RenameNode
from catenae.operating.migrations.request import Request, carry_out
from catenae.runtime.journal import Journal, JournalEntry
from tests.unit.migrations.numbers import numbers_topology
from tests.unit.migrations.world import opened

STAYS, GOES = TopicPartition("stays", 0), TopicPartition("goes", 0)


def test_what_a_position_that_goes_says_of_state_is_said_by_those_that_stay(tmp_path: Path) -> None:
    with opened(tmp_path) as world:
        world.broker.create_topics([TopicSpec("stays", 1), TopicSpec("goes", 1)])
        world.broker.reset("group", {STAYS: Position(3, pack(7)), GOES: Position(2, pack(9))})

        CarryBatches("group", "goes").do(world.ground)

        assert world.broker.positions("group")[STAYS] == Position(3, pack(9))


def test_an_input_of_a_node_with_state_does_not_go_without_that() -> None:
    node = KeptNode({"stays": 0.0, "goes": 0.0}, states={"sums": 2})

    planned = DropInput("node", "goes").plan(Manifest("topology", {"node": node}))

    assert planned.steps == [CarryBatches("topology.node", "goes")]


def test_a_journal_counts_by_the_copy_of_a_topic_that_had_lost_its_oldest_records(tmp_path: Path) -> None:
    with opened(tmp_path) as world:
        world.broker.create_topics([TopicSpec("old", 1, retention_s=60.0), TopicSpec("new", 1)])
        for number in range(5):
            world.broker.append([Record("old", None, b"%d" % number, partition=0)])
            world.clock.advance(30 if number == 2 else 0)
        world.clock.advance(31)
        world.broker.trim()
        journal = Journal(world.store, "topology.node")
        journal.read([0])
        journal.write({0: JournalEntry(1, 8, {"old": 4}, {})})
        CopyTopic("old", "new", "topology.migration").do(world.ground)

        RebaseJournal("topology.node", "old", "new").do(world.ground)

        assert [each.value for each in world.broker.read("new", 0, 0, 9)] == [b"3", b"4"]
        assert journal.read([0])[0].since == {"new": 1}


def test_what_waits_is_moved_once_and_says_since_when_it_has_waited(tmp_path: Path) -> None:
    with opened(tmp_path) as world:
        world.broker.create_topics([TopicSpec("old", 1), TopicSpec("new", 1)])
        for number in range(4):
            headers = {EVENT_MS: b"7"} if number == 3 else {}
            world.broker.append([Record("old", None, b"%d" % number, headers, partition=0)])
            world.clock.advance(1)
        written = [each.timestamp_ms for each in world.broker.read("old", 0, 0, 9)]
        world.broker.reset("group", {TopicPartition("old", 0): Position(1)})

        for _ in range(2):
            MoveWaiting("group", "old", "new", "copier").do(world.ground)

        moved = world.broker.read("new", 0, 0, 9)
        assert [each.value for each in moved] == [b"1", b"2", b"3"]
        assert [int(each.headers[EVENT_MS]) for each in moved] == [*written[1:3], 7]


def test_a_topic_that_others_read_too_is_not_moved() -> None:
    node = KeptNode({"shared": 0.0})
    manifest = Manifest("topology", {"one": node, "other": node}, {"shared": KeptTopic(1)})

    with pytest.raises(ConfigError, match="others read topic 'shared' too"):
        MoveInput("one", "shared", "new").plan(manifest)


class JustKilled:
    """A broker that was killed and is back: of a group it tells what was before, until that is settled."""

    def __init__(self, inner: Broker) -> None:
        self._inner = inner
        self._settled: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def settle(self, group: str) -> None:
        self._inner.settle(group)
        self._settled.add(group)

    def positions(self, group: str) -> Mapping[TopicPartition, Position]:
        return self._inner.positions(group) if group in self._settled else {}


def test_a_group_that_gets_another_name_goes_on_where_it_was_and_not_where_it_is_told(tmp_path: Path) -> None:
    before, after = (numbers_topology(counter=name) for name in ("counter", "tally"))
    with opened(tmp_path) as world:
        world.run(before, {"source": {"below": 10}})
        positions = dict(world.broker.positions("numbers.counter"))
        ground = Ground(cast("Broker", JustKilled(world.broker)), lambda: world.store, world.clock)

        carry_out(Request(after, ground).changes([RenameNode("counter", "tally")]), ground, lambda _: None)

        assert any(position.offset for position in positions.values())
        assert world.broker.positions("numbers.tally") == positions
