"""The autoscaler with real processes: a step is met, whoever is killed meanwhile, and nothing is lost."""

import json
import os
import signal
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from catenae.brokers import open_broker
from catenae.codec.packing import unpack
from catenae.deployment.data_folder import DataFolder
from catenae.deployment.reading import read_spans
from catenae.observability.multiprocess import MetricsFolder
from catenae.running.local.scaling import ask
from catenae.scaling.memory import AUDIT
from tests.acceptance.command import ROOT, Command
from tests.acceptance.scale_topology import KEYS
from tests.patience import until

pytestmark = pytest.mark.acceptance

TOPOLOGY = "tests/acceptance/scale_topology.py"
ROUNDS = int(os.environ.get("CATENAE_SCALE_ROUNDS", "1"))


class Autoscaler:
    """`catenae autoscale` beside a running `up`, killed and started anew at will."""

    def __init__(self, data: Path) -> None:
        self._command = [sys.executable, "-m", "catenae", "autoscale", TOPOLOGY, "--data", str(data)]
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, cwd=ROOT, stdout=subprocess.DEVNULL)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Command]:
    command = Command(tmp_path, "up", TOPOLOGY, "--until-drained")
    until(lambda: handled(tmp_path) > 0)
    yield command
    command.kill()


def handled(data: Path) -> int:
    """Return how many messages the slow node has handled."""
    totals = MetricsFolder(data / "metrics").totals()
    return totals["slow"].messages_in if "slow" in totals else 0


def instances(data: Path) -> int:
    """Return how many of its instances get on with their work."""
    totals = MetricsFolder(data / "metrics").totals()
    return totals["slow"].ready_instances if "slow" in totals else 0


def until_settled(data: Path, wanted: int) -> None:
    """Wait until so many get on with their work, and something more has been handled."""
    before = handled(data)
    until(lambda: instances(data) == wanted and handled(data) > before)


def changes(data: Path) -> list[tuple[int, int]]:
    """Return what was changed, as (before, after)."""
    file = data / AUDIT
    lines = map(json.loads, file.read_text().splitlines()) if file.exists() else ()
    return [(line["before"], line["after"]) for line in lines]


def assert_each_was_counted_once_and_in_order(data: Path) -> None:
    results: dict[bytes | None, list[list[int]]] = defaultdict(list)
    with closing(open_broker(f"embedded:{data / 'log'}")) as broker:
        numbers = sum(span.end for span in broker.spans("numbers"))
        for record in read_spans(broker, "counts", broker.spans("counts")):
            results[record.key].append(unpack(record.value or b""))
    assert sum(len(each) for each in results.values()) == numbers
    assert len(results) == KEYS
    for of_key in results.values():
        assert [count for _, count in of_key] == list(range(1, len(of_key) + 1))
        assert [number for number, _ in of_key] == sorted({number for number, _ in of_key})


def test_a_step_is_met_by_few_changes_whoever_is_killed_among_them(tmp_path: Path, up: Command) -> None:
    autoscaler = Autoscaler(tmp_path)
    try:
        (tmp_path / "step").touch()
        until(lambda: changes(tmp_path))
        autoscaler.kill()
        up.signal("slow", signal.SIGKILL)
        autoscaler.start()
        until(lambda: instances(tmp_path) >= 4)
    finally:
        autoscaler.kill()
    met = changes(tmp_path)
    for number in range(ROUNDS):
        wanted = 2 + number % 3
        ask(DataFolder(tmp_path), {"slow": (wanted, "a test wants it")}, {})
        up.signal("slow", signal.SIGKILL)
        until_settled(tmp_path, wanted)
    (tmp_path / "end").touch()

    until(lambda: up.ended() == 0)
    assert len(met) <= 3
    assert all(after > before for before, after in met)
    assert_each_was_counted_once_and_in_order(tmp_path)
