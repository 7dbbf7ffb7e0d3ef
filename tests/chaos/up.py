"""`catenae up` as a process, and the instances that it runs."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from tests.servers.ports import free_ports

ROOT = Path(__file__).parents[2]
# A machine that is busy with more than these tests takes its time.
READY_WITHIN_S = 600.0
STOPS_WITHIN_S = 60.0
WORDS = 600


class Instance(NamedTuple):
    """One process of a node."""

    node: str
    slot: str
    pid: int

    @property
    def name(self) -> str:
        return f"{self.node}-{self.slot}"


class Up:
    """`catenae up`, started again whenever it has ended.

    ends  how it has ended by itself, which it never should: its status and its last words
    """

    def __init__(
        self, topology: Path, data: Path, flags: Sequence[str], environment: Mapping[str, str]
    ) -> None:
        (self._port,) = free_ports(1)
        self._topology = topology
        self._data = data
        self._flags = flags
        self._environment = {**os.environ, **environment}
        self._log = topology.with_name("up.log")
        self._process: subprocess.Popen[bytes] | None = None
        self.ends: list[str] = []

    def start(self) -> None:
        command = ["up", str(self._topology), "--http-port", str(self._port), *self._flags]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command(*command), cwd=ROOT, env=self._environment, stdout=log, stderr=log
            )

    def wait(self) -> None:
        """Return once every node is ready; fail when that takes too long."""
        until_s = time.monotonic() + READY_WITHIN_S
        while not self._is_ready():
            if self.revive() or time.monotonic() > until_s:
                raise TimeoutError(f"the topology does not get ready: {self._last_words()}")
            time.sleep(0.2)

    def revive(self) -> bool:
        """Start it again where it has ended by itself, and say whether it had."""
        if self._process is None or (status := self._process.poll()) is None:
            return False
        self.ends.append(f"status {status}: {self._last_words()}")
        self.start()
        return True

    def kill(self) -> None:
        """`kill -9` it, if it runs; its instances notice by themselves."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._process = None

    def stop(self) -> None:
        """Have it end in order."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            status = self._process.wait(STOPS_WITHIN_S)
        except subprocess.TimeoutExpired:
            self.ends.append(f"did not stop within {STOPS_WITHIN_S:.0f} s: {self._last_words()}")
            self.kill()
        else:
            # One that is told to stop before it has started ends by the signal itself.
            if status not in (0, -signal.SIGTERM):
                self.ends.append(f"stopped with status {status}: {self._last_words()}")
        self._process = None

    def scale(self, node: str, replicas: int) -> int:
        """Ask for so many instances of a node; return the command's exit status."""
        command = self._command("scale", f"{node}={replicas}")
        return subprocess.run(
            command, cwd=ROOT, env=self._environment, capture_output=True, check=False
        ).returncode

    def instances(self) -> list[Instance]:
        """Return what runs, in order of names."""
        if self._process is None:
            return []
        children = ["ps", "-wwo", "pid=,args=", "--ppid", str(self._process.pid)]
        listed = subprocess.run(children, capture_output=True, text=True, check=False).stdout
        words = [line.split() for line in listed.splitlines() if "--stop-on-eof" in line]
        found = [(each[each.index(str(self._topology)) + 1 :], int(each[0])) for each in words]
        return sorted(Instance(rest[0], rest[rest.index("--slot") + 1], pid) for rest, pid in found)

    def is_instance(self, pid: int) -> bool:
        """Say whether a process is an instance of this topology still."""
        with suppress(OSError):
            return str(self._topology).encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
        return False

    def _is_ready(self) -> bool:
        with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{self._port}/ready", timeout=5):
            return True
        return False

    def _command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "catenae", *arguments, "--data", str(self._data)]

    def _last_words(self) -> str:
        return " ".join(self._log.read_text(errors="replace")[-WORDS:].split())
