"""State on a model of an Aerospike server that is killed while it flushes: exact or refused, never wrong.

`aerospike_record` pads its records so that one device loses the newest writes first, and NodeState counts
them so that a hole is seen. Each is taken away on purpose here, to see that the other one is needed.
"""

import random
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from catenae.brokers import open_broker
from catenae.errors import StateLost, StoreUnavailable
from catenae.runtime import survey
from catenae.testing import FakeClock
from tests.examples import share
from tests.unit.runtime.tally import World, require_exact

pytest.importorskip("aerospike", reason="the extra aerospike is not installed")

from catenae.stores import aerospike_record as record
from catenae.stores.aerospike import AerospikeStore
from tests.unit.stores.flushing_cluster import FlushingCluster

pytestmark = pytest.mark.hypothesis

NUMBERS = st.lists(st.integers(1, 99), min_size=1, max_size=8)
KEEPS = st.lists(st.integers(0, 12), min_size=2, max_size=2)


class Patient(World):
    """A world whose instances try again when the store was restarted under their hands."""

    def step(self, slot: int, crash: str = "none") -> None:
        try:
            super().step(slot, crash)
        except StoreUnavailable:
            self.instances[slot].session.crash = "none"


class KilledServer(RuleBasedStateMachine):
    """Writes, steps, flushes and kills in any order; at the end all is exact, unless it was refused."""

    devices = 1

    def __init__(self) -> None:
        super().__init__()
        clock = FakeClock()
        self._broker = open_broker("embedded:", clock)
        self.cluster = FlushingCluster(self.devices)
        self._world = Patient(self._broker, clock, AerospikeStore(self.cluster, clock))
        self.refused: StateLost | None = None

    @rule(numbers=NUMBERS)
    def write(self, numbers: Sequence[int]) -> None:
        self._world.write("numbers", *numbers)

    @rule(slot=st.integers(0, 1), crash=st.sampled_from(["none"] * 4 + ["before commit", "after commit"]))
    def step(self, slot: int, crash: str) -> None:
        if self.refused is None:
            try:
                self._world.step(slot, crash)
            except StateLost as error:
                self.refused = error

    @rule()
    def idle(self) -> None:
        self._world.clock.advance(6.0)
        self.step(0, "none")

    @rule()
    def flush(self) -> None:
        self.cluster.flush()

    @rule(keeps=KEEPS)
    def kill(self, keeps: Sequence[int]) -> None:
        self.cluster.kill(keeps)

    def teardown(self) -> None:
        try:
            if self.refused is None:
                self._world.drain()
                require_exact(self._world)
        except StateLost as error:
            self.refused = error
        finally:
            self._broker.close()


class LastWritesLost(KilledServer):
    """The same, where nothing has to be refused."""

    def teardown(self) -> None:
        super().teardown()
        assert self.refused is None


class KilledWithin(KilledServer):
    """The same, with kills at any moment of a step too."""

    @rule(dies_in=st.integers(0, 8), keeps=KEEPS, slot=st.integers(0, 1))
    def die(self, dies_in: int, keeps: Sequence[int], slot: int) -> None:
        self.cluster.dies_in, self.cluster.keeps = dies_in, keeps
        self.step(slot, "none")
        self.cluster.dies_in = None


class SeveralDevices(KilledWithin):
    """The same, where each of two devices loses its own last writes: no padding keeps those in order."""

    devices = 2


SOME = settings(
    max_examples=share(15), stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)


@pytest.mark.lengthy
def test_a_server_that_loses_its_last_writes_costs_nothing() -> None:
    run_state_machine_as_test(LastWritesLost, settings=SOME)


@pytest.mark.lengthy
@pytest.mark.parametrize("machine", [KilledWithin, SeveralDevices])
def test_a_server_that_is_killed_at_any_moment_leads_to_no_wrong_sum(machine: type[KilledServer]) -> None:
    run_state_machine_as_test(machine, settings=SOME)


# What is taken away on purpose shows within the first of these at most; what must not happen, never.
LEAST, MOST = share(20), 20


def played(machine: type[KilledServer], seed: int) -> str:
    """Return what becomes of State that is killed after a few batches: right, refused or wrong."""
    chance = random.Random(seed)
    run = machine()
    for _ in range(6):
        run.write([chance.randint(1, 99) for _ in range(3)])
        run.step(0, "none")
        run.step(1, "none")
        if chance.random() < 0.3:
            run.flush()
    run.kill([chance.randint(0, 6), chance.randint(0, 6)])
    try:
        run.teardown()
    except AssertionError:
        return "wrong"
    return "right" if run.refused is None else "refused"


def outcomes(machine: type[KilledServer], awaited: str) -> set[str]:
    """Return what becomes of State in several runs: as many as it takes, and `LEAST`."""
    found: set[str] = set()
    for seed in range(MOST):
        if seed >= LEAST and awaited in found:
            break
        found.add(played(machine, seed))
    return found


@pytest.fixture
def no_padding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record, "padding", lambda _: b"")


@pytest.fixture
def no_counting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(survey, "_count", lambda *_: None)


@pytest.mark.lengthy
def test_with_both_all_is_right() -> None:
    assert outcomes(KilledServer, "right") == {"right"}


@pytest.mark.lengthy
@pytest.mark.usefixtures("no_padding")
def test_a_hole_that_no_padding_prevents_is_seen() -> None:
    assert outcomes(KilledServer, "refused") - {"right"} == {"refused"}


@pytest.mark.lengthy
@pytest.mark.usefixtures("no_padding", "no_counting")
def test_without_padding_and_counting_sums_are_wrong() -> None:
    assert "wrong" in outcomes(KilledServer, "wrong")


@pytest.mark.lengthy
def test_a_hole_that_padding_cannot_prevent_is_seen() -> None:
    assert outcomes(SeveralDevices, "refused") - {"right"} == {"refused"}


@pytest.mark.lengthy
@pytest.mark.usefixtures("no_counting")
def test_without_counting_sums_are_wrong_where_padding_cannot_help() -> None:
    assert "wrong" in outcomes(SeveralDevices, "wrong")
