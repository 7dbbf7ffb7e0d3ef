"""Two instances of the kill topology's node that sums, as processes, and what must have come of it."""

import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from catenae.broker import Broker
from catenae.brokers import open_broker
from catenae.codec import Codec, decode_key, encode_key
from catenae.config import Settings
from catenae.deployment.lag import behind
from catenae.deployment.reading import read_spans
from catenae.errors import BrokerUnavailable
from catenae.message import Record
from catenae.topology.loading import load_topology
from tests.patience import PATIENCE_S

HERE = Path(__file__).parent
KEYS = 23
CODEC = Codec()
DRAINS_WITHIN_S = 240.0


class Summers:
    """Instances that are started, signalled and ended together.

    flags  of each: where its topics and State are
    """

    def __init__(self, data: Path, broker: Broker, flags: Sequence[str]) -> None:
        self.broker = broker
        self._data = data
        self._flags = flags
        self._processes: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        for slot in ("0", "1"):
            command = [sys.executable, "-m", "catenae", "work", "kill_topology.py", "sum", "--slot", slot]
            command += ["--data", str(self._data), "--http-port", "0", "--lease-s", "1", *self._flags]
            with (self._data / f"sum-{slot}.log").open("ab") as log:
                self._processes.append(subprocess.Popen(command, cwd=HERE, stdout=log, stderr=log))

    def signal(self, number: int) -> None:
        for process in self._processes:
            process.send_signal(number)

    def end(self, number: int) -> list[int]:
        """Send a signal that ends them, and return how they ended."""
        self.signal(number)
        statuses = [process.wait(PATIENCE_S) for process in self._processes]
        self._processes = []
        return statuses

    def stop(self) -> None:
        """Stop them in order."""
        # One that is told to stop before it has started ends by the signal itself.
        assert set(self.end(signal.SIGTERM)) <= {0, -signal.SIGTERM}

    def logged(self) -> str:
        return "".join(each.read_text() for each in sorted(self._data.glob("sum-*.log")))

    def write(self, first: int, count: int) -> None:
        """Write the numbers from `first` on, in several commits."""
        for start in range(first, first + count, 500):
            records = []
            for number in range(start, start + 500):
                value, headers = CODEC.encode("numbers", number)
                records.append(Record("numbers", encode_key(f"k{number % KEYS}"), value, headers))
            self.broker.append(records)

    def wait(self, at_most_behind: int) -> None:
        """Return once no more numbers than that are not handled."""
        until_s = time.monotonic() + DRAINS_WITHIN_S
        while (left := self._behind()) is None or left > at_most_behind:
            assert time.monotonic() < until_s, f"{left} are not handled"
            time.sleep(0.02)

    def sums(self) -> dict[Any, list[Any]]:
        """Return what they have sent, by key and in order."""
        found: defaultdict[Any, list[Any]] = defaultdict(list)
        for record in read_spans(self.broker, "sums", self.broker.spans("sums")):
            found[decode_key(record.key)].append(CODEC.decode(record))
        return found

    def _behind(self) -> int | None:
        """Return how many numbers are not handled; None where the broker cannot say at the moment."""
        try:
            return behind(self.broker, "numbers", "kill.sum")
        except BrokerUnavailable:
            return None


@contextmanager
def summers(
    data: Path, broker_url: str = "", store_url: str = "", their_broker_url: str = ""
) -> Iterator[Summers]:
    """Give a folder in which nothing runs yet; kill what still runs at the end.

    What is given no URL is embedded, in the folder. The instances may have another URL of
    the same broker.
    """
    data.mkdir()
    settings = Settings(data=data)
    broker_url, store_url = broker_url or settings.broker, store_url or settings.store
    with closing(open_broker(broker_url)) as broker:
        broker.create_topics(load_topology("kill_topology.py", HERE).topic_specs())
        several = Summers(data, broker, ["--broker", their_broker_url or broker_url, "--store", store_url])
        try:
            yield several
        finally:
            several.end(signal.SIGKILL)


def expected(total: int) -> dict[Any, list[Any]]:
    """Return what they must have sent of the numbers below `total`: each once, and in order."""
    found: defaultdict[Any, list[Any]] = defaultdict(list)
    for number in range(total):
        of_key = found[f"k{number % KEYS}"]
        count, so_far = of_key[-1][1:] if of_key else (0, 0)
        of_key.append([number, count + 1, so_far + number])
    return found
