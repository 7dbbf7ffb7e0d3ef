from collections.abc import Callable, Mapping, Sequence
from itertools import count
from typing import Any, cast

import pytest

from catenae.broker import Notes, Position
from catenae.errors import Conflict, RecordTooLarge
from catenae.message import TopicPartition
from catenae.runtime.history import History
from catenae.runtime.node_state import LOOK_EVERY_S, NodeState
from catenae.runtime.state import FencedState
from catenae.store import Store, Write
from catenae.stores import open_store
from catenae.stores.memory import MemoryStore
from catenae.testing import FakeClock

NUMBERS = TopicPartition("numbers", 0)
GENERATIONS = count(1)


class Group:
    """What owners of one partition have in common: a store, and how far they have committed."""

    def __init__(self, store: Store | None = None) -> None:
        self.store = store or open_store("embedded:")
        self.committed: Mapping[TopicPartition, Position] = {NUMBERS: Position(0)}
        self.clock = FakeClock()

    def owner(self, cache_bytes: int = 1000) -> "Owner":
        return Owner(self, cache_bytes)


class Owner:
    """An instance that owns a partition, reduced to what its State sees: each message adds 1 to a key."""

    def __init__(self, group: Group, cache_bytes: int) -> None:
        self._group = group
        self.state: FencedState[int] = FencedState(group.store, "sums", cache_bytes)
        history = cast("History", None)  # nothing is lost here
        self.all = NodeState(group.store, "node", {"sums": self.state}, history, group.clock)
        self.all.stand_on(group.committed, next(GENERATIONS))

    def handle(self, *keys: str) -> None:
        for key in keys:
            self.state.enter(0)
            self.state[key] = self.state.get(key, 0) + 1
            self.state.prepare()
            self.state.keep()

    def flush(self) -> Notes:
        return self.all.flush()

    def commit(self, reached: int) -> None:
        note = self.flush().get(0, self._group.committed[NUMBERS].note)
        self._group.committed = {NUMBERS: Position(reached, note)}
        self.all.settle(self._group.committed)


class SleepyStore(MemoryStore):
    """A store in which something happens before each of the next writes, and after."""

    def __init__(self) -> None:
        super().__init__()
        self.before_write: list[Callable[[], None]] = []
        self.after_write: list[Callable[[], None]] = []

    def compare_and_put(self, namespace: str, writes: Sequence[Write]) -> dict[str, int]:
        if self.before_write:
            self.before_write.pop(0)()
        written = super().compare_and_put(namespace, writes)
        if self.after_write:
            self.after_write.pop(0)()
        return written


def test_what_a_batch_wrote_is_there_for_the_next_owner() -> None:
    group = Group()
    first = group.owner()
    first.handle("a", "a", "b")
    first.commit(3)

    assert group.owner().state.get_many(["a", "b", "c"]) == {"a": 2, "b": 1}


def test_a_batch_that_was_flushed_and_never_committed_counts_for_nothing() -> None:
    group = Group()
    first = group.owner()
    first.handle("a")
    first.commit(1)
    first.handle("a", "a")
    first.flush()  # and killed here

    assert group.owner().state["a"] == 1


def test_a_replay_of_the_batch_gives_the_sum_once() -> None:
    group = Group()
    killed = group.owner()
    killed.handle("a", "a", "a")
    killed.flush()
    heir = group.owner()
    heir.handle("a")
    heir.commit(1)
    heir.handle("a", "a")
    heir.commit(3)

    assert group.owner().state["a"] == 3


def test_an_unfinished_record_that_was_only_read_is_taken_back() -> None:
    group = Group()
    killed = group.owner()
    killed.handle("a", "b")
    killed.flush()
    heir = group.owner()
    assert "a" not in heir.state
    heir.commit(2)  # the message on "a" was set aside this time

    assert "a" not in group.owner().state


def test_a_batch_that_was_not_committed_is_taken_back_however_long_its_owner_has_owned_nothing() -> None:
    group = Group()
    first = group.owner()
    first.handle("a")
    first.flush()
    first.all.abandon()
    first.all.stand_on({}, next(GENERATIONS))
    group.clock.advance(LOOK_EVERY_S)
    first.all.look()

    assert "a" not in group.owner().state


def test_who_owns_nothing_does_not_ask_whether_the_store_has_lost_something() -> None:
    group = Group()
    first = group.owner()
    group.committed = {}
    second = group.owner()
    group.clock.advance(LOOK_EVERY_S)
    second.all.look()

    first.handle("a")
    assert first.flush()


def test_an_owner_that_is_fenced_while_it_takes_back_undoes_nothing_of_the_next_one() -> None:
    store = SleepyStore()
    group = Group(store)
    killed = group.owner()
    killed.handle("a")
    killed.flush()

    def next_owner() -> None:
        owner = group.owner()
        owner.handle("a")
        owner.commit(1)

    store.after_write = [next_owner]
    with pytest.raises(Conflict):
        group.owner()

    assert group.owner().state["a"] == 1


