"""What is kept of one key, itself and in parts; and whose keys a handler may write."""

import sys
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catenae import Message, Middle, Node, State, Topology
from catenae.runtime.erasing_keys import erase_keys
from catenae.runtime.state import FencedState
from catenae.runtime.state_names import key_of, name_of, owner_of
from catenae.store import Store
from catenae.stores import open_store
from catenae.testing import MemoryState, drain
from tests.unit.runtime.test_forgotten_state import Node as Owners
from tests.unit.runtime.test_forgotten_state import held

TEXT = st.text(st.sampled_from("ab\0é"), max_size=4)
STEPS = st.lists(
    st.tuples(st.sampled_from(["ann", "bob"]), st.sampled_from(["", "x", "y", "forget"]), st.booleans())
)
STATES: list[Callable[[], State[Any]]] = [MemoryState, lambda: FencedState(open_store("embedded:"), "sums")]


@pytest.mark.parametrize("state_of", STATES)
@given(STEPS)
def test_a_state_is_a_dict_of_keys_and_of_keys_with_sub_keys(
    state_of: Callable[[], State[Any]], steps: list[tuple[str, str, bool]]
) -> None:
    state, model = state_of(), dict[Any, int]()
    for number, (key, part, is_set) in enumerate(steps):
        place: Any = (key, part) if part else key
        if part == "forget":
            state.forget(key)
            model = {each: value for each, value in model.items() if each != key and each[0] != key}
        elif is_set:
            state[place] = model[place] = number
        elif place in model:
            del state[place], model[place]
    for key in ("ann", "bob"):
        assert state.get(key) == model.get(key)
        assert state.items(key) == [(part, model[key, part]) for part in "xy" if (key, part) in model]


@given(TEXT, TEXT)
def test_a_name_says_whose_it_is_and_is_nobody_elses(key: str, sub_key: str) -> None:
    for given_key in (key, (key, sub_key)):
        try:
            name = name_of(given_key)
        except ValueError:
            continue
        assert (key_of(name), owner_of(name)) == (given_key, key)


@pytest.mark.parametrize("sub_key", ["", "a\0b", 7, None])
def test_a_sub_key_that_cannot_be_one_is_refused_at_once(sub_key: Any) -> None:
    with pytest.raises((TypeError, ValueError), match="a State sub-key"):
        MemoryState[int]()["ann", sub_key] = 1


def test_parts_of_a_key_are_there_for_the_next_owner_until_they_are_forgotten() -> None:
    owners = Owners()
    owners.do("ann", "herself")
    for part in ("likes", "hates"):
        owners.do(("ann", part), part)
    owners.take_over()
    assert owners.state.items("ann") == [("hates", "hates"), ("likes", "likes")]

    owners.do("ann", None)
    owners.take_over()
    assert ("ann" in owners.state, owners.state.items("ann")) == (False, [])


def test_erasing_a_key_erases_its_parts_without_being_told_of_them() -> None:
    owners = Owners()
    for key in ("ann", "bob"):
        owners.do((key, "likes"), f"tea, {key}")
    erase_keys(owners.store, "ann".__eq__)
    owners.take_over()

    assert b"ann" not in held(owners.store)
    assert [owners.state.items(key) for key in ("ann", "bob")] == [[], [("likes", "tea, bob")]]


def test_state_under_names_made_from_the_key_is_read_as_a_release_before_wrote_it() -> None:
    store: Store = open_store("embedded:")
    owners = Owners(store)
    owners.do("ann:daily", "tea")

    assert [key for key, _ in store.scan("node.texts")] == ["ann:daily"]
    owners.take_over()
    assert owners.state["ann:daily"] == "tea"


class Total(Middle):
    """Counts everything under one key: what nobody may do who has several partitions."""

    def __init__(self, total: State[int]) -> None:
        self._total = total

    def transform(self, message: Message) -> Iterator[Message]:
        self._total["total"] = self._total.get("total", 0) + 1
        self._total[message.key, "own"] = 1
        yield message.derive(self._total["total"])


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> Topology:
    module = ModuleType("counting")
    vars(module)["Total"] = Total
    monkeypatch.setitem(sys.modules, "counting", module)
    node = Node("total", "counting:Total", reads="clicks", writes="totals")
    return Topology("counting", nodes=(node,), partitions=2, external=("clicks", "totals"))


def test_a_key_that_another_partition_has_written_is_refused_and_what_to_do_is_said(
    counting: Topology,
) -> None:
    clicks = [Message("click", key) for key in ("a", "b", "c", "d", "a", "b")]

    written = drain(counting, {"clicks": clicks}, expect_errors=True)

    refused = written["clicks.dead"]
    assert len({each.partition for each in refused}) == 1
    assert [each.value for each in written["totals"]] == list(range(1, len(clicks) - len(refused) + 1))
    for each in refused:
        assert each.headers["dead-reason"] == b"KeyElsewhere"
        assert b"state[message.key, 'part']" in each.headers["dead-error"]
