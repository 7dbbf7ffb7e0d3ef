from collections.abc import Callable, Mapping, Sequence
from itertools import count
from typing import Any

import pytest

from catenae.broker import Position
from catenae.errors import Conflict
from catenae.message import TopicPartition
from catenae.runtime.state import FencedState
from catenae.store import Store, Write
from catenae.stores import open_store
from catenae.stores.memory import MemoryStore

NUMBERS = TopicPartition("numbers", 0)
GENERATIONS = count(1)


class Owner:
    """An instance that owns a partition, reduced to what its State sees: each message adds 1 to a key."""

    def __init__(self, store: Store, committed: int) -> None:
        self.state: FencedState[int] = FencedState(store, "sums")
        self.committed: dict[TopicPartition, Position] = {NUMBERS: Position(committed)}
        self.state.begin(self.committed, next(GENERATIONS))

    def handle(self, *keys: str) -> None:
        for key in keys:
            self.state.enter(0)
            self.state[key] = self.state.get(key, 0) + 1
            self.state.prepare()
            self.state.keep()

    def flush(self, reached: int) -> Mapping[TopicPartition, Position]:
        positions = {NUMBERS: Position(reached)}
        self.state.flush(positions)
        return positions

    def commit(self, reached: int) -> None:
        self.committed.update(self.flush(reached))
        self.state.settle()


class SleepyStore(MemoryStore):
    """A store in which something happens before each of the next writes."""

    def __init__(self) -> None:
        super().__init__()
        self.before_write: list[Callable[[], None]] = []

    def compare_and_put(self, namespace: str, writes: Sequence[Write]) -> dict[str, int]:
        if self.before_write:
            self.before_write.pop(0)()
        return super().compare_and_put(namespace, writes)


def test_what_a_batch_wrote_is_there_for_the_next_owner() -> None:
    store = open_store("embedded:")
    first = Owner(store, 0)
    first.handle("a", "a", "b")
    first.commit(3)

    assert Owner(store, 3).state.get_many(["a", "b", "c"]) == {"a": 2, "b": 1}


def test_a_batch_that_was_flushed_and_never_committed_counts_for_nothing() -> None:
    store = open_store("embedded:")
    first = Owner(store, 0)
    first.handle("a")
    first.commit(1)
    first.handle("a", "a")
    first.flush(3)  # and killed here

    assert Owner(store, 1).state["a"] == 1


def test_a_replay_of_the_batch_gives_the_sum_once() -> None:
    store = open_store("embedded:")
    killed = Owner(store, 0)
    killed.handle("a", "a", "a")
    killed.flush(3)
    heir = Owner(store, 0)
    heir.handle("a")
    heir.commit(1)
    heir.handle("a", "a")
    heir.commit(3)

    assert Owner(store, 3).state["a"] == 3


def test_an_unfinished_record_that_was_only_read_is_taken_back() -> None:
    store = open_store("embedded:")
    killed = Owner(store, 0)
    killed.handle("a", "b")
    killed.flush(2)
    heir = Owner(store, 0)
    assert "a" not in heir.state
    heir.commit(2)  # the message on "a" was set aside this time

    assert "a" not in Owner(store, 2).state


def test_an_owner_of_before_is_refused() -> None:
    store = open_store("embedded:")
    zombie = Owner(store, 0)
    zombie.handle("a")
    owner = Owner(store, 0)

    with pytest.raises(Conflict, match="taken over by another instance"):
        zombie.flush(1)
    owner.handle("a")
    owner.commit(1)
    assert Owner(store, 1).state["a"] == 1


def test_a_zombie_that_wakes_up_between_journal_and_records_is_refused() -> None:
    store = SleepyStore()
    zombie = Owner(store, 0)
    zombie.handle("a", "b")
    owners: list[Owner] = []
    store.before_write = [lambda: None, lambda: owners.append(Owner(store, 0))]

    with pytest.raises(Conflict, match="changed by another instance"):
        zombie.flush(2)
    assert owners[0].state.get_many(["a", "b"]) == {}


def test_a_message_that_is_set_aside_in_the_replay_leaves_nothing_of_its_first_attempt() -> None:
    store = open_store("embedded:")
    killed = Owner(store, 0)
    killed.handle("a", "b")
    killed.flush(2)
    heir = Owner(store, 0)
    heir.handle("b")  # the message on "a" was set aside before its handler had read anything
    heir.commit(2)

    assert Owner(store, 2).state.get_many(["a", "b"]) == {"b": 1}


def test_what_a_failed_call_changed_is_undone() -> None:
    owner = Owner(open_store("embedded:"), 0)
    owner.handle("a")
    owner.state.enter(0)
    owner.state["a"] = 100
    owner.state.undo()

    assert owner.state["a"] == 1


def test_a_removed_key_is_gone_and_comes_back_if_the_batch_never_finished() -> None:
    store = open_store("embedded:")
    owner = Owner(store, 0)
    owner.handle("a")
    owner.commit(1)
    owner.state.enter(0)
    del owner.state["a"]
    owner.state.prepare()
    owner.state.keep()
    assert "a" not in owner.state
    owner.flush(2)

    assert Owner(store, 1).state["a"] == 1


def test_removing_an_absent_key_is_a_key_error() -> None:
    state = Owner(open_store("embedded:"), 0).state
    with pytest.raises(KeyError):
        del state["a"]
    with pytest.raises(KeyError):
        state["a"]


def test_a_full_cache_is_emptied_and_nothing_is_lost() -> None:
    store = open_store("embedded:")
    owner = Owner(store, 0)
    owner.state = FencedState(store, "sums", cache_bytes=1)
    owner.state.begin(owner.committed, next(GENERATIONS))
    for reached in range(1, 4):
        owner.handle("a", "b")
        owner.commit(2 * reached)

    assert owner.state.get_many(["a", "b"]) == {"a": 3, "b": 3}


def test_an_owner_that_slept_before_it_began_takes_nothing_back() -> None:
    store = open_store("embedded:")
    late = next(GENERATIONS)
    owner = Owner(store, 0)
    owner.handle("a")
    owner.commit(1)
    sleeper: FencedState[int] = FencedState(store, "sums")

    with pytest.raises(Conflict, match="a later owner"):
        sleeper.begin({NUMBERS: Position(0)}, late)
    assert Owner(store, 1).state["a"] == 1


def test_a_value_that_was_got_may_be_changed_without_harm() -> None:
    store = open_store("embedded:")
    state: FencedState[list[int]] = FencedState(store, "lists")
    state.begin({NUMBERS: Position(0)}, next(GENERATIONS))
    state.enter(0)
    state["a"] = [1]
    state.prepare()
    state.keep()
    state["a"].append(2)

    assert state["a"] == [1]


@pytest.mark.parametrize("key", ["\0a", 7, None])
def test_a_key_that_cannot_be_one_is_refused_at_once(key: Any) -> None:
    state = Owner(open_store("embedded:"), 0).state
    with pytest.raises((TypeError, ValueError), match="a State key"):
        state[key] = 1
