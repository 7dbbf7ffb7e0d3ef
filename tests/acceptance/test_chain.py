"""A chain under `catenae up`: one process, and nodes that are told apart as ever."""

import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from catenae.brokers import open_broker
from catenae.codec import Codec
from catenae.deployment.reading import read_spans
from tests.acceptance.command import ROOT, Command
from tests.patience import until

TOPOLOGY = "tests/acceptance/chain_topology.py"
pytestmark = pytest.mark.acceptance


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Command]:
    running = Command(tmp_path, "up", TOPOLOGY)
    until(lambda: running.probe("/ready"))
    yield running
    running.kill()


def catenae(data: Path, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "catenae", *arguments, "--data", str(data)]
    return subprocess.run(command, cwd=ROOT, input=given, text=True, capture_output=True, check=False)


def counted(data: Path) -> list[int]:
    """Return the counts that there were, of the one word that is written."""
    with closing(open_broker(f"embedded:{data / 'log'}")) as broker:
        records = read_spans(broker, "counts", broker.spans("counts"))
        return [Codec().decode(each)["count"] for each in records]


def figures(up: Command, name: str) -> dict[str, float]:
    """Return by node what `/metrics` has under a name, of whatever topic."""
    with urllib.request.urlopen(f"http://127.0.0.1:{up.port}/metrics", timeout=5) as answer:
        lines = [line for line in answer.read().decode().splitlines() if line.startswith(f"{name}{{")]
    return {line.partition('node="')[2].partition('"')[0]: float(line.rpartition(" ")[2]) for line in lines}


def test_a_chain_is_one_process_that_is_killed_and_scaled_as_one(up: Command, tmp_path: Path) -> None:
    assert up.instance("words") is not None
    assert [up.instance(node) for node in ("splitter", "counter")] == [None, None]

    assert catenae(tmp_path, "produce", "lines", given='"same"\n' * 50).returncode == 0
    until(lambda: len(counted(tmp_path)) == 50)
    killed = up.instance("words")
    up.signal("words", signal.SIGKILL)
    until(lambda: up.instance("words") not in {None, killed})
    assert catenae(tmp_path, "scale", "words=2").returncode == 0
    until((tmp_path / "logs" / "words-1.log").exists)
    assert catenae(tmp_path, "produce", "lines", given='"same"\n' * 50).returncode == 0
    until(lambda: len(counted(tmp_path)) == 100)

    assert counted(tmp_path) == list(range(1, 101))
    until(lambda: figures(up, "catenae_messages_in_total") == {"splitter": 100, "counter": 100})
    until(lambda: figures(up, "catenae_ready") == {"splitter": 2, "counter": 2})
    assert figures(up, "catenae_lag_records") == {"splitter": 0, "counter": 0}
    assert figures(up, "catenae_restarts_total") == {"splitter": 1, "counter": 1}
    assert up.stop() == 0


def test_a_node_of_a_chain_is_not_scaled_alone(up: Command, tmp_path: Path) -> None:
    refused = catenae(tmp_path, "scale", "counter=2")

    assert refused.returncode == 2
    assert "node 'counter' of topology 'wordcount' runs in chain 'words'" in refused.stderr
