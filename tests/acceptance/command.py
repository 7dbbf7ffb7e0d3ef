"""A command of catenae that runs as a process: its probes, and what it says."""

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

from tests.patience import PATIENCE_S
from tests.servers.ports import free_ports

ROOT = Path(__file__).parents[2]


class Command:
    """`catenae` with arguments, its data and its log in a folder of its own.

    output  takes what it says, in place of its log
    """

    def __init__(self, data: Path, *arguments: str, output: int | None = None) -> None:
        (self.port,) = free_ports(1)
        self.log = data / "said"
        command = [sys.executable, "-m", "catenae", *arguments]
        command += ["--data", str(data), "--http-port", str(self.port)]
        with self.log.open("wb") as log:
            stream = log if output is None else output
            self._process = subprocess.Popen(command, cwd=ROOT, stdout=stream, stderr=stream)

    def probe(self, path: str) -> bool | None:
        """Return what the probe says; None where nothing answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
                return bool(json.load(answer)["ok"])
        except urllib.error.HTTPError as refused:
            return bool(json.load(refused)["ok"])
        except OSError:
            return None

    def said(self, text: str) -> int:
        """Return how often it has said this."""
        return self.log.read_text().count(text)

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    def ended(self) -> int | None:
        """Return its exit status; None while it runs."""
        return self._process.poll()

    def instance(self, node: str) -> int | None:
        """Return the process of one instance of a node that it supervises; None while there is none."""
        children = ["ps", "-wwo", "pid=,args=", "--ppid", str(self._process.pid)]
        listed = subprocess.run(children, capture_output=True, text=True, check=False).stdout
        return next((int(line.split()[0]) for line in listed.splitlines() if f" {node} " in line), None)

    def signal(self, node: str, number: signal.Signals) -> None:
        """Send a signal to one instance of a node that it supervises."""
        pid = self.instance(node)
        assert pid is not None
        os.kill(pid, number)

    def stop(self) -> int:
        """Have it end in order; return its exit status."""
        self._process.terminate()
        return self._process.wait(PATIENCE_S)

    def kill(self) -> None:
        """Leave nothing of it."""
        self._process.kill()
        self._process.wait()
