from catenae.broker import Input
from catenae.topology.graph import Topology
from catenae.topology.mermaid import mermaid
from catenae.topology.node import Node

TOPOLOGY = Topology(
    "crawl",
    external=["texts"],
    nodes=(
        Node("source", "m:Source", writes="users"),
        Node(
            "fetcher",
            "m:Fetcher",
            reads=("users", Input("again", delay_s=86_400)),
            writes={"texts": "texts", "again": "again"},
            replicas=3,
        ),
        Node("undertaker", "m:Undertaker", reads="users.dead"),
    ),
)


def test_a_topology_is_drawn_with_replicas_ports_delays_outsiders_and_dead_letters() -> None:
    assert (
        mermaid(TOPOLOGY)
        == """\
flowchart LR
    node_source["source"]
    node_fetcher["fetcher × 3"]
    node_undertaker["undertaker"]
    topic1(["users"])
    topic2(["again"])
    topic3(["texts"]):::external
    topic4(["users.dead"])
    node_source --> topic1
    topic1 --> node_fetcher
    topic2 -. "after 1 day" .-> node_fetcher
    node_fetcher -- "texts" --> topic3
    node_fetcher -- "again" --> topic2
    topic4 --> node_undertaker
    topic1 -. "set aside" .-> topic4
    classDef external stroke-dasharray: 5 5
"""
    )


def test_a_chain_is_a_frame() -> None:
    nodes = (
        Node("split", "m:Split", reads="texts", writes="words", chain="fast"),
        Node("count", "m:Count", reads="words", writes="counts", chain="fast"),
        Node("store", "m:Store", reads="counts"),
    )

    assert mermaid(Topology("words", external=["texts"], nodes=nodes)).splitlines()[1:6] == [
        '    subgraph chain_fast["fast"]',
        '        node_split["split"]',
        '        node_count["count"]',
        "    end",
        '    node_store["store"]',
    ]
