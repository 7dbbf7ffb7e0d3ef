"""What a topology runs in, and can be taken from it: its broker, its network, its disk, its clock."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from importlib.util import find_spec
from itertools import chain
from pathlib import Path

from tests.chaos.clock import SteppedClock, can_be_stepped
from tests.chaos.enclosure import connect, is_enclosed
from tests.chaos.mishaps import KINDS
from tests.chaos.trial import Trial
from tests.servers.kafka import KafkaServer
from tests.servers.mongodb import MongoServer
from tests.servers.process import ServerProcess
from tests.servers.unavailable import ServerUnavailable

DISK_MB = 512
# Shorter than a user's, so that the others take over while an instance is frozen.
SESSION_MS = 3000
# As Kafka's own, however soon a broker that is busy would be given up elsewhere in the tests.
BROKER_SESSION = {"broker.session.timeout.ms": 9000, "broker.heartbeat.interval.ms": 2000}
LEASE_S = 2.0


class World:
    """The surroundings of one trial.

    data       a small disk of its own, where a process may have one
    bootstrap  of Kafka; "" on the embedded broker
    url        of the broker
    documents  URL of where Leaves store
    clock      on the wall
    """

    def __init__(
        self, trial: Trial, folder: Path, kafka: KafkaServer | None, mongodb: MongoServer | None
    ) -> None:
        self.data = folder / "data"
        self.bootstrap = "" if kafka is None else kafka.bootstrap
        self.url = f"embedded:{self.data}/log"
        if kafka is not None:
            settings = f"client={trial.client}&session.timeout.ms={SESSION_MS}"
            self.url = f"kafka://{kafka.bootstrap}?{settings}"
        self.documents = f"sqlite:{self.data}/documents.sqlite"
        if mongodb is not None:
            self.documents = f"{mongodb.url}chaos"
        self._kafka = kafka
        self._servers: dict[str, list[ServerProcess]] = {}
        if kafka is not None:
            self._servers["kafka"] = kafka.brokers
        if mongodb is not None:
            self._servers["mongodb"] = [mongodb.process]
        self._ballast = self.data / "ballast"
        self.clock = SteppedClock(folder / "clock")

    def possible(self) -> list[str]:
        """Return the kinds of mishaps that can be had here."""
        takes = {"cut network": is_enclosed(), "fill disk": is_enclosed(), "step clock": can_be_stepped()}
        return [
            name
            for name, kind in KINDS.items()
            if takes.get(name, True) and (not kind.of or kind.of in self._servers)
        ]

    def server(self, of: str, share: float) -> ServerProcess:
        """Return one of the processes of a server."""
        return self._servers[of][int(share * len(self._servers[of]))]

    def connect(self, *, connected: bool) -> None:
        """Let the processes reach each other, or not."""
        connect(connected=connected)

    def fill_disk(self) -> None:
        """Leave no room where the data is."""
        with suppress(OSError), self._ballast.open("wb", buffering=0) as ballast:
            while ballast.write(bytes(1 << 20)):
                pass

    def free_disk(self) -> None:
        """Make room again."""
        self._ballast.unlink(missing_ok=True)

    def keep_kafka(self, to: Path) -> None:
        """Copy what Kafka has on its disks, if there is a Kafka."""
        if self._kafka is not None:
            self._kafka.copy_data(to)

    def untold_transactions(self) -> int:
        """Return how many transactions Kafka has ended without telling all of their partitions."""
        return 0 if self._kafka is None else self._kafka.untold_transactions()

    def heal(self) -> None:
        """Have everything be there again."""
        self.free_disk()
        if is_enclosed():
            self.connect(connected=True)
        for server in chain(*self._servers.values()):
            launch(server)
            thaw(server)
            server.wait()


def launch(server: ServerProcess) -> None:
    """Start a server's process where it does not run."""
    if server.pid is None:
        server.launch()


def freeze(server: ServerProcess) -> None:
    if server.pid is not None:
        os.kill(server.pid, signal.SIGSTOP)


def thaw(server: ServerProcess) -> None:
    if server.pid is not None:
        os.kill(server.pid, signal.SIGCONT)


@contextmanager
def world(trial: Trial, folder: Path) -> Iterator[World]:
    """Make what a trial runs in; nothing of it runs afterwards. Raises ServerUnavailable."""
    (folder / "data").mkdir(parents=True)
    if is_enclosed():
        size = ["-o", f"size={DISK_MB}m"]
        subprocess.run(["mount", "-t", "tmpfs", *size, "chaos", str(folder / "data")], check=True)
        connect(connected=True)
    with ExitStack() as stack:
        kafka = mongodb = None
        if trial.broker == "kafka":
            kafka = stack.enter_context(KafkaServer(brokers=trial.brokers, settings=BROKER_SESSION))
        if trial.documents == "mongodb":
            mongodb = stack.enter_context(_mongodb())
        # The disk is gone with the namespace, and Kafka's with Kafka; what was logged stays.
        stack.callback(_keep_logs, folder, kafka)
        yield World(trial, folder, kafka, mongodb)


def _mongodb() -> MongoServer:
    if find_spec("pymongo") is None:
        raise ServerUnavailable("the extra mongodb is not installed")
    return MongoServer()


def _keep_logs(folder: Path, kafka: KafkaServer | None) -> None:
    with suppress(FileNotFoundError):  # nothing was started
        shutil.copytree(folder / "data" / "logs", folder / "logs", dirs_exist_ok=True)
    folder.joinpath("logs").mkdir(exist_ok=True)
    for server in kafka.brokers if kafka is not None else ():
        shutil.copy(server.log, folder / "logs" / f"kafka-{server.log.name}")
