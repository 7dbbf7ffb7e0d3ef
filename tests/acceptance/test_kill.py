"""The promise under `kill -9`, and under freezing for longer than a lease.

Every sum, count and order per key is equal, and each record is there once.

`CATENAE_KILL_ROUNDS=20` makes it long; the default is a short form.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from catenae.broker import Broker
from catenae.brokers import open_broker
from catenae.codec import Codec
from catenae.config import read_settings
from catenae.stores import open_documents
from catenae.topology.lag import behind
from catenae.topology.loading import load_topology

topology = load_topology("kill_topology.py", Path(__file__).parent)
pytestmark = pytest.mark.acceptance

ROUNDS = int(os.environ.get("CATENAE_KILL_ROUNDS", "5"))
NUMBERS_PER_ROUND = 8000
KEYS = 23
LEASE_S = 1.0
STARTING = {"numbers": 2, "sum": 3, "passer": 2, "keep": 1}


class Fleet:
    """Instances of the kill topology as processes, killed at random and restarted as a supervisor would."""

    def __init__(self, data: Path, stop: int) -> None:
        self._data = data
        self._stop = stop
        self._processes: dict[tuple[str, int], subprocess.Popen[bytes]] = {}
        for node, replicas in STARTING.items():
            self.scale(node, replicas)

    def scale(self, node: str, replicas: int) -> None:
        """Start or stop instances, gracefully, until there are `replicas`."""
        running = sorted(slot for name, slot in self._processes if name == node)
        for slot in set(range(replicas)) - set(running):
            self._start(node, slot)
        for slot in running[replicas:]:
            process = self._processes.pop((node, slot))
            process.terminate()
            # One that is told to stop before it has started ends by the signal itself.
            assert process.wait(20) in (0, -signal.SIGTERM), f"{node}-{slot} did not stop gracefully"

    def kill_some(self, chance: random.Random) -> None:
        """`kill -9` a few instances and start them again under their names."""
        for node, slot in chance.sample(sorted(self._processes), chance.randint(1, 3)):
            process = self._processes[node, slot]
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
                process.wait(10)
                self._start(node, slot)

    def freeze_one(self, chance: random.Random, seconds: float) -> None:
        """Stop an instance as a whole for a while, longer than its lease, and let it go on."""
        process = self._processes[chance.choice(sorted(self._processes))]
        if process.poll() is None:
            process.send_signal(signal.SIGSTOP)
            time.sleep(seconds)
            process.send_signal(signal.SIGCONT)

    def require_alive(self) -> None:
        """Fail if an instance has ended with an error."""
        for (node, slot), process in self._processes.items():
            assert process.poll() in (None, 0), f"{node}-{slot} ended with {process.returncode}; see its log"

    def stop_all(self) -> None:
        for process in self._processes.values():
            process.terminate()
        for process in self._processes.values():
            process.wait(20)

    def _start(self, node: str, slot: int) -> None:
        here = Path(__file__).parent
        command = [sys.executable, "-m", "catenae", "work", "kill_topology.py", node, "--slot", str(slot)]
        command += ["--data", str(self._data), "--http-port", "0", "--lease-s", str(LEASE_S)]
        if node == "numbers":
            command += ["--option", f"stop={self._stop}", "--option", f"keys={KEYS}"]
        with (self._data / f"{node}-{slot}.log").open("ab") as log:
            self._processes[node, slot] = subprocess.Popen(command, cwd=here, stdout=log, stderr=log)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


@pytest.fixture
def broker(data: Path) -> Iterator[Broker]:
    settings = read_settings({}, {"data": data})
    with closing(open_broker(settings.broker)) as broker:
        broker.create_topics(topology.topic_specs())
        yield broker


def handled(broker: Broker, topic: str) -> int:
    return sum(span.end for span in broker.spans(topic))


def wait_until_drained(broker: Broker, fleet: Fleet, total: int) -> None:
    deadline_s = time.monotonic() + 120
    while handled(broker, "results") < total or behind(broker, "results", "kill.keep"):
        fleet.require_alive()
        assert time.monotonic() < deadline_s, f"only {handled(broker, 'results')} of {total} arrived"
        time.sleep(0.1)


def results_by_key(broker: Broker) -> dict[Any, list[list[int]]]:
    codec = Codec()
    found: defaultdict[Any, list[list[int]]] = defaultdict(list)
    for partition, span in enumerate(broker.spans("results")):
        for record in broker.read("results", partition, 0, span.end):
            found[record.key].append(codec.decode(record))
    return found


def expected_by_key(total: int) -> dict[Any, list[list[int]]]:
    expected: defaultdict[Any, list[list[int]]] = defaultdict(list)
    for number in range(total):
        key = f"k{number % KEYS}".encode()
        count, so_far = expected[key][-1][1:] if expected[key] else (0, 0)
        expected[key].append([number, count + 1, so_far + number])
    return expected


def test_sums_counts_and_order_survive_kills_and_scaling(data: Path, broker: Broker) -> None:
    chance = random.Random(os.environ.get("CATENAE_KILL_SEED", "7"))
    total = ROUNDS * NUMBERS_PER_ROUND
    fleet = Fleet(data, total)
    try:
        for turn in range(ROUNDS):
            time.sleep(chance.uniform(0.3, 1.2))
            fleet.kill_some(chance)
            if turn % 3 == 1:
                fleet.freeze_one(chance, 2 * LEASE_S)
            fleet.scale("sum", chance.randint(1, 5))
        assert handled(broker, "results") < total, "the work was done before the kills"
        fleet.scale("sum", 3)
        wait_until_drained(broker, fleet, total)
    finally:
        fleet.stop_all()

    assert results_by_key(broker) == expected_by_key(total)
    with closing(open_documents(read_settings({}, {"data": data}).documents)) as documents:
        assert documents.count("results") == total
    assert all(span.end == 0 for topic in ("numbers.dead", "sums.dead") for span in broker.spans(topic))
