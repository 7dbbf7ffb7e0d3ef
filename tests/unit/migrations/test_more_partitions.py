"""A topology that gets more partitions: of each key order, State, ids and timers go on, exactly."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from catenae import Input, Message, Middle, Node, Source, State, Timers, Topology
from catenae.errors import (
    BrokerError,
    ConfigError,
    StateLost,
    StoreUnavailable,
    TopicMismatch,
    UnknownTopic,
)
from catenae.message import Record
from catenae.operating.migrations.executor import Executor
from catenae.operating.migrations.request import Request, carry_out
from catenae.operating.restart import restart
from catenae.runtime.history import grown_group
from catenae.runtime.state_records import StateRecords
from tests.unit.migrations.world import FolderWorld, World, opened

KEYS = 13
DELAY_S = 60.0
WAKES_AFTER_S = 600.0


class Numbers(Source):
    """Generate numbers from where it is up to, not including, `below`."""

    def __init__(self, below: int) -> None:
        self._below = below

    def generate(self, position: Any) -> Iterator[Message | None]:
        for number in range(0 if position is None else position + 1, self._below):
            yield Message(number, f"k{number % KEYS}", position=number)


class Chain(Middle):
    """Tell of each number which one of its key came before it, its place in line, and its id."""

    def __init__(self, last: State[list[int]], timers: Timers) -> None:
        self._last = last
        self._timers = timers

    def transform(self, message: Message) -> Iterable[Message]:
        before, count = self._last.get(message.key, [-1, 0])
        self._last[message.key] = [message.value, count + 1]
        self._last[message.key, "first"] = self._last.get((message.key, "first"), [message.value])
        self._timers.set(message.key, "later", after_s=WAKES_AFTER_S)
        yield message.derive([before, message.value, count + 1, message.id])

    def wake(self, message: Message[str]) -> Iterable[Message]:
        yield message.derive([self._last[message.key][0], *self._last[message.key, "first"]], to="woken")


class Copy(Middle):
    """Pass everything on."""

    def transform(self, message: Message) -> Iterable[Message]:
        yield message.derive(message.value)


class Elsewhere(Middle):
    """Keep State under a name that is made of the key, and is none."""

    def __init__(self, last: State[int]) -> None:
        self._last = last

    def transform(self, message: Message) -> Iterable[Message]:
        self._last[f"last of {message.key}"] = message.value
        return ()


def chain(partitions: int, *, service: str = "Chain", name: str = "line", delay_s: float = 0.0) -> Topology:
    of = __name__
    if service == "Chain":
        last = Node(
            "chain",
            f"{of}:Chain",
            reads=Input("numbers", delay_s),
            writes={"": "told", "woken": "woken"},
            timers="due",
        )
    else:
        last = Node("chain", f"{of}:{service}", reads="numbers")
    return Topology(
        name,
        partitions=partitions,
        exported=("told", "woken", "copied") if service == "Chain" else ("copied",),
        nodes=(
            Node("source", f"{of}:Numbers", writes="numbers", options={"below": 0}),
            Node("copy", f"{of}:Copy", reads="numbers", writes="copied"),
            last,
        ),
    )


@pytest.fixture
def world(tmp_path: Path) -> Iterator[FolderWorld]:
    with opened(tmp_path) as world:
        yield world


def grow(world: World, topology: Topology) -> None:
    carry_out(Request(topology, world.ground).grow(), world.ground, lambda _line: None)


def told(world: World) -> dict[str, list[list[Any]]]:
    by_key: defaultdict[str, list[list[Any]]] = defaultdict(list)
    for each in world.values("told"):
        by_key[f"k{each[1] % KEYS}"].append(each)
    return by_key


def assert_each_key_is_one_chain(world: World, numbers: int) -> None:
    for key in range(KEYS):
        mine = [number for number in range(numbers) if number % KEYS == key]
        found = sorted(told(world)[f"k{key}"], key=lambda each: each[2])
        assert [each[1] for each in found] == mine
        assert [each[0] for each in found] == [-1, *mine[:-1]]
        assert [each[2] for each in found] == list(range(1, len(mine) + 1))


@pytest.mark.parametrize(("before", "after"), [(2, 6), (2, 3), (4, 7), (1, 12), (3, 4)])
def test_each_key_goes_on_in_its_order_with_its_state(world: FolderWorld, before: int, after: int) -> None:
    world.run(chain(before), {"source": {"below": 40}})
    world.run(chain(before), {"source": {"below": 100}}, only="source")
    world.run(chain(before), rounds=1, only="copy")
    grow(world, chain(after))
    world.run(chain(after), {"source": {"below": 160}})

    assert_each_key_is_one_chain(world, 160)
    assert sorted(world.values("copied")) == list(range(160))
    assert len(world.broker.spans("numbers")) == after


def test_it_can_be_done_again_and_again(world: FolderWorld) -> None:
    for times, partitions in enumerate((2, 3, 5, 12)):
        if times:
            grow(world, chain(partitions))
        world.run(chain(partitions), {"source": {"below": 30 * times + 20}})
        world.run(chain(partitions), {"source": {"below": 30 * times + 30}}, only="source")
    world.run(chain(12))

    assert_each_key_is_one_chain(world, 120)


def test_what_waits_for_its_time_waits_on(world: FolderWorld) -> None:
    world.run(chain(2, delay_s=DELAY_S), {"source": {"below": 50}})
    world.clock.advance(DELAY_S / 2)
    grow(world, chain(6, delay_s=DELAY_S))
    world.run(chain(6, delay_s=DELAY_S), {"source": {"below": 90}})
    assert told(world) == {}

    world.clock.advance(DELAY_S + 1)
    world.run(chain(6, delay_s=DELAY_S))
    assert_each_key_is_one_chain(world, 90)


def test_a_message_keeps_its_id(world: FolderWorld) -> None:
    world.run(chain(2), {"source": {"below": 50}}, only="source")
    stood = {
        each.id
        for number, span in enumerate(world.broker.spans("numbers"))
        for each in world.broker.read("numbers", number, 0, span.end)
    }
    grow(world, chain(6))
    world.run(chain(6))

    assert {each[3] for some in told(world).values() for each in some} == stood


def test_timers_wake_whoever_set_them(world: FolderWorld) -> None:
    world.run(chain(2), {"source": {"below": 2 * KEYS}})
    grow(world, chain(6))
    world.clock.advance(WAKES_AFTER_S + 1)
    world.run(chain(6))

    assert sorted(world.values("woken")) == [[KEYS + key, key] for key in range(KEYS)]


def test_a_batch_that_was_not_committed_is_taken_back(world: FolderWorld) -> None:
    world.run(chain(2), {"source": {"below": 40}})
    world.run(chain(2), {"source": {"below": 60}}, only="source")
    world.die_at_commit(chain(2), "chain")
    world.clock.advance(60)
    grow(world, chain(6))
    world.run(chain(6))

    assert_each_key_is_one_chain(world, 60)


def test_state_belongs_to_the_partition_of_its_key(world: FolderWorld) -> None:
    world.run(chain(2), {"source": {"below": 40}})
    grow(world, chain(6))

    found = {key: record.partition for key, record in StateRecords(world.store, "line.chain.last").all()}
    assert {key: found[key] for key in found if "\0" not in key} == {
        f"k{key}": world.broker.partition_of(f"k{key}".encode(), 6) for key in range(KEYS)
    }


def grown_with_some_waiting(world: FolderWorld) -> None:
    """Have 40 numbers handled and 20 wait, add partitions, and have 30 more come."""
    world.run(chain(2), {"source": {"below": 40}})
    world.run(chain(2), {"source": {"below": 60}}, only="source")
    grow(world, chain(6))
    world.run(chain(6), {"source": {"below": 90}})


def test_what_was_before_is_not_read_again(world: FolderWorld) -> None:
    grown_with_some_waiting(world)
    node = chain(6).node("chain")
    restart(world.broker, world.store, chain(6), [node])
    world.run(chain(6))

    times = Counter(each[1] for each in world.values("told"))
    assert times == {number: 1 + (number >= 40) for number in range(90)}


def test_state_that_is_lost_later_is_not_made_of_what_was_before(world: FolderWorld) -> None:
    grown_with_some_waiting(world)
    for namespace in list(world.store.namespaces()):
        world.store.drop(namespace)

    with pytest.raises(StateLost):
        world.run(chain(6))


def test_of_no_partition_all_that_its_state_stands_on_can_be_read_again(world: FolderWorld) -> None:
    world.run(chain(2), {"source": {"below": 1}})
    grow(world, chain(6))

    floors = world.broker.positions(grown_group("line"))
    assert {each.partition for each, floor in floors.items() if each.topic == "numbers" and floor.offset} == {
        *range(6)
    }


def test_what_the_store_loses_of_it_is_seen(world: FolderWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    world.run(chain(2), {"source": {"below": 60}})
    grow(world, chain(6))
    monkeypatch.setattr(type(world.store), "incarnation", lambda _store: "another one")
    world.run(chain(6), {"source": {"below": 70}})
    assert_each_key_is_one_chain(world, 70)

    world.store.delete("line.chain.last", "k3")
    monkeypatch.setattr(type(world.store), "incarnation", lambda _store: "yet another one")
    with pytest.raises(StateLost):
        world.run(chain(6), {"source": {"below": 80}})


def test_what_is_lost_meanwhile_is_seen(world: FolderWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    world.run(chain(2), {"source": {"below": 60}})
    grow(world, chain(6))
    world.store.delete("line.chain.last", "k3")
    monkeypatch.setattr(type(world.store), "incarnation", lambda _store: "another one")
    with pytest.raises(StateLost):
        world.run(chain(6))


def test_a_store_that_is_restarted_meanwhile_has_it_done_again(world: FolderWorld) -> None:
    world.run(chain(2), {"source": {"below": 60}})
    proposal = Request(chain(6), world.ground).grow()
    names = iter(["one", "another"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(world.store), "incarnation", lambda _store: next(names))
        with pytest.raises(StoreUnavailable):
            carry_out(proposal, world.ground, lambda _line: None)
    Executor(world.ground, "line", lambda _line: None).finish()
    world.run(chain(6), {"source": {"below": 90}})

    assert_each_key_is_one_chain(world, 90)


def test_a_new_name_keeps_it_from_being_read_again(world: FolderWorld) -> None:
    grown_with_some_waiting(world)
    proposal = Request(chain(6, name="row"), world.ground).rename_from("line", [])
    carry_out(proposal, world.ground, lambda _line: None)

    assert not world.broker.positions(grown_group("line"))
    assert sum(each.offset for each in world.broker.positions(grown_group("row")).values()) >= 60


def test_nothing_of_how_it_was_done_is_left(world: FolderWorld) -> None:
    world.run(chain(2), {"source": {"below": 40}})
    groups = {*world.broker.groups(), grown_group("line")}
    grow(world, chain(6))

    assert {each for each in world.broker.groups() if world.broker.positions(each)} <= groups
    assert world.refused(chain(6)) == []


def test_more_than_are_there_are_refused_with_the_command(world: FolderWorld) -> None:
    world.run(chain(2), {"source": {"below": 40}})

    (refusal,) = world.refused(chain(6))
    assert "catenae migrate TOPOLOGY --partitions 6" in refusal


@pytest.mark.parametrize(
    ("topology", "said"),
    [
        (chain(2), "declare more of them first"),
        (chain(1), "there can be more of them, and never less"),
    ],
)
def test_what_cannot_be_is_refused(world: FolderWorld, topology: Topology, said: str) -> None:
    world.run(chain(2), {"source": {"below": 40}})

    with pytest.raises(ConfigError, match=said):
        Request(topology, world.ground).grow()


def test_state_under_names_that_are_no_keys_is_refused(world: FolderWorld) -> None:
    world.run(chain(2, service="Elsewhere"), {"source": {"below": 40}})

    with pytest.raises(ConfigError, match="names that are of no message's key"):
        Request(chain(6, service="Elsewhere"), world.ground).grow()


def test_while_it_runs_it_is_refused(world: FolderWorld) -> None:
    world.run(chain(2), {"source": {"below": 40}})
    with (
        closing(world.broker.join("line.copy", "copy-0", [Input("numbers")])),
        pytest.raises(BrokerError, match="copy-0 runs"),
    ):
        Request(chain(6), world.ground).grow()


def test_what_is_shared_with_another_topology_is_refused(world: FolderWorld) -> None:
    world.run(chain(2), {"source": {"below": 40}})
    node = Node("other", f"{__name__}:Copy", reads="copied", writes="others")
    world.start(Topology("other", (node,), partitions=2, external=("copied", "others")))

    with pytest.raises(ConfigError, match="topic 'copied' is one of topology 'other' too"):
        Request(chain(6), world.ground).grow()


def test_state_that_the_store_has_lost_is_made_good_first(world: FolderWorld) -> None:
    world.run(chain(2), {"source": {"below": 40}})
    for namespace in list(world.store.namespaces()):
        world.store.drop(namespace)

    with pytest.raises(ConfigError, match="start it as it was declared before"):
        Request(chain(6), world.ground).grow()


def test_partitions_are_added_once(world: FolderWorld) -> None:
    world.start(chain(2))
    world.broker.append([Record("numbers", None, b"1", partition=1)])
    world.broker.add_partitions("numbers", 4)
    world.broker.add_partitions("numbers", 4)

    assert [span.end for span in world.broker.spans("numbers")] == [0, 1, 0, 0]
    with pytest.raises(TopicMismatch):
        world.broker.add_partitions("numbers", 3)
    with pytest.raises(UnknownTopic):
        world.broker.add_partitions("none", 3)
