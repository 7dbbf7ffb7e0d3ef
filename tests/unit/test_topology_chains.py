"""What may be a chain, and what each process then runs."""

from dataclasses import replace
from typing import Any

import pytest

from catenae.broker import Input
from catenae.errors import TopologyError
from catenae.topology.chains import processes
from catenae.topology.graph import Topology
from catenae.topology.node import Node
from catenae.topology.scale import Scale

SPLIT = Node("split", "m:Split", reads="texts", writes="words", chain="fast")
COUNT = Node("count", "m:Count", reads="words", writes="counts", chain="fast")
LAST = Node("last", "m:Last", reads="counts", chain="fast")


def made(*nodes: Node, **more: Any) -> Topology:
    return Topology("words", nodes=nodes, **{"external": ["texts"], **more})


def test_a_node_comes_after_those_of_which_it_reads_wherever_it_is_declared() -> None:
    topology = made(LAST, COUNT, SPLIT)

    assert [node.name for node in topology.chains["fast"]] == ["split", "count", "last"]


def test_a_process_is_one_of_a_chain_or_of_a_node() -> None:
    store = Node("store", "m:Store", reads="counts")
    topology = made(SPLIT, COUNT, store)

    assert list(processes(topology.nodes, chained=True)) == ["fast", "store"]
    assert list(processes(topology.nodes, chained=False)) == ["split", "count", "store"]


def test_two_may_read_what_one_writes() -> None:
    other = replace(LAST, name="other")

    assert [node.name for node in made(SPLIT, COUNT, LAST, other).chains["fast"]][:2] == ["split", "count"]


@pytest.mark.parametrize(
    ("nodes", "mistake"),
    [
        ((SPLIT,), "chain 'fast' of node 'split' alone"),
        ((SPLIT, COUNT, Node("fast", "m:F", reads="counts")), "a chain and a node named 'fast'"),
        (
            (replace(SPLIT, chain="a b"), replace(COUNT, chain="a b")),
            "a chain 'a b', which needs another name",
        ),
        ((SPLIT, COUNT, replace(LAST, reads=())), "node 'last', which reads nothing"),
        ((SPLIT, replace(COUNT, concurrency=4)), "node 'count', whose concurrency=4"),
        ((SPLIT, replace(COUNT, scale=Scale(most=2))), "node 'count', which has scale="),
        ((SPLIT, replace(COUNT, replicas=2)), "'split' and 'count', of 1 and 2 replicas"),
        (
            (SPLIT, replace(COUNT, reads=Input("words", delay_s=5))),
            "reads without a delay nothing that another",
        ),
        ((SPLIT, replace(COUNT, chain=""), LAST), "node 'last', which reads without a delay nothing"),
        (
            (SPLIT, replace(COUNT, reads=("words", "counts"))),
            "'count', which reads what comes of its own output",
        ),
        (
            (SPLIT, replace(COUNT, reads=("words", "texts"), input_mode="exponential")),
            "node 'count', whose input_mode='exponential'",
        ),
    ],
)
def test_what_would_not_run_as_it_does_apart_is_refused(nodes: tuple[Node, ...], mistake: str) -> None:
    with pytest.raises(TopologyError) as refused:
        made(*nodes)

    assert mistake in str(refused.value)
    assert "\n" not in str(refused.value)


def test_inputs_of_other_partitions_are_refused() -> None:
    with pytest.raises(TopologyError, match="unequal partitions: 6 of 'texts', 12 of 'words'"):
        made(SPLIT, COUNT, external={"texts": 6})


def test_a_delayed_way_round_is_none_that_is_handed_on() -> None:
    again = replace(COUNT, reads=("words", Input("again", delay_s=60)), writes={"a": "counts", "b": "again"})

    assert [node.name for node in made(SPLIT, again).chains["fast"]] == ["split", "count"]
