"""Ready means getting on: it lapses, and one step of progress restores it."""

from catenae.observability.health import HANGS_AFTER_S, Health


class SettableClock:
    def __init__(self) -> None:
        self.at_s = 1_000.0

    def now_s(self) -> float:
        return self.at_s

    def monotonic_s(self) -> float:
        return self.at_s

    def sleep(self, seconds: float) -> None:
        self.at_s += seconds


def test_a_process_starts_alive_and_not_ready() -> None:
    health = Health(SettableClock(), progress_timeout_s=60)

    assert health.live == (True, "running")
    assert health.ready == (False, "starting")


def test_progress_makes_ready_and_ready_lapses() -> None:
    clock = SettableClock()
    health = Health(clock, progress_timeout_s=60)

    health.progressed()
    clock.sleep(60)
    assert health.ready == (True, "progressing")

    clock.sleep(15)
    assert health.ready == (False, "no progress for 75 s")
    assert health.live.is_ok


def test_waiting_is_not_ready_until_progress() -> None:
    health = Health(SettableClock(), progress_timeout_s=60)
    health.progressed()

    health.waiting("the broker does not answer")
    assert health.ready == (False, "the broker does not answer")

    health.progressed()
    assert health.ready.is_ok


def test_failure_is_final() -> None:
    health = Health(SettableClock(), progress_timeout_s=60)

    health.failed("StoreError")
    health.progressed()

    assert health.live == (False, "StoreError")
    assert health.ready == (False, "StoreError")


def test_a_step_that_never_ends_is_the_end_of_liveness() -> None:
    clock = SettableClock()
    health = Health(clock, progress_timeout_s=60)
    health.progressed()

    clock.sleep(HANGS_AFTER_S)
    assert health.live.is_ok
    clock.sleep(1)
    assert health.live == (False, "one step has taken 601 s")


def test_what_is_waited_for_is_told_when_it_changes() -> None:
    told: list[str] = []
    health = Health(SettableClock(), progress_timeout_s=60, tell=told.append)

    for reason in ("no answer", "no answer", "no store"):
        health.waiting(reason)
    health.progressed()
    health.progressed()

    assert told == ["no answer", "no store", ""]
