"""Timers, windows and joins on every broker: what is set, cancelled and woken counts with the commit."""

import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from catenae.brokers import open_broker
from catenae.errors import TransientError
from catenae.running.assembly import Platform
from catenae.stores import open_store
from tests.contract.patient import PatientBroker
from tests.patience import PATIENCE_S
from tests.storm import services
from tests.storm.services import ALONE
from tests.storm.world import SkippingClock, Telling, World, play, require_as_if_alone

# Two members of kafka-python that take turns in one thread wait for each other whenever the group shares out
# anew: with that client test_kill_kafka holds the same by processes.
KAFKA = pytest.param("confluent", marks=pytest.mark.servers)
STEPS = [("step", slot, "none") for slot in (0, 1)] * 2


class StandingClock(SkippingClock):
    """A clock that only a test sets, while time passes for all that waits."""

    def monotonic_s(self) -> float:
        return time.monotonic()


@pytest.fixture(params=["lmdb", KAFKA])
def platform(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Platform]:
    is_kafka = request.param != "lmdb"
    Telling.clock = clock = StandingClock() if is_kafka else SkippingClock()
    url = f"embedded:{tmp_path / 'log'}?map_size_mb=64"
    if is_kafka:
        address = request.getfixturevalue("kafka")
        url = f"kafka://{address}?client={request.param}&session.timeout.ms=6000"
    with (
        closing(open_broker(url, clock, 5.0)) as broker,
        closing(open_store(f"embedded:{tmp_path / 'store'}?map_size_mb=64")) as store,
    ):
        yield Platform(PatientBroker(broker) if is_kafka else broker, store, None, clock)


def writes(service: str) -> list[Any]:
    """Return some acts that set timers, some of which are cancelled or moved, by several keys."""
    keys = ("ann", "bob", "cid", "dan", "eve")
    if service == "Chimes":
        says: list[Any] = [("after", "x", 10), ("event", "y", 30), ("after", "x", 60), ("cancel", "y", 0)]
        return [
            ("write", "orders", key, say, 5 * place)
            for place, say in enumerate(says)
            for key in keys[: 5 - place]
        ]
    topics = ("left", "right") if service == "Meet" else ("clicks",)
    return [
        ("write", topic, key, f"{key}{at_s}", at_s)
        for at_s in (1, 4, 17, 12, 55)
        for place, key in enumerate(keys)
        for topic in topics[: 1 + (place + at_s) % 2]
    ]


def storm(service: str) -> list[Any]:
    """Return acts: kills on both sides of a commit, another instance, one less, a clock that jumps."""
    some = writes(service)
    first, second, third = some[::3], some[1::3], some[2::3]
    return [
        *first,
        ("step", 0, "before commit"),
        ("step", 0, "after commit"),
        *STEPS,
        ("pass", 20),
        ("step", 1, "before commit"),
        ("step", 2, "none"),
        *second,
        ("stop", 0),
        *STEPS,
        ("jump", -3600.0),
        ("step", 1, "after commit"),
        *third,
        ("stop", 2),
        ("step", 0, "before commit"),
        *STEPS,
    ]


def end(world: World, service: str) -> None:
    """Let days pass, and step until all is as if the service had been alone, and stays so."""
    until_s = time.monotonic() + PATIENCE_S
    while True:
        world.clock.advance(100_000)
        step_all(world)
        try:
            require_as_if_alone(world, ALONE[service])
        except AssertionError:
            if time.monotonic() > until_s:
                raise
        else:
            break
    for _ in range(3):
        step_all(world)
    require_as_if_alone(world, ALONE[service])


def step_all(world: World) -> None:
    for slot in list(world.instances):
        with suppress(TransientError):
            world.step(slot)


@pytest.mark.lengthy
@pytest.mark.parametrize("service", ["Chimes", "Gather", "Visit", "Meet"])
def test_what_wakes_a_service_is_exact_through_kills_and_rescaling(
    platform: Platform, service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    topics: Sequence[str] = {"Chimes": ["orders"], "Meet": ["left", "right"]}.get(service, ["clicks"])
    prefix = f"t{uuid.uuid4().hex[:8]}-"
    monkeypatch.setattr(services.Meet, "left", f"{prefix}left")
    world = World(f"tests.storm.services:Telling{service}", platform, topics, prefix=prefix)
    with suppress(TransientError):
        play(world, storm(service))

    end(world, service)
