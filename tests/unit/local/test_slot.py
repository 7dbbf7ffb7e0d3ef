import signal
from typing import Any

from catenae.running.local.slot import Slot, SlotState
from catenae.testing import FakeClock


class Process:
    """A process that ends when the test says so."""

    stdin = None

    def __init__(self) -> None:
        self.pid = 1
        self.status: int | None = None
        self.signals: list[int] = []

    def poll(self) -> int | None:
        return self.status

    def send_signal(self, number: int) -> None:
        self.signals.append(number)


class Started:
    """A slot on a clock that stands still, and every process started in it."""

    def __init__(self, *, may_finish: bool = False) -> None:
        self.clock = FakeClock()
        self.processes: list[Process] = []
        self.slot = Slot("counter-0", self._start, self.clock, may_finish=may_finish)
        self.slot.step()

    def end(self, status: int) -> None:
        self.processes[-1].status = status
        self.slot.step()

    def _start(self) -> Any:
        self.processes.append(Process())
        return self.processes[-1]


def test_pauses_between_failures_double_up_to_ten_seconds() -> None:
    started = Started()
    pauses = []
    for _ in range(8):
        started.end(1)
        pauses.append(round(started.slot.pause_s, 1))
        started.clock.advance(started.slot.pause_s + 0.001)
        started.slot.step()

    assert pauses == [0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10.0, 10.0]
    assert started.slot.restarts == 8
    assert len(started.processes) == 9


def test_a_process_is_not_started_before_its_pause_is_over() -> None:
    started = Started()
    started.end(1)
    started.clock.advance(0.1)
    started.slot.step()

    assert started.slot.pid is None


def test_after_thirty_seconds_of_running_pauses_begin_anew() -> None:
    started = Started()
    for ran_s in (1.0, 1.0, 30.0):
        started.clock.advance(ran_s)
        started.end(1)
        pause_s = started.slot.pause_s
        started.clock.advance(pause_s + 0.001)
        started.slot.step()

    assert round(pause_s, 1) == 0.2


def test_a_source_that_ends_well_is_finished_and_stays_so() -> None:
    started = Started(may_finish=True)
    started.end(0)
    started.clock.advance(60)
    started.slot.step()
    started.slot.stop()
    started.slot.resume()

    assert started.slot.state is SlotState.FINISHED
    assert len(started.processes) == 1


def test_another_node_that_ends_well_is_started_again() -> None:
    started = Started()
    started.end(0)
    started.clock.advance(0.3)
    started.slot.step()

    assert len(started.processes) == 2


def test_a_stopped_slot_is_told_once_and_not_started_again() -> None:
    started = Started(may_finish=True)
    started.slot.stop()
    started.slot.stop()
    started.end(0)
    started.clock.advance(60)
    started.slot.step()

    assert started.processes[0].signals == [signal.SIGTERM]
    assert started.slot.state is SlotState.STOPPED
    assert (len(started.processes), started.slot.restarts) == (1, 0)


def test_a_slot_resumed_while_it_stops_gets_a_new_process_at_once() -> None:
    started = Started(may_finish=True)
    started.slot.stop()
    started.slot.resume()
    started.end(0)
    started.slot.step()

    assert started.slot.state is SlotState.RUNNING
    assert (len(started.processes), started.slot.restarts) == (2, 0)


def test_failures_count_until_a_process_has_run_for_a_while() -> None:
    started = Started()
    for _ in range(3):
        started.end(1)
        started.clock.advance(started.slot.pause_s + 0.001)
        started.slot.step()
    assert started.slot.failing == 3

    started.clock.advance(30.0)
    assert started.slot.failing == 0


def test_it_is_gone_for_as_long_as_it_has_ended_because_it_was_told_to() -> None:
    started = Started()
    started.slot.stop()
    started.clock.advance(5.0)
    assert started.slot.gone_s == 0.0

    started.end(0)
    started.clock.advance(60.0)
    assert started.slot.gone_s == 60.0

    started.slot.resume()
    assert started.slot.gone_s == 0.0
