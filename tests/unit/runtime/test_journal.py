"""Entries that no record of a store holds, names that must not stay, and entries of an earlier release."""

from collections.abc import Sequence
from typing import Any

import pytest

from catenae.codec.packing import pack
from catenae.errors import Conflict, StateLost
from catenae.runtime.journal import Journal, JournalEntry, Keys
from catenae.store import Store, Write
from catenae.stores.memory import MemoryStore

LIMIT_BYTES = 2000
MANY = {"sums": {f"{'user' * 20}{number:04}": number for number in range(200)}}


class SmallStore(MemoryStore):
    """A store of small records, in which a process can die before any of its writes."""

    dies_in: int | None = None

    @property
    def max_value_bytes(self) -> Any:
        return LIMIT_BYTES

    def compare_and_put(self, namespace: str, writes: Sequence[Write]) -> dict[str, int]:
        if self.dies_in is not None:
            self.dies_in -= 1
            if self.dies_in < 0:
                raise Killed
        assert all(len(each.value) <= LIMIT_BYTES for each in writes)
        return super().compare_and_put(namespace, writes)


class Killed(Exception):
    """Stands for `kill -9`."""


def entry(batch: int, keys: Keys = MANY) -> JournalEntry:
    return JournalEntry(1, batch, {"texts": batch}, keys, others={"sums": 7})


def journal(store: Store) -> Journal:
    opened = Journal(store, "node")
    opened.read([0, 1])
    return opened


def test_an_entry_of_more_keys_than_a_record_holds_comes_back_whole() -> None:
    store = SmallStore()
    journal(store).write({0: entry(5), 1: entry(5, {})})

    assert Journal(store, "node").read([0, 1]) == {0: entry(5), 1: entry(5, {})}
    assert Journal(store, "node").numbers() == [0, 1]


@pytest.mark.parametrize("writes", range(15))
def test_killed_between_the_parts_the_last_entry_is_there(writes: int) -> None:
    store = SmallStore()
    writer = journal(store)
    writer.write({0: entry(5)})
    store.dies_in = writes
    with pytest.raises(Killed):
        writer.write({0: entry(6)})
    store.dies_in = None

    last = Journal(store, "node").read([0])[0]
    assert last in (entry(5), entry(6))
    assert last == entry(5) or writes > 9


@pytest.mark.parametrize("keys", [{}, MANY])
def test_whoever_comes_next_may_write_after_a_kill_between_the_parts(keys: Keys) -> None:
    for writes in range(12):
        store = SmallStore()
        writer = journal(store)
        writer.write({0: entry(5)})
        store.dies_in = writes
        with pytest.raises(Killed):
            writer.write({0: entry(6)})
        store.dies_in = None
        heir = journal(store)
        heir.write({0: entry(7, keys)})
        heir.write({0: entry(8)})

        assert Journal(store, "node").read([0]) == {0: entry(8)}


def test_an_owner_of_before_spoils_no_part() -> None:
    store = SmallStore()
    zombie = journal(store)
    zombie.write({0: entry(5)})
    owner = journal(store)
    owner.write({0: entry(6)})
    with pytest.raises(Conflict):
        zombie.write({0: entry(7)})

    assert Journal(store, "node").read([0]) == {0: entry(6)}


def test_a_part_that_is_lost_is_seen() -> None:
    store = SmallStore()
    journal(store).write({0: entry(5)})
    parts = [key for key, _ in store.scan("node") if key.count("\0") > 1]
    store.put("node", parts[1], pack([4, b"of before"]))

    with pytest.raises(StateLost, match="lost a part of it"):
        Journal(store, "node").read([0])


def test_parts_name_nobody_once_the_entry_does_not() -> None:
    store = SmallStore()
    writer = journal(store)
    writer.write({0: entry(5)})
    writer.write({0: entry(6, {"sums": {"ann": 5}})})

    assert not any(b"user" in each.value for _, each in store.scan("node"))


def test_the_entry_of_an_earlier_release_names_no_predecessors() -> None:
    store = MemoryStore()
    store.put("node", "\0" + "0", pack([1, 5, {"texts": 5}, {"sums": ["ann"]}, False]))

    assert Journal(store, "node").read([0])[0].keys == {"sums": {"ann": -1}}
