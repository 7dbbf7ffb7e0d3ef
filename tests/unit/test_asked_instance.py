"""What an instance does when it is asked, and says then."""

import logging
import threading
from collections.abc import Iterator

import pytest
from prometheus_client import CollectorRegistry

from catenae.deployment.control_acts import Act, Figures, LogLevel, Pause, Pin, Request, Resume, Stack
from catenae.observability.health import Health
from catenae.observability.metrics import BatchFigures, NodeMetrics
from catenae.running.asked_instance import AskedInstance
from catenae.running.listener import Said
from catenae.runtime.gate import Gate
from catenae.testing import FakeClock
from catenae.topology.node import Node
from topologies.depression import topology as depression
from topologies.wordcount import topology


class Instance:
    """One that can be asked, and what there is of it."""

    def __init__(self, node: Node = topology.node("splitter")) -> None:  # noqa: B008  frozen
        self.clock, self.registry = FakeClock(), CollectorRegistry()
        self.metrics = NodeMetrics("wordcount", node.name, self.registry)
        self.gate = Gate(self.clock.now_s)
        health = Health(self.clock, 30.0)
        health.progressed()
        self.asked = AskedInstance(
            node, f"{node.name}-0", self.gate, health, self.metrics, self.registry, self.clock
        )

    def ask(self, act: Act, node: str = "", *, is_past: bool = True) -> Said:
        request = Request("1", int(self.clock.now_s() * 1000), act, node)
        return self.asked.carry_out(request, is_past=is_past)

    def gauge(self, name: str) -> float | None:
        return self.registry.get_sample_value(name, {"topology": "wordcount", "node": "splitter"})


@pytest.fixture(autouse=True)
def level() -> Iterator[None]:
    before = logging.getLogger().level
    logging.getLogger().setLevel("INFO")
    yield
    logging.getLogger().setLevel(before)


def test_paused_it_says_so_in_its_metrics_until_it_is_to_go_on() -> None:
    instance = Instance()
    said = instance.ask(Pause(60.0))
    instance.asked.look()

    assert said.effect == "pauses when its batch is done, until 2023-11-14 22:14:20 UTC"
    assert instance.gauge("catenae_paused") == 1

    assert instance.ask(Resume()) == Said(True, "goes on")
    instance.asked.look()
    assert (instance.gate.reason, instance.gauge("catenae_paused")) == ("", 0)


def test_a_pause_that_was_over_before_it_was_read_is_none() -> None:
    instance = Instance()
    request = Request("1", int(instance.clock.now_s() * 1000), Pause(60.0))
    instance.clock.sleep(61)
    instance.asked.carry_out(request, is_past=True)

    assert instance.gate.reason == ""


def test_it_answers_once_its_loop_stands_still() -> None:
    instance = Instance()
    loop = threading.Thread(target=lambda: stand(instance.gate))
    loop.start()
    said = instance.ask(Pause(60.0), is_past=False)
    instance.gate.open()
    loop.join()

    assert said.effect == "paused until 2023-11-14 22:14:20 UTC"
    assert said.figures == {"standing": 1}


def stand(gate: Gate) -> None:
    while not gate.reason:
        pass
    while gate.reason:
        gate.stand(60.0)


@pytest.mark.parametrize("for_s", [-1.0, 86_401.0, float("nan"), float("inf")])
def test_no_pause_is_for_good(for_s: float) -> None:
    instance = Instance()

    assert not instance.ask(Pause(for_s)).is_done
    assert instance.gate.reason == ""


@pytest.mark.parametrize(("named", "is_done"), [("api", False), ("", True)])
def test_a_server_goes_on(named: str, is_done: bool) -> None:
    instance = Instance(depression.node("api"))

    assert instance.ask(Pause(60.0), named).is_done is is_done
    assert instance.gate.reason == ""


def test_another_level_is_for_a_time() -> None:
    instance = Instance()
    instance.ask(LogLevel("DEBUG", 60.0))
    assert logging.getLogger().level == logging.DEBUG

    instance.clock.sleep(59)
    instance.asked.look()
    assert logging.getLogger().level == logging.DEBUG

    instance.clock.sleep(1)
    instance.asked.look()
    assert logging.getLogger().level == logging.INFO


def test_another_level_can_be_ended() -> None:
    instance = Instance()
    instance.ask(LogLevel("DEBUG", 60.0))

    assert instance.ask(LogLevel("DEBUG", 0.0)).effect == "logs from INFO on, as set"
    assert logging.getLogger().level == logging.INFO


def test_it_says_where_its_threads_are_and_none_of_their_values() -> None:
    entered, done = threading.Event(), threading.Event()
    thread = threading.Thread(target=lambda: secretive("ophelia is sad", entered, done), name="lane_0")
    thread.start()
    entered.wait()
    lines = Instance().ask(Stack()).lines
    done.set()
    thread.join()

    assert "thread lane_0" in lines
    assert any(each.strip().startswith(f"{__name__}:") and "secretive" in each for each in lines)
    assert "ophelia" not in " ".join(lines)


def secretive(text: str, entered: threading.Event, done: threading.Event) -> str:
    entered.set()
    done.wait()
    return text


def test_it_says_what_it_has_counted() -> None:
    instance = Instance()
    instance.metrics.batch(BatchFigures({"lines": 7}, {"words": 9}, 0.5, 0.25, 0.75))
    said = instance.ask(Figures())

    assert (said.effect, said.figures["messages_in"], said.figures["messages_out"]) == ("progressing", 7, 9)


def test_what_is_asked_of_a_supervisor_is_not_meant_for_it() -> None:
    asked = Instance().asked

    assert asked.is_meant(Request("1", 0, Resume(), "splitter", "splitter-0"))
    assert not asked.is_meant(Request("1", 0, Resume(), "splitter", "splitter-1"))
    assert not asked.is_meant(Request("1", 0, Resume(), "counter"))
    assert not asked.is_meant(Request("1", 0, Pin(), "splitter"))
