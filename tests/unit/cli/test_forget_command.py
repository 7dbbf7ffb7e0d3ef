"""`catenae forget` on a topology that runs, or does not: what is gone, and what is said of it."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from catenae.clock import SystemClock
from catenae.codec import Codec
from catenae.message import Record
from catenae.observability.health import Health
from catenae.observability.metrics import NodeMetrics
from catenae.running.assembly import Place, Platform, assemble
from catenae.runtime.loop import Step
from catenae.stores import open_store
from topologies.wordcount import topology

NAME = "topologies.wordcount"


class WordCount:
    """All nodes of the topology, on the folder of a command line."""

    def __init__(self, catenae: Any, stack: ExitStack) -> None:
        clock, self._broker = SystemClock(), catenae.broker
        self._broker.create_topics(topology.topic_specs())
        store = stack.enter_context(closing(open_store(f"embedded:{catenae.data}/store")))
        self._loops = [
            stack.enter_context(
                closing(
                    assemble(
                        Place(topology, node, f"{node.name}-0", {}),
                        Platform(self._broker, store, None, clock),
                        NodeMetrics(topology.name, node.name, CollectorRegistry()),
                        Health(clock, 30.0),
                    ).loop
                )
            )
            for node in topology.nodes
        ]

    def count(self, line: str) -> None:
        data, headers = Codec().encode("lines", line)
        self._broker.append([Record("lines", None, data, headers)])
        while {each.step(0.0) for each in self._loops} != {Step.IDLE}:
            pass

    def run(self, stop: threading.Event) -> None:
        while not stop.is_set():
            for each in self._loops:
                each.step(0.01)


@pytest.fixture
def words(catenae: Any) -> Iterator[WordCount]:
    with ExitStack() as stack:
        words = WordCount(catenae, stack)
        words.count("the cat and the dog")
        yield words


def test_a_running_topology_forgets_a_key_and_proves_it(catenae: Any, words: WordCount) -> None:
    stop = threading.Event()
    running = threading.Thread(target=words.run, args=(stop,))
    running.start()
    try:
        said = catenae("forget", NAME, "the")
    finally:
        stop.set()
        running.join()

    assert (said.exit_code, said.stdout.split()[0]) == (0, "forgotten:"), said.output
    assert catenae("state", "list", NAME, "counter").stdout.split()[2:] == ["and", "cat", "dog"]


@pytest.mark.usefixtures("words")
def test_one_that_does_not_run_forgets_it_later_and_that_is_said(catenae: Any) -> None:
    said = catenae("forget", NAME, "the", "--wait", "0")

    assert said.exit_code == 1
    assert said.stderr == "requested; not every node has come to it yet, and each will in its turn\n"
