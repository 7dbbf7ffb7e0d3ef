"""The promise of a session on every broker, under any order of events that Hypothesis finds."""

import os
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from catenae.broker import Broker
from catenae.brokers import open_broker
from catenae.testing import FakeClock
from tests.contract.patient import ShiftedClock
from tests.contract.session_machine import SessionMachine, World
from tests.examples import share

EXAMPLES = int(os.environ.get("CATENAE_MACHINE_EXAMPLES", share(40)))
KAFKA_EXAMPLES = max(3, EXAMPLES // 8)
KAFKA_POLL_S = 0.4
KAFKA_PATIENCE_S = 90.0


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def run(world: World, examples: int, steps: int) -> None:
    events: Counter[str] = Counter()

    class Machine(SessionMachine):
        def __init__(self) -> None:
            super().__init__(world, uuid.uuid4().hex[:8])

        def teardown(self) -> None:
            super().teardown()
            events.update(self.events, faults=self.faults.seen, examples=1)

    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, suppress_health_check=list(HealthCheck)
        ),
    )
    print(dict(events))  # noqa: T201  shown with -s, and when the test fails


@pytest.mark.lengthy
@pytest.mark.hypothesis
@pytest.mark.parametrize("place", ["memory", "lmdb"])
def test_each_record_is_passed_on_once(place: str, tmp_path: Path, stack: ExitStack) -> None:
    clock = FakeClock()
    url = "embedded:" if place == "memory" else f"embedded:{tmp_path / 'log'}?map_size_mb=64"
    broker = stack.enter_context(closing(open_broker(url, clock, 5.0)))
    run(World(lambda: broker, clock.advance), EXAMPLES, 40)


@pytest.mark.servers
@pytest.mark.parametrize("client", ["kafka-python", "confluent"])
def test_each_record_is_passed_on_once_by_kafka(client: str, kafka: str, stack: ExitStack) -> None:
    clock = ShiftedClock()

    def opened() -> Broker:
        url = f"kafka://{kafka}?client={client}&session.timeout.ms=6000"
        return stack.enter_context(closing(open_broker(url, clock)))

    run(World(opened, clock.advance, KAFKA_POLL_S, KAFKA_PATIENCE_S), KAFKA_EXAMPLES, 20)
