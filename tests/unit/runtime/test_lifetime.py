"""State that is kept for a while: to whom it is gone and when, and what is left of it in the store."""

from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from pathlib import Path

import pytest

from catenae import Node as Declared
from catenae import State, Topology
from catenae.config import read_settings
from catenae.errors import TopologyError
from catenae.operating.check import check
from catenae.running.local.unused_pages import empty_unused_pages
from catenae.runtime.lifetime import Lifetime, value_of
from catenae.runtime.sweeping import FENCES_FOR_S, LEAST_PERIOD_S
from catenae.store import Store, Write
from catenae.stores import open_store
from catenae.testing import FakeClock, MemoryState
from tests.unit.runtime.test_forgotten_state import Node, RestartingStore, held

TTL_S = 100.0
TEXT = "what she wrote"
ANN = "ann_of_green_gables"


class Killed(Exception):
    """Stands for `kill -9`: whatever comes after it does not happen."""


class DyingStore(RestartingStore):
    """A store whose user is killed at its `dies_at`-th request to write or to delete."""

    dies_at = -1

    def compare_and_put(self, namespace: str, writes: Sequence[Write]) -> dict[str, int]:
        self._live_on()
        return super().compare_and_put(namespace, writes)

    def delete(self, namespace: str, key: str) -> None:
        self._live_on()
        super().delete(namespace, key)

    def _live_on(self) -> None:
        self.dies_at -= 1
        if self.dies_at == 0:
            raise Killed


def node_of(store: Store | None = None) -> Node:
    return Node(store or RestartingStore(), TTL_S)


def sweep(node: Node, after_s: float) -> None:
    """Let time pass for a node that has nothing to do, and let it look through its State."""
    node.clock.advance(after_s)
    for _ in range(3):
        node.idle()


def names(store: Store) -> bytes:
    return b"".join(key.encode() for name in store.namespaces() for key, _ in store.scan(name))


@pytest.mark.parametrize("key", [ANN, (ANN, "likes")])
def test_a_value_is_read_until_its_moment_and_never_after_it(key: str | tuple[str, str]) -> None:
    node = node_of()
    node.do(key, TEXT)
    node.clock.advance(TTL_S - 0.001)
    assert node.state.get(key) == TEXT

    node.clock.advance(0.001)
    assert key not in node.state
    assert (node.state.get(key), node.state.get_many([ANN]), node.state.items(ANN)) == (None, {}, [])


def test_a_value_that_is_written_again_lives_as_long_again() -> None:
    node = node_of()
    node.do(ANN, TEXT)
    node.clock.advance(TTL_S - 1)
    node.do(ANN, TEXT)
    node.clock.advance(TTL_S - 1)

    assert node.state[ANN] == TEXT


@pytest.mark.parametrize("then", [lambda _: None, Node.take_over])
@pytest.mark.parametrize("key", [ANN, (ANN, "likes")])
def test_nothing_of_it_is_left_in_the_store(key: str | tuple[str, str], then: Callable[[Node], None]) -> None:
    node = node_of()
    node.do(key, TEXT)
    sweep(node, TTL_S + LEAST_PERIOD_S)
    then(node)
    assert TEXT.encode() not in held(node.store)

    sweep(node, FENCES_FOR_S + LEAST_PERIOD_S)
    assert ANN.encode() not in held(node.store) + names(node.store)


def test_while_there_is_work_it_is_looked_through_too() -> None:
    node = node_of()
    node.do(ANN, TEXT)
    node.clock.advance(TTL_S + LEAST_PERIOD_S)
    for text in ("his", "and", "more"):
        node.do("bob", text)
        node.clock.advance(1)

    assert TEXT.encode() not in held(node.store)
    assert node.state["bob"] == "more"


@pytest.mark.parametrize("dies_at", range(1, 12))
def test_killed_at_any_moment_of_it_the_next_owner_finds_state_whole(dies_at: int) -> None:
    store = DyingStore()
    node = node_of(store)
    for key in (ANN, (ANN, "likes")):
        node.do(key, TEXT)
    node.clock.advance(TTL_S + FENCES_FOR_S)
    for _ in range(4):
        store.dies_at = dies_at
        with suppress(Killed):
            sweep(node, FENCES_FOR_S)
            node.do("bob", "his")
        store.dies_at = -1
        store.starts += 1  # so that the next owner counts all records
        node.take_over()
    for _ in range(2):
        sweep(node, FENCES_FOR_S + LEAST_PERIOD_S)
    node.do("bob", "hers")

    assert node.state.get("bob") == "hers"
    assert ANN.encode() not in held(store) + names(store)


