"""What every broker promises is tried on each kind. To add one: a parameter of `url`."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from catenae.broker import Broker
from catenae.brokers import open_broker
from catenae.testing import FakeClock
from tests.contract.brokers import KAFKA_CLIENTS, LEASE_S, SILENCE_S, SUITE_TOPICS, TestClock
from tests.contract.patient import PatientBroker, ShiftedClock


@pytest.fixture(params=["memory", "lmdb", *KAFKA_CLIENTS])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def is_kafka(kind: str) -> bool:
    return kind not in ("memory", "lmdb")


@pytest.fixture
def url(kind: str, is_kafka: bool, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    if is_kafka:
        silence_ms = round(SILENCE_S * 1000)
        times = f"max.poll.interval.ms={silence_ms}&session.timeout.ms={silence_ms}"
        return f"kafka://{request.getfixturevalue('kafka')}?client={kind}&{times}"
    return "embedded:" if kind == "memory" else f"embedded:{tmp_path / 'log'}?map_size_mb=64"


@pytest.fixture
def clock(is_kafka: bool) -> TestClock:
    return ShiftedClock() if is_kafka else FakeClock()


@pytest.fixture
def broker(url: str, is_kafka: bool, clock: TestClock) -> Iterator[Broker]:
    broker = open_broker(url, clock, LEASE_S)
    if is_kafka:
        broker.delete_topics([spec.name for spec in SUITE_TOPICS])
    broker.create_topics(SUITE_TOPICS)
    yield PatientBroker(broker) if is_kafka else broker
    broker.close()


@pytest.fixture
def fall_silent(is_kafka: bool, clock: TestClock) -> Callable[[], None]:
    """Let so much time pass that a member which does nothing meanwhile loses its partitions."""
    return (lambda: time.sleep(2 * SILENCE_S + 1)) if is_kafka else (lambda: clock.advance(LEASE_S + 1))
