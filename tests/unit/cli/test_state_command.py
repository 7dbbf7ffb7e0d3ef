"""`catenae state` on a node that runs, or does not: what it shows, and what it changes exactly once."""

from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from catenae import Node, Topology
from catenae.brokers import open_broker
from catenae.clock import SystemClock
from catenae.codec import Codec, encode_key
from catenae.message import Record
from catenae.observability.health import Health
from catenae.observability.metrics import NodeMetrics
from catenae.operating.kept_by_key import KeptByKey
from catenae.running.assembly import Place, Platform, assemble
from catenae.runtime.loop import Step
from catenae.runtime.run import Instance
from catenae.stores import open_store
from topologies.wordcount import topology

AT_ONCE = ("--wait", "0")
NODE = ("topologies.wordcount", "counter")


class Counter:
    """The counter of words, while it runs, on the folder of a command line."""

    def __init__(self, catenae: Any, stack: ExitStack) -> None:
        self._broker = catenae.broker
        self._stack = stack
        self._store = stack.enter_context(closing(open_store(f"embedded:{catenae.data}/store")))
        self._broker.create_topics(topology.topic_specs())
        self._instance: Instance | None = None

    def write(self, *words: str) -> None:
        for word in words:
            data, headers = Codec().encode("words", word)
            self._broker.append([Record("words", encode_key(word), data, headers)])

    def run(self) -> None:
        """Handle what there is, and go on to run."""
        clock = SystemClock()
        self._instance = self._instance or assemble(
            Place(topology, topology.node("counter"), "counter-0", {}),
            Platform(self._broker, self._store, None, clock),
            NodeMetrics("wordcount", "counter", CollectorRegistry()),
            Health(clock, 30.0),
        )
        while self._instance.loop.step(0.0) is not Step.IDLE:
            pass

    def stop(self) -> None:
        if self._instance is not None:
            self._instance.loop.close()
            self._instance = None

    def counts(self) -> list[Any]:
        """Return what it has told, in order."""
        spans = enumerate(self._broker.spans("counts"))
        records = [
            each for number, span in spans for each in self._broker.read("counts", number, 0, span.end)
        ]
        return [Codec().decode(each) for each in records]


@pytest.fixture
def counter(catenae: Any) -> Iterator[Counter]:
    with ExitStack() as stack:
        counter = Counter(catenae, stack)
        counter.write("the", "cat", "the")
        counter.run()
        yield counter
        counter.stop()


@pytest.mark.usefixtures("counter")
def test_what_a_running_node_keeps_is_listed_and_shown(catenae: Any) -> None:
    assert catenae("state", "list", *NODE).stdout.split() == ["KEY", "PART", "cat", "the"]
    assert catenae("state", "get", *NODE, "the").stdout == "2\n"


def test_a_stopped_node_reads_a_change_when_it_is_started(catenae: Any, counter: Counter) -> None:
    counter.stop()
    assert "does not run" in catenae("state", "set", *NODE, "the", "40").stdout
    counter.write("the")
    counter.run()

    assert catenae("state", "get", *NODE, "the").stdout == "41\n"


def test_a_running_node_makes_a_change_at_its_place_and_once(catenae: Any, counter: Counter) -> None:
    counter.write("the")
    catenae("state", "set", *NODE, "the", "40", *AT_ONCE)
    counter.write("the")
    counter.run()
    counter.stop()
    counter.run()

    told = [each["count"] for each in counter.counts() if each["word"] == "the"]
    assert told == [1, 2, 3, 41]
    assert catenae("state", "get", *NODE, "the").stdout == "41\n"


def test_a_change_counts_on_a_topic_that_others_write_too(tmp_path: Path) -> None:
    node = Node("counter", "services.examples.word_count:WordCount", reads="words", writes="counts")
    outside = Topology("outside", (node,), external=("words", "counts"))
    clock = SystemClock()
    with (
        closing(open_broker("embedded:")) as broker,
        closing(open_store(f"embedded:{tmp_path}/store?map_size_mb=64")) as store,
    ):
        broker.create_topics(outside.topic_specs())
        kept = KeptByKey(outside, node, "counts", broker, store, clock)
        kept.change("the", None, 40, "ops")
        metrics = NodeMetrics("outside", "counter", CollectorRegistry())
        platform = Platform(broker, store, None, clock)
        instance = assemble(Place(outside, node, "counter-0", {}), platform, metrics, Health(clock, 30.0))
        while instance.loop.step(0.0) is not Step.IDLE:
            pass

        assert kept.get("the", None) == 40


def test_what_is_deleted_is_gone(catenae: Any, counter: Counter) -> None:
    catenae("state", "delete", *NODE, "the", *AT_ONCE)
    counter.run()

    assert catenae("state", "list", *NODE).stdout.split() == ["KEY", "PART", "cat"]
    assert "has nothing of this key" in catenae.refused("state", "get", *NODE, "the")


def test_a_change_is_noted_in_the_log_without_key_or_value(
    catenae: Any, counter: Counter, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    catenae("state", "set", *NODE, "hippopotamus", "123454321", *AT_ONCE)
    counter.run()

    (noted,) = [each for each in caplog.records if each.message == "state changed by hand"]
    said = str(vars(noted))
    assert (vars(noted)["state"], "hippopotamus" in said, "123454321" in said) == ("counts", False, False)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("get", "topologies.wordcount", "splitter", "the"), "keeps no State"),
        (("get", *NODE, "the", "--state", "count"), "did you mean 'counts'?"),
        (("get", *NODE, "dog"), "has nothing of this key"),
        (("set", *NODE, "the", "two"), "is no JSON"),
        (("set", *NODE, "the", "null"), "use `catenae state delete`"),
        (("delete", *NODE, "\0"), "begins or ends with NUL"),
    ],
)
@pytest.mark.usefixtures("counter")
def test_what_cannot_be_is_refused_in_one_line(catenae: Any, arguments: tuple[str, ...], said: str) -> None:
    assert said in catenae.refused("state", *arguments)
