"""What a topology runs in, and can be taken from it: its broker, its network, its disk, its clock."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from tests.chaos.clock import SteppedClock, can_be_stepped
from tests.chaos.enclosure import connect, is_enclosed
from tests.chaos.trial import Trial
from tests.servers.kafka import KafkaServer
from tests.servers.process import ServerProcess

DISK_MB = 512
# Shorter than a user's, so that the others take over while an instance is frozen.
SESSION_MS = 3000
LEASE_S = 2.0


class World:
    """The surroundings of one trial.

    data       a small disk of its own, where a process may have one
    bootstrap  of Kafka; "" on the embedded broker
    url        of the broker
    clock      on the wall
    """

    def __init__(self, trial: Trial, folder: Path, kafka: KafkaServer | None) -> None:
        self.data = folder / "data"
        self.bootstrap = "" if kafka is None else kafka.bootstrap
        self.url = f"embedded:{self.data}/log"
        if kafka is not None:
            settings = f"client={trial.client}&session.timeout.ms={SESSION_MS}"
            self.url = f"kafka://{kafka.bootstrap}?{settings}"
        self._kafka = kafka
        self._ballast = self.data / "ballast"
        self.clock = SteppedClock(folder / "clock")

    def possible(self) -> list[str]:
        """Return the kinds of mishaps that can be had here."""
        kinds = ["kill", "freeze", "scale", "kill up", "stop up"]
        if self._kafka is not None:
            kinds += ["kill broker", "freeze broker"]
        if self._kafka is not None and is_enclosed():
            kinds.append("cut network")
        if is_enclosed():
            kinds.append("fill disk")
        if can_be_stepped():
            kinds.append("step clock")
        return kinds

    def server(self, share: float) -> ServerProcess:
        """Return one of Kafka's brokers."""
        if self._kafka is None:
            raise LookupError("there is no Kafka here")
        return self._kafka.brokers[int(share * len(self._kafka.brokers))]

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

    def heal(self) -> None:
        """Have everything be there again."""
        self.free_disk()
        if is_enclosed():
            self.connect(connected=True)
        for server in self._kafka.brokers if self._kafka is not None else ():
            if server.pid is None:
                server.launch()
            thaw(server)
            server.wait()


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
        kafka = (
            None if trial.broker == "embedded" else stack.enter_context(KafkaServer(brokers=trial.brokers))
        )
        # The disk is gone with the namespace, and Kafka's with Kafka; what was logged stays.
        stack.callback(_keep_logs, folder, kafka)
        yield World(trial, folder, kafka)


def _keep_logs(folder: Path, kafka: KafkaServer | None) -> None:
    with suppress(FileNotFoundError):  # nothing was started
        shutil.copytree(folder / "data" / "logs", folder / "logs", dirs_exist_ok=True)
    folder.joinpath("logs").mkdir(exist_ok=True)
    for server in kafka.brokers if kafka is not None else ():
        shutil.copy(server.log, folder / "logs" / f"kafka-{server.log.name}")
