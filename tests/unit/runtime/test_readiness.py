"""An instance is ready while something could come, and not while it is merely alive."""

import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from catenae.broker import Position
from catenae.errors import TransientError
from catenae.message import Message, TopicPartition
from catenae.microservice import Source
from catenae.observability.health import Health, Verdict
from catenae.runtime.loop import Step
from catenae.runtime.run import Instance
from catenae.testing import FakeClock


class Listener(Source):
    """Has an obstacle or none."""

    def __init__(self) -> None:
        self.in_the_way = ""

    def generate(self, position: Any) -> Iterator[Message | None]:
        yield None

    def obstacle(self) -> str:
        return self.in_the_way


class Steps:
    """A loop that does what it is told, step by step; `stepped` is called between two steps."""

    owned: Mapping[TopicPartition, Position] = {}

    def __init__(self, stepped: Callable[[], None], *steps: Step | Exception) -> None:
        self._stepped: Callable[[], None] = lambda: None
        self._once_begun = stepped
        self._steps = iter(steps)

    def step(self, timeout_s: float) -> Step:
        self._stepped()
        self._stepped = self._once_begun
        step = next(self._steps)
        if isinstance(step, Exception):
            raise step
        return step

    def rest(self) -> Step:
        return Step.PAUSED

    def close(self) -> None:
        """Have nothing to close."""


def verdicts(listener: Listener, obstacles: list[str], *steps: Step | Exception) -> list[Verdict]:
    """Return what /ready says after each step, for each of which there is an obstacle or none."""
    clock = FakeClock()
    health = Health(clock, 60.0)
    found: list[Verdict] = []
    listener.in_the_way = obstacles[0]

    def stepped() -> None:
        found.append(health.ready)
        listener.in_the_way = obstacles[min(len(found), len(obstacles) - 1)]

    Instance(listener, Steps(stepped, *steps, Step.FINISHED), health, clock).run(threading.Event())
    return found


@pytest.fixture
def told() -> Callable[..., list[Verdict]]:
    return lambda *given: verdicts(Listener(), *given)


def test_an_obstacle_is_why_it_is_not_ready(told: Callable[..., list[Verdict]]) -> None:
    found = told(["not connected", ""], Step.IDLE, Step.IDLE)

    assert found == [(False, "not connected"), (True, "progressing")]


def test_what_moves_or_stands_by_has_no_obstacle(told: Callable[..., list[Verdict]]) -> None:
    found = told(["not connected"], Step.MOVED, Step.WAITING)

    assert all(verdict.is_ok for verdict in found)


def test_a_failure_that_is_retried_is_seen(told: Callable[..., list[Verdict]]) -> None:
    found = told([""], Step.IDLE, TransientError("the outside is away"), Step.IDLE)

    assert [verdict.is_ok for verdict in found] == [True, False, True]
    assert found[1].reason == "TransientError"
