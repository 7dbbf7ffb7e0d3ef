"""A topology that runs as people start it, one process that is killed, and a wait with an end."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.patience import PATIENCE_S

ROOT = Path(__file__).parents[2]


@contextmanager
def running(data: Path, topology: str, options: Sequence[str]) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a topology of the project while the block runs, with options of nodes; it logs beside its data."""
    command = [sys.executable, "-m", "catenae", "up", f"topologies/{topology}.py", "--data", str(data)]
    command += ["--http-port", "0", *(part for each in options for part in ("--option", each))]
    with (data.parent / f"{topology}.log").open("ab") as log:
        process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


def kill_one(process: "subprocess.Popen[bytes]", chance: random.Random) -> None:
    """Kill one of the processes that a topology runs in, if there is any at the moment."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    if children:
        os.kill(int(chance.choice(children)), signal.SIGKILL)


def wait_for(is_so: Callable[[], bool]) -> None:
    """Wait until it is so, as long as a busy machine takes."""
    until_s = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < until_s, "what was waited for has not come"
        time.sleep(0.1)
