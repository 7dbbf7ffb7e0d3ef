"""What a node's State must not keep: values of removed keys, and names in the journal."""

from collections.abc import Callable
from typing import cast

import pytest

from catenae.broker import Position
from catenae.codec.packing import pack, unpack
from catenae.errors import StateLost
from catenae.message import TopicPartition
from catenae.runtime.erasing_keys import erase_keys
from catenae.runtime.history import History
from catenae.runtime.lifetime import Lifetime
from catenae.runtime.node_state import LOOK_EVERY_S, NodeState
from catenae.runtime.state import FencedState
from catenae.runtime.state_records import StateRecord
from catenae.store import StateKey, Store
from catenae.stores.memory import MemoryStore
from catenae.testing import FakeClock

pytest.importorskip("aerospike", reason="the extra aerospike is not installed")

from catenae.stores.aerospike import AerospikeStore
from tests.unit.stores.flushing_cluster import FlushingCluster

TEXT = "what she wrote"


class RestartingStore(MemoryStore):
    """A store that says when told to that it may have lost something."""

    starts = 0

    def incarnation(self) -> str:
        return f"{self.starts}"


class Node:
    """Owners of two partitions, one after the other: a message stores a text under its key or removes it."""

    def __init__(self, store: Store | None = None, ttl_s: float | None = None) -> None:
        self.store = store or RestartingStore()
        self.clock = FakeClock()
        self.lifetime = None if ttl_s is None else Lifetime(ttl_s, self.clock)
        self._committed = {TopicPartition("texts", number): Position(0) for number in (0, 1)}
        self._generation = 0
        self.take_over()

    def take_over(self) -> None:
        self._generation += 1
        self.state: FencedState[str] = FencedState(self.store, "node.texts", 10_000, self.lifetime)
        history = cast("History", None)  # nothing has to be handled again here
        self._all = NodeState(self.store, "node", {"texts": self.state}, history, self.clock)
        self._all.stand_on(self._committed, self._generation)

    def own_nothing(self) -> None:
        self._all.stand_on({}, self._generation + 1)

    def put(self, key: StateKey, text: str | None, partition: int = 0) -> None:
        """Handle a batch of one message, up to the moment before the commit."""
        owner = key if isinstance(key, str) else key[0]
        self.state.enter(partition, {owner})
        if text is None:
            self.state.forget(owner)
        else:
            self.state[key] = text
        self.state.prepare()
        self.state.keep()
        place = TopicPartition("texts", partition)
        self._flushed = {place: self._all.flush()[partition]}

    def commit(self) -> None:
        for place, note in self._flushed.items():
            self._committed[place] = Position(self._committed[place].offset + 1, note)
        self._all.settle(self._committed)

    def do(self, key: StateKey, text: str | None, partition: int = 0) -> None:
        self.put(key, text, partition)
        self.commit()

    def idle(self) -> None:
        self.clock.advance(LOOK_EVERY_S)
        self._all.look()


def held(store: Store) -> bytes:
    """Return all that the store holds."""
    return b"\n".join(each.value for name in store.namespaces() for _, each in store.scan(name))


STORES: list[Callable[[], Store]] = [
    RestartingStore,
    lambda: AerospikeStore(FlushingCluster(), FakeClock()),
]


@pytest.mark.parametrize("open_store", STORES)
@pytest.mark.parametrize("then", [Node.idle, Node.take_over, lambda node: node.do("bob", "his")])
def test_the_value_of_a_removed_key_is_gone(
    open_store: Callable[[], Store], then: Callable[[Node], None]
) -> None:
    node = Node(open_store())
    node.do("ann", TEXT)
    node.do("ann", None)
    assert TEXT.encode() in held(node.store)
    then(node)

    assert TEXT.encode() not in held(node.store)
    assert "ann" not in node.state


def test_the_value_of_a_key_whose_removal_was_not_committed_comes_back() -> None:
    node = Node()
    node.do("ann", TEXT)
    node.put("ann", None)  # and killed here
    node.take_over()

    assert node.state["ann"] == TEXT


@pytest.mark.parametrize("then", [Node.idle, Node.take_over])
def test_the_journal_names_nobody_while_there_is_no_work(then: Callable[[Node], None]) -> None:
    node = Node()
    node.do("ann_of_green_gables", TEXT)
    assert b"ann_of_green_gables" in held(node.store)
    then(node)

    assert b"ann_of_green_gables" not in held(node.store)


def test_the_journal_of_a_quiet_partition_names_nobody_while_there_is_work_on_others() -> None:
    node = Node()
    node.do("ann_of_green_gables", TEXT)
    node.clock.advance(LOOK_EVERY_S)
    node.do("bob", TEXT, partition=1)

    assert b"ann_of_green_gables" not in held(node.store)


