from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from catenae.broker import Input, Position
from catenae.message import Record, TopicPartition
from catenae.stores import open_store
from topologies.token_filter import topology as with_source
from topologies.wordcount import topology

HANDLED = TopicPartition("lines", 0)


@pytest.fixture
def handled(catenae: Any) -> Any:
    """The command line, with a line that the splitter has handled and a word that the counter has counted."""
    catenae.broker.create_topics(topology.topic_specs())
    catenae.broker.append([Record("lines", None, b"1", partition=0)])
    catenae.broker.reset("wordcount.splitter", {HANDLED: Position(1)})
    with closing(open_store(f"embedded:{catenae.data}/store")) as store:
        store.put("wordcount.counter.counts", "the", b"1")
        store.put("wordcount.counter", "\x000", b"journal")
    return catenae


def test_a_node_reads_again_from_the_start(handled: Any) -> None:
    assert handled("reset", "topologies.wordcount", "--node", "splitter", "--yes").exit_code == 0

    assert handled.broker.positions("wordcount.splitter")[HANDLED] == Position(0)


def test_a_node_with_state_needs_leave_to_drop_it(handled: Any) -> None:
    assert "counter keeps State" in handled.refused("reset", "topologies.wordcount")

    assert handled.broker.positions("wordcount.splitter")[HANDLED] == Position(1)


def test_state_goes_with_the_positions(handled: Any) -> None:
    assert handled("reset", "topologies.wordcount", "--state", "--yes").stdout == "reset: splitter, counter\n"

    with closing(open_store(f"embedded:{handled.data}/store")) as store:
        assert list(store.namespaces()) == []


def test_nothing_is_reset_unasked_where_nobody_can_be_asked(handled: Any) -> None:
    assert "add --yes" in handled.refused("reset", "topologies.wordcount", "--state")

    assert handled.broker.positions("wordcount.splitter")[HANDLED] == Position(1)


def test_nothing_is_reset_while_a_node_runs(handled: Any) -> None:
    counter = handled.broker.join("wordcount.counter", "counter-0", [Input("words")])

    refused = handled.refused("reset", "topologies.wordcount", "--state")

    assert "node 'counter' is running as counter-0, so nothing was reset" in refused
    assert handled.broker.positions("wordcount.splitter")[HANDLED] == Position(1)
    counter.close()


def test_instances_that_are_only_counted_can_be_evicted(handled: Any) -> None:
    handled.broker.join("wordcount.splitter", "splitter-0", [Input("lines")])
    asked = ("reset", "topologies.wordcount", "--node", "splitter", "--yes")
    assert "then add --evict" in handled.refused(*asked)

    assert handled(*asked, "--evict").exit_code == 0
    assert handled.broker.positions("wordcount.splitter")[HANDLED] == Position(0)


def test_a_source_generates_from_the_beginning(catenae: Any) -> None:
    catenae.broker.create_topics([each for each in with_source.topic_specs() if "position" in each.name])
    place = TopicPartition("token_filter.text_source.position", 0)
    catenae.broker.reset("token_filter.text_source", {place: Position(9, b"far")})

    catenae("reset", "topologies.token_filter", "--node", "text_source", "--yes")

    assert catenae.broker.positions("token_filter.text_source")[place] == Position(0)


def test_a_fresh_start_beside_state_that_it_would_leave_is_refused(handled: Any, tmp_path: Path) -> None:
    elsewhere = f"embedded:{tmp_path}/elsewhere"
    with closing(open_store(elsewhere)) as store:
        store.put("wordcount.counter.counts", "the", b"1")

    refused = handled.refused("up", "topologies.wordcount", "--fresh", "--store", elsewhere)

    assert "wordcount.counter.counts is State in" in refused
    assert handled.broker.positions("wordcount.splitter")[HANDLED] == Position(1)
