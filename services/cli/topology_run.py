"""A topology run beside a command that waits for it: started, stopped with the block, and waited for."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

from catenae import open_documents
from services.cli.run import RunFailed, every
from services.depression.progress import bar

_LOOK_EVERY_S = 0.2
# Training and the start of a judge take a while; a post that was set aside or forgotten never comes.
_PATIENCE_S = 120.0


@contextmanager
def running(topology: str, data: Path, options: Mapping[str, object]) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a topology while the block runs; raise RunFailed if it does not end as it should.

    Ctrl-C and SIGTERM raise KeyboardInterrupt in it.
    """
    command = [sys.executable, "-m", "catenae", "up", topology, "--data", str(data)]
    for name, value in options.items():
        command += ["--option", f"{name}={value}"]
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # In a group of its own, so that it is this process alone that stops it, whatever ends the block.
    process = subprocess.Popen(command, process_group=0)  # noqa: S603  this program
    try:
        yield process
    finally:
        process.terminate()
        status = process.wait()
    if status != 0:
        raise RunFailed(status)


def wait_for_posts(topology: "subprocess.Popen[bytes]", data: Path, wanted: int) -> None:
    """Return once so many posts are in the pictures of users, none comes any more, or the topology ended."""
    at_s, before = time.monotonic(), 0
    with (
        closing(open_documents(f"sqlite:{data / 'documents.sqlite'}")) as documents,
        bar("posts") as progress,
    ):
        while topology.poll() is None:
            judged = sum(each["posts"] for each in every(documents, "users"))
            progress(judged, wanted)
            if judged > before:
                at_s, before = time.monotonic(), judged
            if judged >= wanted or time.monotonic() - at_s > _PATIENCE_S:
                return
            time.sleep(_LOOK_EVERY_S)
