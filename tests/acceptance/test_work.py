"""One instance of a node as a process of its own: what a container runs."""

import time
from pathlib import Path

import pytest

from tests.acceptance.command import Command
from tests.acceptance.ending_topology import PROGRESS_TIMEOUT_S
from tests.patience import until

TOPOLOGY = "tests/acceptance/ending_topology.py"
pytestmark = pytest.mark.acceptance


def test_an_instance_whose_source_is_exhausted_ends(tmp_path: Path) -> None:
    running = Command(tmp_path, "work", TOPOLOGY, "numbers")
    try:
        until(lambda: running.ended() is not None)
        assert running.ended() == 0
    finally:
        running.kill()


def test_one_that_is_to_stay_is_alive_and_ready_until_it_is_stopped(tmp_path: Path) -> None:
    """Where whatever ends is started anew, one that has nothing more to give would be for ever."""
    running = Command(tmp_path, "work", TOPOLOGY, "numbers", "--stay")
    try:
        until(lambda: running.said("instance stopped"))
        time.sleep(2 * PROGRESS_TIMEOUT_S)
        assert [running.probe("/live"), running.probe("/ready")] == [True, True]
        assert running.ended() is None
        assert running.stop() == 0
    finally:
        running.kill()
