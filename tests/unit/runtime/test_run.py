"""What an instance says while it waits."""

import logging
import threading
from collections.abc import Mapping

import pytest

from catenae.broker import Position
from catenae.errors import BrokerUnavailable, Loss, NoRoom, RecordsLost, StateLost, TransientError
from catenae.message import TopicPartition
from catenae.microservice import Microservice
from catenae.observability.health import Health
from catenae.runtime.loop import Step
from catenae.runtime.losses import OnLost
from catenae.runtime.run import Instance
from catenae.testing import FakeClock


class Steps:
    """Fails as it is told, and is finished then."""

    def __init__(self, *errors: Exception) -> None:
        self._errors = list(errors)
        self.owned: Mapping[TopicPartition, Position] = {}

    def step(self, timeout_s: float) -> Step:
        if self._errors:
            raise self._errors.pop(0)
        return Step.FINISHED

    def rest(self) -> Step:
        return Step.PAUSED

    def close(self) -> None: ...


def run(*errors: Exception) -> list[str]:
    """Return what is waited for, as it is told."""
    told: list[str] = []
    clock = FakeClock()
    health = Health(clock, 30.0, told.append)
    Instance(Microservice(), Steps(*errors), health, clock).run(threading.Event())
    return told


def test_the_reason_of_an_outage_is_logged_and_told(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        told = run(BrokerUnavailable("kafka:9092 does not answer"))

    (record,) = caplog.records
    assert vars(record)["reason"] == "kafka:9092 does not answer"
    assert told == ["kafka:9092 does not answer", ""]


def test_the_words_of_a_sources_own_error_are_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        run(TransientError("ann has no account"))

    assert "ann" not in str([vars(each) for each in caplog.records])


def lost(on_lost: OnLost) -> None:
    steps = Steps(RecordsLost("demo.node", [Loss("texts", 0, 10, 20, 10, "they were deleted")]))
    clock = FakeClock()
    Instance(Microservice(), steps, Health(clock, 30.0), clock, on_lost=on_lost).run(threading.Event())


def test_records_that_are_lost_are_told_of_and_the_next_step_goes_on() -> None:
    told: list[RecordsLost] = []
    lost(told.append)

    assert [each.losses[0].records for each in told] == [10]


def test_whoever_cannot_do_without_lost_records_ends() -> None:
    def refuse(error: RecordsLost) -> None:
        raise StateLost("demo.node", 0, "it was behind") from error

    with pytest.raises(StateLost):
        lost(refuse)


def test_a_full_disk_is_waited_for_and_named() -> None:
    assert run(NoRoom("the disk of data is full")) == ["the disk of data is full", ""]
