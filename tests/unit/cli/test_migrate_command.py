from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from catenae.broker import Input
from catenae.clock import SystemClock
from catenae.deployment.ledger import Ledger
from catenae.message import Record
from catenae.stores import open_store
from topologies.wordcount import topology

RENAMED = """
from dataclasses import replace
from topologies.wordcount import topology as before
splitter, counter = before.nodes
topology = replace(before, nodes=(splitter, replace(counter, name="tally")))
"""


WIDER = """
from dataclasses import replace
from topologies.wordcount import topology as before
topology = replace(before, partitions=60)
"""


@pytest.fixture
def ran(catenae: Any) -> Any:
    """The command line, after the word count was started and its counter has kept a word."""
    with closing(open_store(f"embedded:{catenae.data}/store")) as store:
        Ledger(topology, catenae.broker, lambda: store, SystemClock()).take_over(
            {"splitter": [], "counter": ["counts"]}
        )
        store.put("wordcount.counter.counts", "the", b"1")
    return catenae


@pytest.fixture
def renamed(tmp_path: Path) -> str:
    (tmp_path / "renamed.py").write_text(RENAMED)
    return str(tmp_path / "renamed.py")


def kept(catenae: Any) -> list[str]:
    with closing(open_store(f"embedded:{catenae.data}/store")) as store:
        return list(store.namespaces())


def test_check_names_the_command_that_carries_a_new_name_out(ran: Any, renamed: str) -> None:
    assert "catenae migrate TOPOLOGY --rename-node counter=tally" in ran("check", renamed).stderr
    assert ran("check", renamed, "--offline").exit_code == 0
    assert ran("migrate", renamed, "--rename-node", "counter=tally").exit_code == 0

    assert ran("check", renamed).exit_code == 0
    assert kept(ran) == ["wordcount.tally.counts"]


def test_a_dry_run_says_what_it_would_do_and_does_nothing(ran: Any, renamed: str) -> None:
    shown = ran("migrate", renamed, "--rename-node", "counter=tally", "--dry-run").stdout
    assert kept(ran) == ["wordcount.counter.counts"]

    assert ran("migrate", renamed, "--rename-node", "counter=tally").stdout == shown + "migrated\n"


def test_nothing_is_dropped_unasked_where_nobody_can_be_asked(ran: Any) -> None:
    asked = ("migrate", "topologies.wordcount", "--drop-state", "counter.counts")
    assert "add --yes" in ran.refused(*asked)
    assert kept(ran) == ["wordcount.counter.counts"]

    ran(*asked, "--yes")
    assert kept(ran) == []


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ((), "give changes"),
        (("--resume",), "has no migration that was begun"),
        (("--resume", "--drop-node", "counter"), "give changes"),
        (("--rename-node", "conter=tally"), "did you mean 'counter'"),
        (("--rename-node", "counter=splitter"), "node 'splitter' is there already"),
        (("--rename-state", "counts=totals"), "write the node first"),
        (("--rename-topic", "words=texts"), "holds, or has held, records of its own"),
        (("--rename-topology", "numbers"), "has not run on this broker"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(ran: Any, asked: tuple[str, ...], found: str) -> None:
    ran.broker.append([Record("texts", None, b"1", partition=0)])

    assert found in ran.refused("migrate", "topologies.wordcount", *asked)


def test_nothing_is_migrated_while_an_instance_runs(ran: Any, renamed: str) -> None:
    session = ran.broker.join("wordcount.counter", "counter-0", [Input("words")])

    assert "counter-0 of 'wordcount.counter' is running" in ran.refused(
        "migrate", renamed, "--rename-node", "counter=tally"
    )
    session.close()
    assert ran("check", "topologies.wordcount").exit_code == 0


def test_instances_that_are_only_counted_can_be_evicted(ran: Any, renamed: str) -> None:
    ran.broker.join("wordcount.counter", "counter-0", [Input("words")])
    asked = ("migrate", renamed, "--rename-node", "counter=tally")
    assert "then add --evict" in ran.refused(*asked)

    assert ran(*asked, "--evict").exit_code == 0
    assert kept(ran) == ["wordcount.tally.counts"]


@pytest.fixture
def wider(catenae: Any, tmp_path: Path) -> str:
    """Return a declaration with more partitions of what was started, and has kept nothing."""
    with closing(open_store(f"embedded:{catenae.data}/store")) as store:
        Ledger(topology, catenae.broker, lambda: store, SystemClock()).take_over(
            {"splitter": [], "counter": ["counts"]}
        )
    (tmp_path / "wider.py").write_text(WIDER)
    return str(tmp_path / "wider.py")


def test_more_partitions_are_asked_for_by_the_command_that_check_names(catenae: Any, wider: str) -> None:
    assert "catenae migrate TOPOLOGY --partitions 60" in catenae("check", wider).stderr
    shown = catenae("migrate", wider, "--partitions", "60", "--dry-run").stdout
    assert len(catenae.broker.spans("words")) == 12
    assert "give topic words 60 partitions" in shown

    assert catenae("migrate", wider, "--partitions", "60").stdout == shown + "migrated\n"
    assert {len(catenae.broker.spans(each)) for each in topology.topics()} == {60}
    assert catenae("check", wider).exit_code == 0


def test_as_many_partitions_are_asked_for_as_are_declared(catenae: Any, wider: str) -> None:
    assert "declares 60 partitions, and --partitions asks for 24" in catenae.refused(
        "migrate", wider, "--partitions", "24"
    )
    assert "give changes, or one of --partitions" in catenae.refused(
        "migrate", wider, "--partitions", "60", "--resume"
    )
