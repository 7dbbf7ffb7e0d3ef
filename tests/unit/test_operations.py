"""A running topology seen from outside of its nodes."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from catenae.broker import Broker, Input
from catenae.brokers import open_broker
from catenae.deployment.operations import NodeFigures, Operations
from catenae.errors import ConfigError
from catenae.message import Record
from catenae.runtime.dead_letters import from_rejection, from_source
from catenae.testing import FakeClock
from catenae.topology.graph import Topology
from catenae.topology.node import Node

TOPOLOGY = Topology(
    "relay",
    partitions=1,
    nodes=(
        Node("source", "m:Source", writes="numbers"),
        Node("passer", "m:Pass", reads="numbers", writes="passed"),
        Node("dropper", "m:Drop", reads="passed"),
    ),
)


@pytest.fixture
def broker() -> Iterator[Broker]:
    with closing(open_broker("embedded:", FakeClock())) as opened:
        opened.create_topics(TOPOLOGY.topic_specs())
        yield opened


@pytest.fixture
def operations(broker: Broker) -> Operations:
    return Operations(TOPOLOGY, broker)


def numbers(count: int) -> list[Record]:
    return [Record("numbers", None, b"1", {}) for _ in range(count)]


def test_figures_say_who_runs_how_far_it_is_and_what_waits(broker: Broker, operations: Operations) -> None:
    broker.append(numbers(5))
    with closing(broker.join("relay.passer", "passer-0", [Input("numbers")])) as session:
        session.commit([session.poll({"numbers": 3}, 0.0)], [Record("passed", None, b"1", {})])

        figures = operations.figures()

    assert figures["source"] == NodeFigures(written=5)
    assert figures["passer"] == NodeFigures(
        instances=1, handled=3, written=1, lag=2, joined=figures["passer"].joined
    )
    assert list(figures["passer"].joined) == ["passer-0"]
    assert figures["dropper"] == NodeFigures(lag=1)


def test_dead_letters_count_for_the_node_that_failed(broker: Broker, operations: Operations) -> None:
    broker.append([from_rejection(each, "relay.passer", "odd", 1) for each in numbers(2)])
    assert operations.figures()["passer"].dead_letters == 2
    broker.append([from_source(each, "relay.source", "no text", 1) for each in numbers(1)])
    broker.append([from_rejection(each, "relay.passer", "late", 1) for each in numbers(1)])

    figures = operations.figures()

    assert (figures["passer"].dead_letters, figures["passer"].last_error) == (3, "late")
    assert (figures["source"].dead_letters, figures["source"].last_error) == (1, "no text")
    assert operations.dead_letter_counts() == {
        ("numbers", "late", "passer"): 1,
        ("numbers", "no text", "source"): 1,
        ("numbers", "odd", "passer"): 2,
    }


def test_what_was_replayed_waits_no_more(broker: Broker, operations: Operations) -> None:
    broker.append([from_rejection(each, "relay.passer", "odd", 1) for each in numbers(2)])
    operations.figures()

    assert operations.replay("numbers") == 2

    assert operations.figures()["passer"].dead_letters == 0
    assert operations.records() == {"numbers": 2, "passed": 0}


def test_a_letter_is_shown_with_what_it_holds(broker: Broker, operations: Operations) -> None:
    record = Record(
        "numbers", b"ann", b"\xc1", {"content-type": b"application/msgpack"}, partition=0, offset=7
    )
    broker.append([from_rejection(record, "relay.passer", "odd", 8)])

    (letter,) = operations.dead_letters("numbers", 10)

    assert (letter.topic, letter.at_ms, letter.reason, letter.node) == ("numbers", 8, "odd", "passer")
    assert (letter.key, letter.value, letter.is_readable) == ("ann", None, False)


def test_an_unknown_topic_is_refused(operations: Operations) -> None:
    with pytest.raises(ConfigError, match="number"):
        operations.dead_letters("numbrs", 1)
