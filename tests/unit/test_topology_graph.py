import dataclasses
from typing import Any

import pytest

from catenae.broker import Input, Replication, TopicSpec
from catenae.errors import TopologyError
from catenae.topology.graph import Retention, Topology
from catenae.topology.node import Node

DAY_S = 86_400.0

SOURCE = Node("crawler", "m:Crawler", writes="users")
FETCHER = Node(
    "fetcher",
    "m:Fetcher",
    reads=("users", Input("again", delay_s=DAY_S)),
    writes={"texts": "texts", "again": "again"},
)
STORER = Node("storer", "m:Storer", reads="texts")


def crawl(**fields: Any) -> Topology:
    return Topology(**{"name": "crawl", "nodes": (SOURCE, FETCHER, STORER)} | fields)


def test_a_topology_answers_who_reads_and_who_writes() -> None:
    topology = crawl()

    assert topology.node("fetcher") is FETCHER
    assert topology.readers("texts") == (STORER,)
    assert topology.writers("again") == (FETCHER,)
    assert topology.group(FETCHER) == "crawl.fetcher"


def test_topics_include_dead_letters_and_the_positions_of_sources() -> None:
    data = ("users", "again", "texts")

    assert crawl().data_topics() == data
    assert crawl().topics() == (*data, "users.dead", "again.dead", "texts.dead", "crawl.crawler.position")


def test_what_a_source_refuses_can_be_set_aside_also_where_nobody_reads() -> None:
    assert "users.dead" in Topology("t", nodes=(SOURCE,)).topics()


def test_a_position_topic_has_one_partition_and_is_kept_for_ever() -> None:
    specs = {spec.name: spec for spec in crawl(partitions=4).topic_specs()}

    assert specs["crawl.crawler.position"] == TopicSpec("crawl.crawler.position", 1)
    assert {spec.partitions for name, spec in specs.items() if "position" not in name} == {4}


def test_a_topic_from_outside_may_have_partitions_of_its_own() -> None:
    storer = dataclasses.replace(STORER, replicas=6)
    topology = crawl(nodes=(storer,), partitions=2, external={"texts": 6})

    assert {spec.name: spec.partitions for spec in topology.topic_specs()} == {"texts": 6, "texts.dead": 2}
    assert topology.most_instances(storer) == 6


def test_a_topic_read_with_a_delay_is_kept_longer_than_that() -> None:
    specs = {spec.name: spec for spec in crawl().topic_specs()}

    assert specs["again"].retention_s == 8 * DAY_S
    assert specs["again"].retention_bytes is None
    assert specs["texts"].retention_s == 7 * DAY_S


def test_retention_can_be_chosen_for_a_topic() -> None:
    specs = {spec.name: spec for spec in crawl(retention={"texts": Retention(60, 1000)}).topic_specs()}

    assert (specs["texts"].retention_s, specs["texts"].retention_bytes) == (60, 1000)


def test_back_pressure_follows_the_inputs_without_delay() -> None:
    assert crawl().downstream_of(SOURCE) == (("users", FETCHER), ("texts", STORER))


def test_back_pressure_passes_a_cycle_once() -> None:
    there = Node("there", "m:A", reads=("users", "back"), writes="forth")
    back = Node("back", "m:B", reads="forth", writes="back")

    assert Topology("cycle", nodes=(SOURCE, there, back)).downstream_of(SOURCE) == (
        ("users", there),
        ("forth", back),
        ("back", there),
    )


def test_a_topic_that_nobody_reads_is_allowed_and_told() -> None:
    nodes = (SOURCE, dataclasses.replace(STORER, reads="users", writes="stored"))

    assert Topology("t", nodes=nodes).unread_topics() == ("stored",)
    assert Topology("t", nodes=nodes, external=["stored"]).unread_topics() == ()


def test_a_node_may_read_dead_letters() -> None:
    undertaker = Node("undertaker", "m:U", reads="texts.dead")

    topics = crawl(nodes=(SOURCE, FETCHER, STORER, undertaker)).topics()

    assert sorted(topic for topic in topics if topic.startswith("texts")) == [
        "texts",
        "texts.dead",
        "texts.dead.dead",
    ]


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"name": "My crawl"}, "topology 'My crawl' needs another name"),
        ({"nodes": ()}, "has no nodes"),
        ({"nodes": SOURCE}, "with its comma"),
        ({"nodes": (SOURCE, FETCHER, STORER, STORER)}, "has 2 nodes named 'storer'"),
        ({"partitions": 0}, "has partitions=0"),
        ({"delivery": "exactly_once"}, "did you mean 'exactly-once'"),
        ({"replication": 3}, "has replication=3; give it a Replication(factor=3"),
        ({"external": "texts"}, "write it as a list: external=['texts']"),
        (
            {"external": {"texts": 0}},
            "has external topic 'texts' with 0 partitions; it needs a whole number of at least 1",
        ),
        (
            {"external": ["text"]},
            "lists under external topic 'text', which no node has; did you mean 'texts'",
        ),
        (
            {"formats": {"texts": "xml"}},
            "has formats['texts']='xml'; known: bytes, json, msgpack, pickle, text",
        ),
        ({"retention": {"again": Retention(age_s=60)}}, "for 60 s, but it is read 86400 s after"),
        ({"settings": {"leese_s": 1}}, "did you mean 'lease_s'"),
        (
            {"nodes": (SOURCE, dataclasses.replace(STORER, reads="user"))},
            "has node 'storer' read topic 'user', which nothing writes; did you mean 'users'",
        ),
        (
            {"partitions": 2, "nodes": (SOURCE, dataclasses.replace(STORER, reads="users", replicas=3))},
            "gives node 'storer' 3 replicas, but its topics have 2 partitions",
        ),
    ],
)
def test_a_topology_that_contradicts_itself_is_refused(fields: dict[str, Any], found: str) -> None:
    with pytest.raises(TopologyError) as raised:
        crawl(**fields)

    assert found in str(raised.value)


def test_an_unknown_node_is_told_with_the_nearest() -> None:
    with pytest.raises(TopologyError, match="has no node 'storrer'; did you mean 'storer'"):
        crawl().node("storrer")


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"factor": 0}, "has factor=0; it needs a whole number of at least 1"),
        ({"least_in_sync": "2"}, "has least_in_sync='2'"),
        (
            {"factor": 2, "least_in_sync": 3},
            "nothing could ever be written. Give a smaller number, such as 1",
        ),
    ],
)
def test_replicas_that_contradict_each_other_are_refused(fields: dict[str, Any], found: str) -> None:
    with pytest.raises(TopologyError, match=f"Replication {found}|Replication has .*{found}"):
        Replication(**fields)
