"""What a signal comes to: the end in order at the first, the end at once at the second."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from catenae.cli.stopping import stop_on_signal
from tests.patience import PATIENCE_S

STOPPING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    before = {each: signal.getsignal(each) for each in STOPPING}
    yield
    for each, handler in before.items():
        signal.signal(each, handler)


@pytest.mark.parametrize("number", STOPPING)
def test_a_signal_stops_in_order_and_a_second_one_at_once(number: signal.Signals) -> None:
    signal.signal(number, signal.SIG_DFL)
    stop = stop_on_signal()
    os.kill(os.getpid(), number)

    assert stop.wait(PATIENCE_S)
    assert {signal.getsignal(each) for each in STOPPING} == {signal.SIG_DFL}


def test_where_a_terminal_that_goes_is_ignored_it_stays_so() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    stop = stop_on_signal()
    os.kill(os.getpid(), signal.SIGHUP)

    assert not stop.is_set()
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN


# Inside of `wait`, the event's own lock is held; so it is here.
IN_THE_MIDDLE_OF_A_WAIT = """
import os, signal, sys
from catenae.cli.stopping import stop_on_signal
stop = stop_on_signal()
with stop._cond:
    os.kill(os.getpid(), signal.SIGTERM)
sys.exit(0 if stop.wait(60) else 1)
"""


def test_a_signal_in_the_middle_of_a_wait_for_it_stops_too() -> None:
    command = [sys.executable, "-c", IN_THE_MIDDLE_OF_A_WAIT]

    assert subprocess.run(command, timeout=PATIENCE_S, check=False).returncode == 0
