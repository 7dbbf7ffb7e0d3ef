"""Instances of the kill topology as processes, and what must have come of them whatever was done to them."""

import random
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from itertools import accumulate
from pathlib import Path
from typing import Any

from catenae import Topology
from catenae.broker import Broker
from catenae.codec.packing import unpack
from catenae.deployment.lag import lags
from catenae.errors import TransientError
from catenae.topology.chains import processes
from tests.acceptance import kill_topology
from tests.acceptance.kill_topology import KEYS
from tests.patience import PATIENCE_S

HERE = Path(__file__).parent
# For the process of an instance to end. A machine that is busy with more than these tests takes its time.
STOPS_WITHIN_S = PATIENCE_S
GETS_ON_WITHIN_S = 300.0
# The exit status of what another start may mend: a supervisor gives it one.
MAY_HEAL = 1

# key → the results of its numbers, in order: number, how many there were, their sum
Results = Mapping[bytes, list[Any]]


class Fleet:
    """Runs the kill topology, and starts anew what was killed or has ended, as a supervisor would.

    flags     of every instance: where its topics, State and documents are
    spell     numbers per half a second or so
    variant   the name of the topology in its file
    restarts  how many instances have ended by themselves and were started again
    """

    def __init__(self, data: Path, flags: Sequence[str], spell: int, variant: str = "topology") -> None:
        self._data = data
        self._flags = flags
        self._spell = spell
        self._variant = variant
        self._topology: Topology = getattr(kill_topology, variant)
        self._processes: dict[tuple[str, int], subprocess.Popen[bytes]] = {}
        self._results = 0
        self.restarts = 0
        self.is_chained = True
        self._start_all()

    def change(self) -> None:
        """`kill -9` everything, and go on with chains cut into nodes, or made of them again."""
        for process in self._processes.values():
            process.kill()
        for process in self._processes.values():
            process.wait(PATIENCE_S)
        self._processes = {}
        self.is_chained = not self.is_chained
        self._start_all()

    def _start_all(self) -> None:
        for name, nodes in processes(self._topology.nodes, chained=self.is_chained).items():
            self.scale(name, nodes[0].replicas)

    def scale_sum(self, replicas: int) -> None:
        """Scale the node that sums, or the chain in which it runs."""
        node = self._topology.node("sum")
        self.scale(node.chain if node.chain and self.is_chained else node.name, replicas)

    def scale(self, node: str, replicas: int) -> None:
        """Start or stop instances of a node or chain, gracefully, until there are `replicas`."""
        running = sorted(slot for name, slot in self._processes if name == node)
        for slot in set(range(replicas)) - set(running):
            self._start(node, slot)
        stopping = {slot: self._processes.pop((node, slot)) for slot in running[replicas:]}
        for process in stopping.values():
            process.terminate()
        for slot, process in stopping.items():
            # One that is told to stop before it has started ends by the signal itself.
            status = process.wait(STOPS_WITHIN_S)
            assert status in (0, -signal.SIGTERM, MAY_HEAL), f"{node}-{slot} ended with {status}"

    def kill_some(self, chance: random.Random) -> None:
        """`kill -9` a few instances and start them again under their names."""
        for node, slot in chance.sample(sorted(self._processes), chance.randint(1, 3)):
            process = self._processes[node, slot]
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
                process.wait(PATIENCE_S)
                self._start(node, slot)

    def freeze_one(self, chance: random.Random, seconds: float) -> None:
        """Stop an instance as a whole for a while, longer than its lease, and let it go on."""
        process = self._processes[chance.choice(sorted(self._processes))]
        if process.poll() is None:
            process.send_signal(signal.SIGSTOP)
            time.sleep(seconds)
            process.send_signal(signal.SIGCONT)

    def revive(self) -> None:
        """Start again what has ended by itself and may heal; fail where something never will."""
        for (node, slot), process in tuple(self._processes.items()):
            status = process.poll()
            assert status in (None, 0, MAY_HEAL), f"{node}-{slot} ended with {status}; see its log"
            if status == MAY_HEAL:
                self.restarts += 1
                self._start(node, slot)

    def get_on(self, broker: Broker) -> None:
        """Return once there are results that were not there at the last call."""
        before = self._results
        self._until(lambda: self._count(broker) > before, "nothing moves")

    def drain(self, broker: Broker) -> None:
        """Have no more numbers generated, and return once all that there are have come to their end."""
        self._enough.touch()
        self._until(lambda: self._is_drained(broker), "not drained")

    def await_results(self, count: Callable[[], int], total: int) -> None:
        """Return once there are so many results: some come only when it is their time."""
        self._until(lambda: count() >= total, "results are missing")

    def stop_all(self) -> None:
        """Stop every instance; kill those that do not."""
        for process in self._processes.values():
            process.terminate()
        for process in self._processes.values():
            try:
                process.wait(STOPS_WITHIN_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    @property
    def _enough(self) -> Path:
        return self._data / "enough"

    def _until(self, holds: Callable[[], bool], otherwise: str) -> None:
        """Wait for what needs Kafka, which may just have been started again."""
        until_s = time.monotonic() + GETS_ON_WITHIN_S
        while True:
            with suppress(TransientError):
                if holds():
                    return
            self.revive()
            assert time.monotonic() < until_s, otherwise
            time.sleep(0.2)

    def _count(self, broker: Broker) -> int:
        self._results = sum(span.end for span in broker.spans("results"))
        return self._results

    def _is_drained(self, broker: Broker) -> bool:
        sources = [process for (node, _), process in self._processes.items() if node == "numbers"]
        if any(process.poll() is None for process in sources):
            return False
        return not any(each.records for each in lags(broker, self._topology))

    def _start(self, node: str, slot: int) -> None:
        reference = f"kill_topology.py:{self._variant}"
        command = [sys.executable, "-m", "catenae", "work", reference, node, "--slot", str(slot)]
        command += ["--data", str(self._data), "--http-port", "0", *self._flags]
        if node == "numbers":
            command += ["--option", f"enough={self._enough}", "--option", f"spell={self._spell}"]
        with (self._data / f"{node}-{slot}.log").open("ab") as log:
            self._processes[node, slot] = subprocess.Popen(command, cwd=HERE, stdout=log, stderr=log)


def generated(broker: Broker) -> int:
    """Return how many numbers there are, by what the Source goes on from."""
    positions = broker.positions("kill.numbers")
    return int(max(unpack(each.note) for each in positions.values() if each.note)) + 1


def expected(total: int) -> Results:
    """Return what must come of so many numbers, each once and in order."""
    results: defaultdict[bytes, list[Any]] = defaultdict(list)
    for number in range(total):
        of_key = results[b"k%d" % (number % KEYS)]
        count, so_far = of_key[-1][1:] if of_key else (0, 0)
        of_key.append([number, count + 1, so_far + number])
    return results


def require_each_once(results: Results, total: int) -> None:
    """Require of two inputs what `expected` says of one, but for the order: it holds within each of them."""
    for key, wanted in expected(total).items():
        numbers = [number for number, _, _ in results[key]]
        halves = [[number for number in numbers if number % 2 == odd] for odd in (0, 1)]
        told = [[count, so_far] for _, count, so_far in results[key]]

        assert sorted(numbers) == [number for number, _, _ in wanted]
        assert halves == [sorted(half) for half in halves]
        assert told == [[place, so_far] for place, so_far in enumerate(accumulate(numbers), start=1)]


def require_each_once_at_any_time(results: Results, total: int) -> None:
    """Require what `require_each_once` does, but for the order."""
    for key, wanted in expected(total).items():
        numbers = [number for number, _, _ in results[key]]
        told = [[count, so_far] for _, count, so_far in results[key]]

        assert sorted(numbers) == [number for number, _, _ in wanted]
        assert told == [[place, so_far] for place, so_far in enumerate(accumulate(numbers), start=1)]


def by_key(pairs: Sequence[tuple[bytes, Any]]) -> Results:
    """Return values by their keys, in the order in which they came."""
    results: defaultdict[bytes, list[Any]] = defaultdict(list)
    for key, value in pairs:
        results[key].append(value)
    return results
