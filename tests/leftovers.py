"""What a killed test session would leave behind, ended: servers, and supervisors with all they started.

A session that ends in order stops what it has started. One that is killed cannot, so a process beside it
waits for its end, however that comes, and kills whoever has inherited the session's mark. Where there is no
/proc, nothing is found, and nothing ended.
"""

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

# Not one of CATENAE_…, of which the product names those that it does not know.
MARK = "TEST_SESSION"
EVERY_S = 0.1
# Who is started anew by one that is still to be killed is found in the next round.
ROUNDS = 100


@contextmanager
def ended_with_this_process() -> Iterator[None]:
    """Mark what is started while the block runs; it is killed when this process or the block has ended."""
    mark, former = uuid.uuid4().hex, os.environ.get(MARK)
    command = [sys.executable, "-I", "-S", __file__, mark]
    with subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True) as waiting:
        os.environ[MARK] = mark
        try:
            yield
        finally:
            if former is None:
                del os.environ[MARK]
            else:
                os.environ[MARK] = former
            assert waiting.stdin is not None
            waiting.stdin.close()


def marked(mark: str) -> Iterator[int]:
    """Give the processes that carry a mark."""
    entry = f"{MARK}={mark}".encode()
    for environment in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            if entry in environment.read_bytes().split(b"\0"):
                yield int(environment.parent.name)


def main() -> None:
    sys.stdin.read()
    for _ in range(ROUNDS):
        found = list(marked(sys.argv[1]))
        if not found:
            return
        for each in found:
            with suppress(OSError):
                os.kill(each, signal.SIGKILL)
        time.sleep(EVERY_S)


if __name__ == "__main__":
    main()