def restart(store: Store) -> None:
    assert isinstance(store, RestartingStore)
    store.starts += 1


def test_a_record_that_is_lost_long_after_is_seen_once_the_store_was_restarted() -> None:
    node = Node()
    node.do("ann", TEXT)
    lost = node.store.get("node.texts", "ann")
    node.do("ann", "new")
    node.do("bob", TEXT)
    assert lost is not None
    node.store.put("node.texts", "ann", lost.value)
    restart(node.store)

    with pytest.raises(StateLost, match="has kept a journal entry and lost records"):
        node.take_over()


def test_records_that_several_partitions_have_written_are_told_of_and_counted_right(
    caplog: pytest.LogCaptureFixture,
) -> None:
    node = Node()
    for partition in (0, 1, 1, 0, 1):
        node.do("everybody's", TEXT, partition)
    node.put("everybody's", "unfinished", partition=0)
    node.take_over()
    restart(node.store)
    node.take_over()

    assert node.state["everybody's"] == TEXT
    told = [each for each in caplog.records if "several partitions" in each.message]
    assert [each.__dict__["state"] for each in told] == ["node.texts"]


@pytest.mark.parametrize("open_store", STORES)
def test_erased_keys_are_gone_and_the_rest_is_gone_on_with(open_store: Callable[[], Store]) -> None:
    node = Node(open_store())
    for key in ("ann_of_green_gables", "bob"):
        node.do(key, TEXT)
        node.do(key, f"{TEXT}, {key}")
    assert erase_keys(node.store, "ann_of_green_gables".__eq__) == 1

    assert b"ann_of_green_gables" not in held(node.store)
    node.take_over()
    assert node.state.get_many(["ann_of_green_gables", "bob"]) == {"bob": f"{TEXT}, bob"}


@pytest.mark.parametrize("erased", ["ann", "bob", "cid"])
def test_what_is_erased_is_not_missed_when_the_records_are_counted(erased: str) -> None:
    node = Node()
    for key in ("ann", "bob", "cid", "ann"):
        node.do(key, TEXT)
    node.put("bob", "unfinished")
    assert erase_keys(node.store, erased.__eq__) == 1
    restart(node.store)
    node.take_over()

    assert erased not in node.state


class InterruptedStore(RestartingStore):
    """A store that dies at the first removal."""

    dies = True

    def delete(self, namespace: str, key: str) -> None:
        super().delete(namespace, key)
        if self.dies:
            self.dies = False
            raise KeyboardInterrupt


@pytest.mark.parametrize("again", [True, False])
def test_erasing_that_was_interrupted_leaves_state_that_can_be_gone_on_with(*, again: bool) -> None:
    node = Node(InterruptedStore())
    for key in ("ann", "bob"):
        node.do(key, TEXT)
    with pytest.raises(KeyboardInterrupt):
        erase_keys(node.store, lambda key: key in ("ann", "bob"))
    if again:
        assert erase_keys(node.store, "bob".__eq__) == 1
    restart(node.store)
    node.take_over()

    assert ("ann" in node.state, "bob" in node.state) == (False, not again)


def test_state_of_an_earlier_release_is_gone_on_with() -> None:
    node = Node()
    node.do("ann", TEXT)
    node.put("ann", "unfinished")
    as_written_before(node.store)
    node.take_over()
    restart(node.store)
    node.take_over()

    assert node.state["ann"] == TEXT


def as_written_before(store: Store) -> None:
    """Take from the journal what earlier releases did not write."""
    for key, entry in list(store.scan("node")):
        generation, batch, since, keys, repeats, *_ = unpack(entry.value)
        names = {state: list(some) for state, some in keys.items()}
        store.put("node", key, pack([generation, batch, since, names, repeats]))


def test_the_keys_of_a_batch_are_read_at_once() -> None:
    cluster = FlushingCluster()
    node = Node(AerospikeStore(cluster, FakeClock()))
    keys = [f"user {number}" for number in range(1000)]
    node.state.expect(set(keys))
    cluster.reads = 0
    for key in keys:
        node.state.enter(0)
        assert key not in node.state

    assert cluster.reads == 1


def test_a_record_is_of_a_batch_and_its_partition() -> None:
    record = StateRecord(7, 0, None, None, {1: 5})

    assert [record.last_of(number) for number in (0, 1, 2)] == [7, 5, 0]
    assert StateRecord.unpacked(record.packed()) == record
    assert record.elsewhere_of(1) == {0: 7}
