import logging
from collections.abc import Iterator
from contextlib import closing

import pytest
from prometheus_client import CollectorRegistry

from catenae.broker import Broker
from catenae.brokers import open_broker
from catenae.message import Record
from catenae.observability.health import Health
from catenae.observability.metrics import NodeMetrics
from catenae.running.assembly import Place, Platform, assemble
from catenae.running.reporter import Reporter
from catenae.stores import open_store
from catenae.testing import FakeClock
from topologies.wordcount import topology

SPLITTER = topology.node("splitter")
LABELS = {"topology": "wordcount", "node": "splitter"}


class Reported:
    """A splitter that has been assembled and is reported on, by hand."""

    def __init__(self, broker: Broker, clock: FakeClock) -> None:
        self.clock = clock
        self.registry = CollectorRegistry()
        metrics = NodeMetrics("wordcount", "splitter", self.registry)
        platform = Platform(broker, open_store("embedded:"), None, clock)
        place = Place(topology, SPLITTER, "splitter-0", {})
        self.instance = assemble(place, platform, metrics, Health(clock, progress_timeout_s=30))
        group = topology.group(SPLITTER)
        self.reporter = Reporter(SPLITTER, group, platform, self.instance, metrics, self.registry)

    def gauge(self, name: str, **labels: str) -> float | None:
        return self.registry.get_sample_value(f"catenae_{name}", LABELS | labels)


@pytest.fixture
def reported() -> Iterator[Reported]:
    clock = FakeClock()
    with closing(open_broker("embedded:", clock)) as broker:
        broker.create_topics(topology.topic_specs())
        broker.append([Record("lines", None, b'"a b"') for _ in range(5)])
        reported = Reported(broker, clock)
        yield reported
        reported.instance.loop.close()


def test_the_lag_is_that_of_what_is_committed(reported: Reported) -> None:
    reported.reporter.report()
    assert reported.gauge("lag_records", topic="lines") == 5

    while reported.instance.loop.step(0.0).name == "MOVED":
        pass
    reported.reporter.report()
    assert reported.gauge("lag_records", topic="lines") == 0


def test_readiness_lapses_without_a_step(reported: Reported) -> None:
    reported.instance.health.progressed()
    reported.reporter.report()
    assert reported.gauge("ready") == 1

    reported.clock.advance(31)
    reported.reporter.report()
    assert reported.gauge("ready") == 0


def test_a_line_a_minute_tells_the_rates(reported: Reported, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    reported.instance.loop.step(0.0)
    reported.reporter.report()
    assert caplog.records == []

    reported.clock.advance(60)
    reported.reporter.report()
    (line,) = caplog.records
    assert (line.getMessage(), vars(line)["in_per_s"]) == ("running", round(5 / 60, 1))
