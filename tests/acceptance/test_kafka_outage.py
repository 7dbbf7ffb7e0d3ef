"""Kafka away: at the start, in the middle, for a command that only looks."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from catenae.brokers import open_broker
from catenae.deployment.lag import lags
from catenae.errors import TransientError
from catenae.message import Record
from tests.acceptance.command import ROOT, Command
from tests.patience import until
from tests.servers.kafka import KafkaServer
from topologies.wordcount import topology

pytestmark = pytest.mark.servers

# Five seconds are promised; a busy machine takes its time to start a process.
TOLD_WITHIN_S = 60.0


@pytest.fixture(params=["kafka-python", "confluent"])
def client(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def url(kafka_broker: KafkaServer, client: str) -> str:
    return f"kafka://{kafka_broker.bootstrap}?client={client}"


@pytest.fixture
def start(tmp_path: Path, url: str) -> Iterator[Callable[..., Command]]:
    """Start commands on this Kafka; none is left behind."""
    started: list[Command] = []

    def start(*arguments: str) -> Command:
        started.append(Command(tmp_path, *arguments, "--broker", url))
        return started[-1]

    yield start
    for each in started:
        each.kill()


def feed(url: str, lines: int) -> None:
    with closing(open_broker(url)) as broker:
        broker.create_topics(topology.topic_specs())
        broker.append([Record("lines", None, b'"a b"') for _ in range(lines)])


def words(url: str) -> int:
    """Return how many words the splitter has written, once it has nothing left to do."""
    with closing(open_broker(url)) as broker:
        until(lambda: _is_through(url))
        spans = enumerate(broker.spans("words"))
        return sum(len(broker.read("words", number, 0, span.end)) for number, span in spans)


def _is_through(url: str) -> bool:
    try:
        with closing(open_broker(url)) as broker:
            return all(each.records == 0 for each in lags(broker, topology) if each.node == "splitter")
    except TransientError:
        return False


def test_an_instance_waits_for_kafka_alive_and_not_ready_and_then_works(
    kafka_broker: KafkaServer, url: str, start: Callable[..., Command]
) -> None:
    kafka_broker.kill()
    instance = start("work", "topologies/wordcount.py", "splitter", "--slot", "0")

    until(lambda: instance.said("waiting for a server") == 1, within_s=TOLD_WITHIN_S)
    assert (instance.probe("/live"), instance.probe("/ready")) == (True, False)
    kafka_broker.start()
    until(lambda: instance.probe("/ready") is True)
    feed(url, 3)
    assert words(url) == 6
    assert instance.said("waiting for a server") == 1
    assert instance.stop() == 0


def test_an_instance_that_waits_for_kafka_stops_in_order(
    kafka_broker: KafkaServer, start: Callable[..., Command]
) -> None:
    kafka_broker.kill()
    instance = start("work", "topologies/wordcount.py", "splitter", "--slot", "0")
    until(lambda: instance.said("waiting for a server") == 1, within_s=TOLD_WITHIN_S)

    assert instance.stop() == 0


def test_a_topology_waits_for_kafka_with_one_line_and_then_runs(
    kafka_broker: KafkaServer, url: str, start: Callable[..., Command]
) -> None:
    kafka_broker.kill()
    up = start("up", "topologies/wordcount.py")

    until(lambda: up.said("waiting until it does") == 1, within_s=TOLD_WITHIN_S)
    assert (up.probe("/live"), up.probe("/ready")) == (True, False)
    kafka_broker.start()
    until(lambda: up.probe("/ready") is True)
    assert up.said("waiting until it does") == 1
    assert up.stop() == 0


def test_kafka_away_in_the_middle_makes_a_topology_not_ready_and_loses_nothing(
    kafka_broker: KafkaServer, url: str, start: Callable[..., Command]
) -> None:
    feed(url, 5)
    up = start("up", "topologies/wordcount.py")
    until(lambda: up.probe("/ready") is True)

    kafka_broker.kill()
    until(lambda: up.probe("/ready") is False)
    kafka_broker.start()
    feed(url, 7)
    until(lambda: up.probe("/ready") is True)
    assert words(url) == 24
    assert up.stop() == 0
    assert up.said("ended with") == up.said("did not stop within") == 0


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "frozen"])
def test_a_topology_stops_in_time_while_kafka_is_away(
    kafka_broker: KafkaServer, start: Callable[..., Command], number: signal.Signals
) -> None:
    up = start("up", "topologies/wordcount.py")
    until(lambda: up.probe("/ready") is True)

    os.kill(kafka_broker.brokers[0].pid or 0, number)
    until(lambda: up.probe("/ready") is False)
    assert up.stop() == 0
    assert up.said("did not stop within") == 0


@pytest.mark.parametrize("command", [["topics"], ["lag", "topologies/wordcount.py"], ["tail", "lines"]])
def test_a_command_that_finds_kafka_away_ends_with_one_line_and_status_2(
    client: str, command: list[str], tmp_path: Path
) -> None:
    where = ["--broker", f"kafka://127.0.0.1:1?client={client}", "--data", str(tmp_path)]
    whole = [sys.executable, "-m", "catenae", *command, *where]
    done = subprocess.run(whole, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert done.stderr.startswith("catenae: Kafka does not answer while")
    assert done.stderr.count("\n") == 1
