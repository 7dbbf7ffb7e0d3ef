"""An instance that a person has paused stands still between two batches, and loses nothing."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing

import pytest
from prometheus_client import CollectorRegistry

from catenae.broker import Broker, Position
from catenae.brokers import open_broker
from catenae.message import Record, TopicPartition
from catenae.microservice import Microservice
from catenae.observability.health import Health, Verdict
from catenae.observability.metrics import NodeMetrics
from catenae.running.assembly import Place, Platform, assemble
from catenae.runtime.gate import Gate, Gates
from catenae.runtime.loop import Step
from catenae.runtime.run import Instance
from catenae.stores import open_store
from catenae.testing import FakeClock
from topologies.wordcount import topology


class Steps:
    """Says what it was asked for; ends after one step."""

    owned: Mapping[TopicPartition, Position] = {}

    def __init__(self, rested: Callable[[], None]) -> None:
        self.done: list[str] = []
        self._rested = rested

    def step(self, timeout_s: float) -> Step:
        self.done.append("step")
        return Step.FINISHED

    def rest(self) -> Step:
        self.done.append("rest")
        self._rested()
        return Step.PAUSED

    def close(self) -> None: ...


def run(clock: FakeClock, gate: Gate | Gates, rested: Callable[[], None]) -> tuple[list[str], Health]:
    steps, health = Steps(rested), Health(clock, 30.0)
    Instance(Microservice(), steps, health, clock, gate=gate).run(threading.Event())
    return steps.done, health


def test_it_rests_until_the_gate_is_opened() -> None:
    clock = FakeClock()
    gate = Gate(clock.now_s)
    gate.close(clock.now_s() + 60)

    assert run(clock, gate, gate.open)[0] == ["rest", "step"]


def test_nodes_of_one_process_rest_until_the_gate_of_each_is_open() -> None:
    clock = FakeClock()
    one, other = Gate(clock.now_s), Gate(clock.now_s)
    both = Gates((one, other))
    one.close(clock.now_s() + 60)
    other.close(clock.now_s() + 60)
    gates = iter((one, other))

    assert run(clock, both, lambda: next(gates).open())[0] == ["rest", "rest", "step"]
    assert not both.reason


def test_all_closed_gates_of_one_process_are_stood_at() -> None:
    clock = FakeClock()
    gates = [Gate(clock.now_s) for _ in range(3)]
    for each in gates[1:]:
        each.close(clock.now_s() + 60)
    Gates(gates).stand(0.0)

    assert [each.is_stood_at(0.0) for each in gates] == [False, True, True]


def test_a_pause_ends_by_itself() -> None:
    clock = FakeClock()
    gate = Gate(clock.now_s)
    gate.close(clock.now_s() + 60)

    assert run(clock, gate, lambda: clock.sleep(61))[0] == ["rest", "step"]


def test_while_paused_it_is_alive_and_not_ready_and_says_why() -> None:
    clock, found = FakeClock(), list[Verdict]()
    gate, health = Gate(clock.now_s), Health(clock, 30.0)
    gate.close(clock.now_s() + 60)
    instance = Instance(Microservice(), Steps(lambda: None), health, clock, gate=gate)

    def watch() -> None:
        assert gate.is_stood_at(60)
        found.extend((health.live, health.ready))
        gate.open()

    watcher = threading.Thread(target=watch)
    watcher.start()
    instance.run(threading.Event())
    watcher.join()

    assert found == [Verdict(True, "running"), Verdict(False, "paused until 2023-11-14 22:14:20 UTC")]


def test_what_ends_the_channel_ends_the_instance() -> None:
    clock = FakeClock()
    gate = Gate(clock.now_s)
    gate.fail(MemoryError("no room"))

    with pytest.raises(MemoryError):
        run(clock, gate, gate.open)


def test_one_that_goes_on_has_not_come_to_stand_still() -> None:
    clock = FakeClock()
    gate = Gate(clock.now_s)
    gate.close(clock.now_s() + 60)
    gate.stand(0.0)
    gate.open()
    gate.close(clock.now_s() + 60)

    assert not gate.is_stood_at(0.0)


@pytest.fixture
def broker() -> Iterator[Broker]:
    with closing(open_broker("embedded:", FakeClock())) as opened:
        opened.create_topics(topology.topic_specs())
        yield opened


def splitter(broker: Broker) -> Instance:
    clock = FakeClock()
    metrics = NodeMetrics("wordcount", "splitter", CollectorRegistry())
    platform = Platform(broker, open_store("embedded:"), None, clock)
    place = Place(topology, topology.node("splitter"), "splitter-0", {})
    return assemble(place, platform, metrics, Health(clock, 30.0))


def test_one_that_rests_keeps_its_partitions_and_takes_nothing(broker: Broker) -> None:
    loop = splitter(broker).loop
    broker.append([Record("lines", None, b'"a b"') for _ in range(5)])
    while loop.step(0.0) is Step.MOVED:
        pass
    owned, before = loop.owned, broker.positions("wordcount.splitter")
    broker.append([Record("lines", None, b'"a b"') for _ in range(5)])

    assert loop.rest() is Step.PAUSED
    assert (loop.owned, broker.positions("wordcount.splitter")) == (owned, before)

    while loop.step(0.0) is Step.MOVED:
        pass
    assert sum(span.end for span in broker.spans("words")) == 20
