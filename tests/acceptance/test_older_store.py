"""A store that is put back to an older copy while instances are killed: every sum and count stays exact."""

import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.summers import Summers, expected, summers

pytestmark = pytest.mark.acceptance

ROUNDS = 3


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Summers]:
    with summers(tmp_path / "data") as several:
        yield several


def test_an_older_copy_of_the_store_costs_nothing(tmp_path: Path, on: Summers) -> None:
    store, copy = tmp_path / "data" / "store", tmp_path / "copy"
    for turn in range(ROUNDS):
        on.start()
        on.write(6000 * turn, 3000)
        on.wait(at_most_behind=1500)
        on.signal(signal.SIGSTOP)
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(store, copy)
        on.signal(signal.SIGCONT)
        on.write(6000 * turn + 3000, 3000)
        on.wait(at_most_behind=1500)
        on.end(signal.SIGKILL)
        shutil.rmtree(store)
        shutil.copytree(copy, store)
    on.start()
    on.write(6000 * ROUNDS, 1000)
    on.wait(at_most_behind=0)
    on.stop()

    assert on.sums() == expected(6000 * ROUNDS + 1000)
    assert "state is behind, its input is handled again" in on.logged()
    assert "state is in step again" in on.logged()


def test_a_store_that_is_lost_is_made_again(tmp_path: Path, on: Summers) -> None:
    on.start()
    on.write(0, 3000)
    on.wait(at_most_behind=1000)
    on.end(signal.SIGKILL)
    shutil.rmtree(tmp_path / "data" / "store")
    on.start()
    on.write(3000, 1000)
    on.wait(at_most_behind=0)
    on.stop()

    assert on.sums() == expected(4000)


def test_a_log_older_than_the_store_is_refused_with_what_to_do(tmp_path: Path, on: Summers) -> None:
    log, copy = tmp_path / "data" / "log", tmp_path / "copy"
    on.start()
    on.write(0, 1000)
    on.wait(at_most_behind=0)
    on.signal(signal.SIGSTOP)
    shutil.copytree(log, copy)
    on.signal(signal.SIGCONT)
    on.write(1000, 4000)
    on.wait(at_most_behind=0)
    on.end(signal.SIGKILL)
    on.broker.close()
    shutil.rmtree(log)
    shutil.copytree(copy, log)
    on.start()

    assert 2 in on.end(0)
    assert "the broker has lost more than the store" in on.logged()
    assert "begin anew with catenae reset --state" in on.logged()
