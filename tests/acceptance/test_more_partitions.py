"""More partitions for a topology whose every process is killed: before, in the midst of it, and after."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import defaultdict
from contextlib import closing
from pathlib import Path

import pytest

from catenae.brokers import open_broker
from catenae.codec.packing import unpack
from catenae.deployment.reading import read_spans
from tests.acceptance.command import ROOT, Command
from tests.acceptance.test_autoscale import handled
from tests.patience import until

pytestmark = pytest.mark.acceptance

BEFORE = "tests/acceptance/scale_topology.py"
WIDER = "tests/acceptance/wider_topology.py"
KILLS = int(os.environ.get("CATENAE_MIGRATION_KILLS", "3"))


class Migration:
    """`catenae migrate` as a process, and what it says."""

    def __init__(self, data: Path, *how: str) -> None:
        self._log = data / "migration"
        command = [sys.executable, "-m", "catenae", "migrate", WIDER, *how, "--data", str(data)]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)

    def has_said(self, text: str) -> bool:
        return text in self._log.read_text()

    def has_ended(self) -> bool:
        return self._process.poll() is not None

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()


def killed_once_begun(data: Path) -> bool:
    """Kill it in its first part; False where instances that were killed still count as running."""
    migration = Migration(data, "--partitions", "60")
    until(lambda: migration.has_said("part State") or migration.has_ended(), every_s=0.005)
    migration.kill()
    return migration.has_said("part State")


def finished(data: Path) -> bool:
    migration = Migration(data, "--resume")
    until(migration.has_ended)
    return migration.has_said("migrated") or migration.has_said("no migration")


def test_every_count_and_order_goes_on_whoever_is_killed(tmp_path: Path) -> None:
    chance = random.Random(3)
    up = Command(tmp_path, "up", BEFORE)
    until(lambda: handled(tmp_path) > 50)
    (tmp_path / "step").touch()
    until(lambda: handled(tmp_path) > 150)
    up.signal("slow", signal.SIGKILL)
    up.kill()

    until(lambda: killed_once_begun(tmp_path), every_s=0.5)
    for _ in range(KILLS):
        migration = Migration(tmp_path, "--resume")
        time.sleep(chance.uniform(0.2, 1.5))
        migration.kill()
    until(lambda: finished(tmp_path))
    with closing(open_broker(f"embedded:{tmp_path / 'log'}")) as broker:
        assert len(broker.spans("numbers")) == 60

    up = Command(tmp_path, "up", WIDER, "--until-drained", "--replicas", "slow=4")
    try:
        until(lambda: up.probe("/ready") is True)
        up.signal("slow", signal.SIGKILL)
        (tmp_path / "end").touch()
        until(lambda: up.ended() == 0)
    finally:
        up.kill()
    assert_all_were_counted_once_and_in_order(tmp_path)


def assert_all_were_counted_once_and_in_order(data: Path) -> None:
    of_key: defaultdict[bytes | None, list[list[int]]] = defaultdict(list)
    with closing(open_broker(f"embedded:{data / 'log'}")) as broker:
        for record in read_spans(broker, "counts", broker.spans("counts")):
            of_key[record.key].append(unpack(record.value or b""))
    every = sorted(number for some in of_key.values() for number, _ in some)
    assert every == list(range(1, len(every) + 1))
    for some in of_key.values():
        assert sorted(count for _, count in some) == list(range(1, len(some) + 1))
        by_count = [number for number, _ in sorted(some, key=lambda each: each[1])]
        assert by_count == sorted(by_count)
