"""A store that is put back to an older copy while instances are killed: every sum and count stays exact."""

import shutil
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
from catenae.codec import Codec, decode_key, encode_key
from catenae.config import Settings
from catenae.message import Record
from catenae.topology.lag import behind
from catenae.topology.loading import load_topology

HERE = Path(__file__).parent
topology = load_topology("kill_topology.py", HERE)
pytestmark = pytest.mark.acceptance

ROUNDS = 3
KEYS = 23
CODEC = Codec()


class Summers:
    """Two instances of the node that sums, as processes."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._processes: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        for slot in ("0", "1"):
            command = [sys.executable, "-m", "catenae", "work", "kill_topology.py", "sum", "--slot", slot]
            command += ["--data", str(self._data), "--http-port", "0", "--lease-s", "1"]
            with (self._data / f"sum-{slot}.log").open("ab") as log:
                self._processes.append(subprocess.Popen(command, cwd=HERE, stdout=log, stderr=log))

    def signal(self, number: int) -> None:
        for process in self._processes:
            process.send_signal(number)

    def end(self, number: int) -> list[int]:
        """Send a signal that ends them, and return how they ended."""
        self.signal(number)
        statuses = [process.wait(30) for process in self._processes]
        self._processes = []
        return statuses

    def logged(self) -> str:
        return "".join(each.read_text() for each in sorted(self._data.glob("sum-*.log")))


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    (tmp_path / "data").mkdir()
    with closing(open_broker(Settings(data=tmp_path / "data").broker)) as broker:
        broker.create_topics(topology.topic_specs())
        yield broker


@pytest.fixture
def summers(tmp_path: Path) -> Iterator[Summers]:
    summers = Summers(tmp_path / "data")
    yield summers
    summers.end(signal.SIGKILL)


def write(broker: Broker, first: int, count: int) -> None:
    for start in range(first, first + count, 500):
        records = []
        for number in range(start, start + 500):
            value, headers = CODEC.encode("numbers", number)
            records.append(Record("numbers", encode_key(f"k{number % KEYS}"), value, headers))
        broker.append(records)


def wait(broker: Broker, at_most_behind: int) -> None:
    until_s = time.monotonic() + 120
    while behind(broker, "numbers", "kill.sum") > at_most_behind:
        assert time.monotonic() < until_s, f"{behind(broker, 'numbers', 'kill.sum')} are not handled"
        time.sleep(0.02)


def sums(broker: Broker) -> dict[Any, list[Any]]:
    found: defaultdict[Any, list[Any]] = defaultdict(list)
    for partition, span in enumerate(broker.spans("sums")):
        for record in broker.read("sums", partition, 0, span.end):
            found[decode_key(record.key)].append(CODEC.decode(record))
    return found


def expected(total: int) -> dict[Any, list[Any]]:
    found: defaultdict[Any, list[Any]] = defaultdict(list)
    for number in range(total):
        of_key = found[f"k{number % KEYS}"]
        count, so_far = of_key[-1][1:] if of_key else (0, 0)
        of_key.append([number, count + 1, so_far + number])
    return found


def test_an_older_copy_of_the_store_costs_nothing(tmp_path: Path, broker: Broker, summers: Summers) -> None:
    store, copy = tmp_path / "data" / "store", tmp_path / "copy"
    for turn in range(ROUNDS):
        summers.start()
        write(broker, 6000 * turn, 3000)
        wait(broker, at_most_behind=1500)
        summers.signal(signal.SIGSTOP)
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(store, copy)
        summers.signal(signal.SIGCONT)
        write(broker, 6000 * turn + 3000, 3000)
        wait(broker, at_most_behind=1500)
        summers.end(signal.SIGKILL)
        shutil.rmtree(store)
        shutil.copytree(copy, store)
    summers.start()
    wait(broker, at_most_behind=0)
    assert summers.end(signal.SIGTERM) == [0, 0]

    assert sums(broker) == expected(6000 * ROUNDS)
    assert "state is behind, its input is handled again" in summers.logged()
    assert "state is in step again" in summers.logged()


def test_a_store_that_is_lost_is_made_again(tmp_path: Path, broker: Broker, summers: Summers) -> None:
    summers.start()
    write(broker, 0, 3000)
    wait(broker, at_most_behind=1000)
    summers.end(signal.SIGKILL)
    shutil.rmtree(tmp_path / "data" / "store")
    summers.start()
    wait(broker, at_most_behind=0)
    assert summers.end(signal.SIGTERM) == [0, 0]

    assert sums(broker) == expected(3000)


def test_a_log_older_than_the_store_is_refused_with_what_to_do(
    tmp_path: Path, broker: Broker, summers: Summers
) -> None:
    log, copy = tmp_path / "data" / "log", tmp_path / "copy"
    summers.start()
    write(broker, 0, 1000)
    wait(broker, at_most_behind=0)
    summers.signal(signal.SIGSTOP)
    shutil.copytree(log, copy)
    summers.signal(signal.SIGCONT)
    write(broker, 1000, 4000)
    wait(broker, at_most_behind=0)
    summers.end(signal.SIGKILL)
    broker.close()
    shutil.rmtree(log)
    shutil.copytree(copy, log)
    summers.start()

    assert 2 in summers.end(0)
    assert "the broker has lost more than the store" in summers.logged()
    assert "begin anew with catenae reset --state" in summers.logged()
