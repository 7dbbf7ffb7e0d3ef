"""Trials as data: what a seed gives, how it is repeated and shortened, and the clock that is stepped."""

import argparse
import itertools
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.chaos.clock import SteppedClock, can_be_stepped
from tests.chaos.mishaps import KINDS, mishaps
from tests.chaos.shapes import bank, dispensable, fed_from_outside, lessened, shape
from tests.chaos.shrinking import shrink
from tests.chaos.trial import Trial, add_arguments, trial_of

SEEDS = range(40)


def parsed(arguments: list[str]) -> Trial:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return trial_of(parser.parse_args(arguments))


def everywhere(seed: int) -> Trial:
    return Trial(seed, broker="kafka", documents="mongodb")


def test_the_arguments_of_a_trial_make_it_again() -> None:
    trial = Trial(
        7, "bank", 0.5, "kafka", "kafka-python", 3, "mongodb", 40.0, ("kill", "fill disk"), (1, 4), ("keep",)
    )

    assert parsed(trial.arguments()) == trial


def test_a_seed_gives_the_same_again_and_another_seed_something_else() -> None:
    again = [(shape("drawn", seed, (), Path()), tuple(mishaps(Trial(seed)))) for seed in (1, 1, 2)]

    assert again[0] == again[1]
    assert again[0][0] != again[2][0]
    assert again[0][1] != again[2][1]


def test_seeds_draw_all_that_there_is() -> None:
    nodes = [node for seed in SEEDS for node in shape("drawn", seed, (), Path()).nodes]

    assert {node.service.rpartition(":")[2] for node in nodes} == {"Ticks", "Fan", "Sum", "Ledger", "Keep"}
    assert {node.input_mode for node in nodes} == {"parity", "exponential"}
    assert max(node.concurrency for node in nodes) > 1
    assert any(len(node.inputs) > 1 and any(each.delay_s for each in node.inputs) for node in nodes)
    assert any({each.topic for each in node.inputs} & set(node.outputs.values()) for node in nodes)
    assert {each.kind for seed in SEEDS for each in mishaps(everywhere(seed))} == KINDS.keys()


def test_what_cannot_be_had_leaves_all_else_as_it_was() -> None:
    everything = mishaps(Trial(3))

    assert mishaps(Trial(3), ["kill"]) == [each for each in everything if each.kind == "kill"]


def test_the_broker_is_in_the_hands_of_one_mishap_at_a_time() -> None:
    for seed in SEEDS:
        alone = [each for each in mishaps(Trial(seed, broker="kafka")) if KINDS[each.kind].is_alone]
        assert all(one.at_s + one.seconds < other.at_s for one, other in itertools.pairwise(alone))


def test_a_node_goes_with_what_it_alone_feeds() -> None:
    assert [node.name for node in lessened(bank(), ["sum"]).nodes] == ["fan"]
    assert [node.name for node in lessened(bank(), ["keep"]).nodes] == ["fan", "sum", "ledger"]


@pytest.mark.lengthy
def test_what_is_left_of_a_drawn_topology_is_fed() -> None:
    for whole in (shape("drawn", seed, (), Path()) for seed in SEEDS):
        for left in (lessened(whole, [name]) for name in dispensable(whole)):
            assert set(fed_from_outside(left)) <= {"orders"}


def test_a_failure_is_shortened_to_what_it_takes() -> None:
    trial = Trial(5, "bank", 1.0)
    guilty = mishaps(trial)[7]

    def fails(each: Trial) -> bool:
        nodes = {node.name for node in shape(each.shape, each.seed, each.without, Path()).nodes}
        return guilty in mishaps(each) and "sum" in nodes

    def nodes(each: Trial) -> list[str]:
        return dispensable(shape(each.shape, each.seed, each.without, Path()))

    shortest = shrink(trial, mishaps, nodes, fails, attempts=40)

    assert mishaps(shortest) == [guilty]
    assert [node.name for node in shape("bank", 5, shortest.without, Path()).nodes] == ["fan", "sum"]


def test_no_more_trials_are_made_than_asked_for() -> None:
    tried: list[Trial] = []

    def fails(each: Trial) -> bool:
        tried.append(each)
        return False

    shrink(Trial(5), mishaps, lambda _: ["sum"], fails, attempts=3)

    assert len(tried) == 3


needs_clock = pytest.mark.skipif(
    not can_be_stepped(), reason="no C compiler, which makes the clock that can be stepped"
)
WAITS = """\
import ctypes, time
libc, until = ctypes.CDLL(None), (ctypes.c_long * 2)(int(time.time()) + 2, 0)
condition, mutex = (ctypes.c_long * 8)(), (ctypes.c_long * 8)()
libc.cnd_init(condition), libc.mtx_init(mutex, 0), libc.mtx_lock(mutex)
began_s = time.monotonic()
libc.cnd_timedwait(condition, mutex, until)
print(time.monotonic() - began_s)
"""


def said_with(clock: SteppedClock, program: str) -> list[float]:
    """Return the numbers that a program says which has this clock."""
    environment = {**os.environ, **clock.environment()}
    command = [sys.executable, "-c", program]
    told = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return [float(each) for each in told.stdout.split()]


@needs_clock
def test_a_stepped_clock_is_ahead_and_counts_on(tmp_path: Path) -> None:
    clock = SteppedClock(tmp_path / "clock")
    clock.step(5000)

    wall_s, monotonic_s = said_with(clock, "import time; print(time.time(), time.monotonic())")

    assert wall_s - time.time() == pytest.approx(5000, abs=30)
    assert monotonic_s == pytest.approx(time.monotonic(), abs=30)


@pytest.mark.lengthy
@needs_clock
def test_who_waits_until_a_time_on_a_clock_that_was_set_back_waits_all_the_same(tmp_path: Path) -> None:
    clock = SteppedClock(tmp_path / "clock")
    clock.step(-5000)

    (waited_s,) = said_with(clock, WAITS)

    assert waited_s > 0.5
