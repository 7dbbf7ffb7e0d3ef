"""What is seen of a running topology."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from prometheus_client import CollectorRegistry

from catenae.broker import Broker, Input, Position
from catenae.brokers import open_broker
from catenae.message import Record, TopicPartition
from catenae.observability.metrics import BatchFigures, NodeMetrics
from catenae.running.local.scaling import Standing
from catenae.scaling.looking import Looks, due_end
from catenae.testing import FakeClock
from catenae.topology.graph import Topology
from catenae.topology.node import Node

TOPOLOGY = Topology(
    "revisits",
    partitions=2,
    external=("users",),
    nodes=(Node("visitor", "m:Visitor", reads=Input("users", delay_s=60), writes="visits"),),
)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def broker(clock: FakeClock) -> Iterator[Broker]:
    with closing(open_broker("embedded:", clock)) as broker:
        broker.create_topics(TOPOLOGY.topic_specs())
        yield broker


def write(broker: Broker, *partitions: int) -> None:
    for partition in partitions:
        broker.append([Record("users", None, b"1", partition=partition)])


def test_records_of_a_delayed_input_count_from_when_they_are_due(broker: Broker, clock: FakeClock) -> None:
    looks = Looks(TOPOLOGY, broker, clock, lambda: (), lambda: Standing({"visitor": 1}, frozenset()))
    write(broker, 0, 0, 1)
    clock.advance(50)
    write(broker, 0, 1, 1)
    assert looks.look().nodes["visitor"].inputs["users"].due == 0

    clock.advance(15)
    broker.reset("revisits.visitor", {TopicPartition("users", 0): Position(1)})
    seen = looks.look().nodes["visitor"].inputs["users"]
    assert (seen.due, seen.ends, round(seen.waits_s)) == (2, (2, 1), 5)


@pytest.mark.parametrize("written", range(12))
def test_where_records_become_due_is_found_anywhere(broker: Broker, clock: FakeClock, written: int) -> None:
    write(broker, *[0] * written)
    clock.advance(1)
    write(broker, *[0] * (11 - written))
    before_ms = int(clock.now_s() * 1000)
    found = [
        due_end(broker, TopicPartition("users", 0), start, 11, before_ms) for start in range(written + 1)
    ]

    assert found == [written] * (written + 1)


def test_what_the_instances_counted_is_added_up(broker: Broker, clock: FakeClock) -> None:
    registry = CollectorRegistry()
    metrics = NodeMetrics("revisits", "visitor", registry)
    metrics.batch(BatchFigures({"users": 3}, {"visits": 2}, 0.5, 0.25, 0.75, 0.125))
    metrics.dead_letter("ValueError", 4)
    metrics.ready(is_ready=True)
    stands = Standing({"visitor": 2}, frozenset({"visitor"}))
    looks = Looks(TOPOLOGY, broker, clock, registry.collect, lambda: stands, lambda node, _: f"{node} waits")
    seen = looks.look().nodes["visitor"]

    assert (seen.instances, seen.ready, seen.is_pinned, seen.waits_for) == (2, 1, True, "visitor waits")
    assert (seen.handled, seen.written) == ({"users": 3.0}, {"visits": 2.0})
    assert (seen.batches, seen.handler_s, seen.rest_s, seen.dead) == (1.0, 0.5, 0.375, 4.0)
