"""Whether the screening gets on is told by what has been done, and by nothing that anybody says of itself."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from starlette.testclient import TestClient

from catenae import Input, Node, NodeFigures, Topology
from catenae.broker import Broker
from catenae.brokers import open_broker
from catenae.message import Record
from catenae.testing import FakeClock
from services.api.collaborators import Collaborators
from services.api.screening import STANDS_AFTER_S, Screening
from topologies.depression import topology

NODE = "text_vectoriser"
LATER = Topology(
    "later",
    external=("words",),
    nodes=(Node("counter", "services.examples.word_count:WordCount", reads=Input("words", delay_s=60)),),
)


def looked(screening: Screening, *looks: tuple[float, NodeFigures]) -> str:
    """Return the state after these looks at one node."""
    for at_s, figures in looks:
        screening.look(at_s, {NODE: figures})
    at_s, figures = looks[-1]
    return screening.state(at_s, {NODE: figures}).state


def figures(handled: int, lag: int, instances: int = 1) -> NodeFigures:
    return NodeFigures(instances=instances, handled=handled, lag=lag)


@pytest.mark.parametrize(
    ("looks", "state"),
    [
        ([(0, figures(5, 0)), (60, figures(5, 0))], "ready"),
        ([(0, figures(5, 9)), (STANDS_AFTER_S, figures(6, 8))], "works"),
        ([(0, figures(5, 9)), (STANDS_AFTER_S - 1, figures(5, 9))], "works"),
        ([(0, figures(5, 9)), (STANDS_AFTER_S, figures(5, 9))], "stands"),
        # After an hour of nothing to do, what has just come has not waited for an hour.
        ([(0, figures(5, 0)), (3600, figures(5, 0)), (3602, figures(5, 3))], "works"),
        ([(0, figures(5, 9)), (STANDS_AFTER_S, figures(5, 9, instances=0))], "off"),
    ],
)
def test_it_stands_where_messages_wait_and_none_is_handled(
    looks: list[tuple[float, NodeFigures]], state: str
) -> None:
    assert looked(Screening(topology), *looks) == state


def test_it_says_since_when_and_where() -> None:
    screening = Screening(topology)
    looked(screening, (4, figures(5, 9)), (30, figures(5, 9)))

    found = screening.state(30, {NODE: figures(5, 9)})

    assert (found.since_ms, found.nodes, found.waiting) == (4000, [NODE], 9)


def test_what_is_read_later_on_purpose_does_not_stand() -> None:
    screening = Screening(LATER)
    waits = {"counter": figures(5, 9)}
    screening.look(0, waits)

    assert screening.state(50, waits).nodes == []


@pytest.fixture
def broker(clock: FakeClock) -> Iterator[Broker]:
    with closing(open_broker("embedded:", clock)) as opened:
        opened.create_topics(topology.topic_specs())
        yield opened


def test_with_every_node_dead_nothing_is_screened(
    reviewer: TestClient, here: Collaborators, broker: Broker, clock: FakeClock
) -> None:
    broker.append([Record("texts", b"ann", b"words", {})])
    here.watch.look(clock.now_s())

    found = reviewer.get("/api/v1/statistics").json()

    assert (found["screening"]["state"], found["screening"]["waiting"]) == ("off", 2)


def test_a_source_has_a_rate_of_what_it_writes_and_none_of_what_it_reads(
    reviewer: TestClient, here: Collaborators, broker: Broker, clock: FakeClock
) -> None:
    here.watch.look(clock.now_s())

    nodes = {each["name"]: each for each in reviewer.get("/api/v1/statistics").json()["nodes"]}

    assert (nodes["replay"]["in_per_s"], nodes["replay"]["lag"], nodes["replay"]["out_per_s"]) == (
        None,
        None,
        0,
    )