def test_an_owner_of_before_is_refused() -> None:
    group = Group()
    zombie = group.owner()
    zombie.handle("a")
    owner = group.owner()

    with pytest.raises(Conflict, match="taken over by another instance"):
        zombie.flush()
    owner.handle("a")
    owner.commit(1)
    assert group.owner().state["a"] == 1


def test_a_zombie_that_wakes_up_between_journal_and_records_is_refused() -> None:
    store = SleepyStore()
    group = Group(store)
    zombie = group.owner()
    zombie.handle("a", "b")
    owners: list[Owner] = []
    store.before_write = [lambda: None, lambda: owners.append(group.owner())]

    with pytest.raises(Conflict, match="changed by another instance"):
        zombie.flush()
    assert owners[0].state.get_many(["a", "b"]) == {}


def test_a_message_that_is_set_aside_in_the_replay_leaves_nothing_of_its_first_attempt() -> None:
    group = Group()
    killed = group.owner()
    killed.handle("a", "b")
    killed.flush()
    heir = group.owner()
    heir.handle("b")  # the message on "a" was set aside before its handler had read anything
    heir.commit(2)

    assert group.owner().state.get_many(["a", "b"]) == {"b": 1}


def test_what_a_failed_call_changed_is_undone() -> None:
    owner = Group().owner()
    owner.handle("a")
    owner.state.enter(0)
    owner.state["a"] = 100
    owner.state.undo()

    assert owner.state["a"] == 1


def test_a_removed_key_is_gone_and_comes_back_if_the_batch_never_finished() -> None:
    group = Group()
    owner = group.owner()
    owner.handle("a")
    owner.commit(1)
    owner.state.enter(0)
    del owner.state["a"]
    owner.state.prepare()
    owner.state.keep()
    assert "a" not in owner.state
    owner.flush()

    assert group.owner().state["a"] == 1


def test_removing_an_absent_key_is_a_key_error() -> None:
    state = Group().owner().state
    with pytest.raises(KeyError):
        del state["a"]
    with pytest.raises(KeyError):
        state["a"]


def test_a_full_cache_is_emptied_and_nothing_is_lost() -> None:
    group = Group()
    owner = group.owner(cache_bytes=1)
    for reached in range(1, 4):
        owner.handle("a", "b")
        owner.commit(2 * reached)

    assert owner.state.get_many(["a", "b"]) == {"a": 3, "b": 3}


def test_an_owner_that_slept_before_it_began_takes_nothing_back() -> None:
    group = Group()
    sleeper = group.owner()
    late = next(GENERATIONS)
    owner = group.owner()
    owner.handle("a")
    owner.commit(1)

    with pytest.raises(Conflict, match="a later owner"):
        sleeper.all.stand_on({NUMBERS: Position(0)}, late)
    assert group.owner().state["a"] == 1


def test_a_value_that_was_got_may_be_changed_without_harm() -> None:
    state = cast("FencedState[list[int]]", Group().owner().state)
    state.enter(0)
    state["a"] = [1]
    state.prepare()
    state.keep()
    state["a"].append(2)

    assert state["a"] == [1]


@pytest.mark.parametrize("key", ["\0a", 7, None])
def test_a_key_that_cannot_be_one_is_refused_at_once(key: Any) -> None:
    state = Group().owner().state
    with pytest.raises((TypeError, ValueError), match="a State key"):
        state[key] = 1


@pytest.mark.parametrize("is_committed", [True, False])
def test_a_batch_may_change_more_keys_than_a_record_of_the_store_can_name(*, is_committed: bool) -> None:
    group = Group(SmallStore())
    keys = [f"{number:04}" * 275 for number in range(1000)]
    first = group.owner()
    first.handle(*keys)
    if is_committed:
        first.commit(1000)
    else:
        first.flush()
    heir = group.owner()
    heir.handle(*keys)
    heir.commit(2000)

    sums = group.owner().state.get_many(keys)
    assert sums == dict.fromkeys(keys, 2 if is_committed else 1)


class SmallStore(MemoryStore):
    """A store whose records take a mebibyte, as Aerospike's."""

    @property
    def max_value_bytes(self) -> Any:
        return 1024 * 1024

    def compare_and_put(self, namespace: str, writes: Sequence[Write]) -> dict[str, int]:
        assert all(len(each.value) <= self.max_value_bytes for each in writes)
        return super().compare_and_put(namespace, writes)


def test_a_key_that_no_record_takes_is_refused_before_anything_is_written() -> None:
    owner = Group(SmallStore()).owner()
    owner.state.enter(0)
    owner.state["k" * 1_100_000] = 1

    with pytest.raises(RecordTooLarge):
        owner.state.prepare()
