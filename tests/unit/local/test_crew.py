"""The slots of a node, and of a chain."""

import subprocess
import sys

from catenae.observability.multiprocess import NodeTotals
from catenae.running.local.crew import Crew
from catenae.running.local.status import Rate
from catenae.testing import FakeClock
from catenae.topology.node import Node

NODES = [Node(name, "m:S", reads="a", chain="both") for name in ("one", "other")]


def test_a_chain_has_one_process_for_its_nodes_and_a_member_in_the_group_of_each() -> None:
    clock = FakeClock()
    started: list[int] = []

    def start(slot: int) -> "subprocess.Popen[bytes]":
        started.append(slot)
        return subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)

    crew = Crew("both", NODES, 2, start, clock)
    assert list(crew.step()) == []
    status = [
        crew.status(node, NodeTotals(messages_in=n, ready_instances=2), Rate(), n, lambda _: "")
        for n, node in enumerate(NODES)
    ]
    crew.kill()
    crew.stop()
    list(crew.step())
    clock.advance(100.0)

    assert started == [0, 1]
    assert [(each.name, each.running, each.messages_in, each.lag) for each in status] == [
        ("one", 2, 0, 0),
        ("other", 2, 1, 1),
    ]
    assert [crew.ended(node, 60.0) for node in NODES] == [["one-0", "one-1"], ["other-0", "other-1"]]
