"""A terminal that was stopped, and a pipe that nobody reads: they take nothing, and hold up nobody."""

import fcntl
import os
import pty
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from catenae.broker import TopicSpec
from catenae.brokers import open_broker
from catenae.message import Record
from tests.acceptance.command import ROOT, Command
from tests.patience import PATIENCE_S, until

pytestmark = pytest.mark.acceptance


@pytest.fixture(params=[os.pipe, pty.openpty], ids=["pipe", "terminal"])
def output(request: pytest.FixtureRequest) -> Iterator[int]:
    """Return what a program may write to, until it is full: nobody reads it."""
    reading, writing = request.param()
    yield writing
    os.close(writing)
    os.close(reading)


def takes_something(output: int) -> bool:
    return bool(select.select([], [output], [], 0)[1])


def fill(output: int) -> None:
    flags = fcntl.fcntl(output, fcntl.F_GETFL)
    fcntl.fcntl(output, fcntl.F_SETFL, flags | os.O_NONBLOCK)
    with suppress(BlockingIOError):
        while True:
            os.write(output, b".")
    fcntl.fcntl(output, fcntl.F_SETFL, flags)
    assert not takes_something(output)


def test_up_goes_on_and_stops_in_order(output: int, tmp_path: Path) -> None:
    fill(output)
    up = Command(tmp_path, "up", "topologies/wordcount.py", output=output)
    try:
        until(lambda: up.probe("/ready"))
        killed = up.instance("counter")
        up.signal("counter", signal.SIGKILL)
        until(lambda: up.instance("counter") not in {None, killed})

        assert up.stop() == 0
    finally:
        up.kill()


def test_tail_ends_by_the_first_signal(output: int, tmp_path: Path) -> None:
    with closing(open_broker(f"embedded:{tmp_path}/log")) as broker:
        broker.create_topics([TopicSpec("texts", 1)])
        broker.append([Record("texts", b"k", b'"first"', {})])
        follow = [sys.executable, "-m", "catenae", "tail", "texts", "-f", "--data", str(tmp_path)]
        tail = subprocess.Popen(follow, cwd=ROOT, stdout=output, stderr=output)
        try:

            def is_held_up() -> bool:
                broker.append([Record("texts", b"k", b'"%s"' % (b"x" * 1000), {})] * 100)
                return not takes_something(output)

            until(is_held_up)
            tail.terminate()

            assert tail.wait(PATIENCE_S) == 0
        finally:
            tail.kill()
            tail.wait()