def test_an_owner_of_before_does_not_bring_back_what_was_let_go() -> None:
    node = node_of()
    late = Node(node.store, TTL_S)
    node.take_over()
    node.do(ANN, TEXT)
    sweep(node, TTL_S + LEAST_PERIOD_S)
    sweep(node, FENCES_FOR_S + LEAST_PERIOD_S)

    with pytest.raises(Exception, match="taken over"):
        late.put(ANN, "of long ago")


def test_an_instance_that_owns_nothing_any_more_removes_nothing() -> None:
    node = node_of()
    node.do(ANN, TEXT)
    sweep(node, TTL_S + LEAST_PERIOD_S)
    node.own_nothing()
    sweep(node, FENCES_FOR_S + LEAST_PERIOD_S)

    assert ANN.encode() in names(node.store)


def test_what_was_written_before_the_state_had_a_lifetime_lives_on_from_now() -> None:
    node = Node()
    node.do(ANN, TEXT)
    node.lifetime = Lifetime(TTL_S, node.clock)
    node.take_over()
    sweep(node, 1)
    assert node.state[ANN] == TEXT

    node.clock.advance(TTL_S + 1)
    assert ANN not in node.state


def test_state_that_has_no_lifetime_any_more_is_kept() -> None:
    node = node_of()
    node.do(ANN, TEXT)
    node.lifetime = None
    node.take_over()
    node.clock.advance(10 * TTL_S)

    assert node.state[ANN] == TEXT


def test_a_set_back_clock_neither_loses_nor_repeats() -> None:
    node = node_of()
    node.do(ANN, TEXT)
    sweep(node, TTL_S + LEAST_PERIOD_S)
    node.clock.set(node.clock.now_s() - 10 * TTL_S)

    assert ANN not in node.state


def test_a_double_has_a_lifetime_too() -> None:
    clock = FakeClock()
    seen: State[str] = MemoryState({"ann": TEXT}, ttl_s=TTL_S, clock=clock)
    clock.advance(TTL_S)

    assert "ann" not in seen


def test_a_stamp_is_no_value_that_was_ever_packed() -> None:
    lifetime = Lifetime(TTL_S, FakeClock())

    assert [value_of(lifetime.stamped(each, 5)) for each in (b"\xa1x", b"", None)] == [b"\xa1x", None, None]
    assert [value_of(each) for each in (b"\xa1x", None)] == [b"\xa1x", None]


@pytest.mark.parametrize("ttl_s", [0, -1, float("inf"), float("nan")])
def test_a_lifetime_that_is_none_is_refused(ttl_s: float) -> None:
    with pytest.raises(TopologyError, match="needs seconds, more than 0"):
        Declared("keep", "catenae:Middle", "texts", "out", ttl_s={"seen": ttl_s})


def test_a_lifetime_of_no_state_is_found_by_check() -> None:
    node = Declared("timed", "tests.storm.services:Ledger", "texts", "out", timers="bells", ttl_s={"sum": 60})
    topology = Topology("demo", (node,), external=("texts", "out"))

    (found,) = check(topology)
    assert "asks for no State of that name; did you mean 'sums'?" in str(found)


def test_the_next_start_leaves_no_byte_of_it_in_the_file(tmp_path: Path) -> None:
    settings = read_settings({}, {"store": f"embedded:{tmp_path}/store?map_size_mb=64"})
    with closing(open_store(settings.store)) as store:
        node = node_of(store)
        for key in (ANN, (ANN, "likes")):
            node.do(key, TEXT)
        node.do("bob", "his")
        for _ in range(2):
            node.do("bob", "his")
            sweep(node, FENCES_FOR_S + LEAST_PERIOD_S)
            node.do("bob", "his")
        assert ANN.encode() not in held(store) + names(store)
    keeps = Declared("node", "tests.storm.services:Ledger", "texts", "out", ttl_s={"sums": TTL_S})
    empty_unused_pages(Topology("demo", (keeps,), external=("texts", "out")), settings)

    data = (tmp_path / "store" / "data.mdb").read_bytes()
    assert [ANN.encode() in data, TEXT.encode() in data, b"his" in data] == [False, False, True]
