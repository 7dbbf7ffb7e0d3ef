"""A process whose interpreter is held for good ends, and no other."""

import faulthandler
import subprocess
import sys
import threading

import pytest

from catenae.cli.pulse import ending_when_stuck

STUCK = """
import ctypes
from catenae.cli.pulse import ending_when_stuck
with ending_when_stuck({limit_s}):
    {act}
print("went on")
"""
# Through PyDLL the interpreter is held during the call.
HOLDS = "ctypes.PyDLL(None).sleep(60)"


def run(act: str, limit_s: float) -> "subprocess.CompletedProcess[str]":
    program = STUCK.format(act=act, limit_s=limit_s)
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=50, check=False
    )


@pytest.mark.lengthy
def test_a_process_that_is_stuck_ends_and_says_where() -> None:
    ended = run(HOLDS, limit_s=0.2)

    assert ended.returncode == 1
    assert "Timeout" in ended.stderr
    assert "went on" not in ended.stdout


@pytest.mark.lengthy
def test_a_process_that_is_done_goes_on() -> None:
    assert run("pass", limit_s=20.0).stdout == "went on\n"


def test_the_end_is_put_off_as_long_as_threads_get_to_run(monkeypatch: pytest.MonkeyPatch) -> None:
    put_off, cancelled = threading.Semaphore(0), threading.Event()
    monkeypatch.setattr(faulthandler, "dump_traceback_later", lambda *_, **__: put_off.release())
    monkeypatch.setattr(faulthandler, "cancel_dump_traceback_later", cancelled.set)
    with ending_when_stuck(0.01):
        assert all(put_off.acquire(timeout=60) for _ in range(3))

    assert cancelled.is_set()
