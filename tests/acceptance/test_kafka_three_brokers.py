"""One of three brokers is lost: the topology goes on, and nobody storms the dead one."""

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from catenae.broker import Broker
from catenae.brokers import open_broker
from catenae.errors import TransientError
from catenae.message import Record
from tests.acceptance.command import Command
from tests.patience import until
from tests.servers.kafka import KafkaServer
from topologies.wordcount import topology

pytestmark = pytest.mark.servers

TCP = Path("/proc/net/snmp")
# By all processes of the machine, of which some belong to others.
MOST_FAILED_PER_S = 500


@pytest.fixture(params=["kafka-python", "confluent"])
def url(kafka_cluster: KafkaServer, request: pytest.FixtureRequest) -> str:
    replicated = "replication.factor=3&min.insync.replicas=2"
    return f"kafka://{kafka_cluster.bootstrap}?client={request.param}&{replicated}"


@pytest.fixture
def up(tmp_path: Path, url: str) -> Iterator[Command]:
    command = Command(tmp_path, "up", "topologies/wordcount.py", "--broker", url)
    yield command
    command.kill()


def feed(url: str, lines: int) -> None:
    with closing(open_broker(url)) as broker:
        for _ in range(lines):
            until(lambda: _is_written(broker))


def _is_written(broker: Broker) -> bool:
    try:
        broker.append([Record("lines", None, b'"a b"')])
    except TransientError:
        return False
    return True


def counted(url: str) -> int:
    """Return how many words have been counted."""
    with closing(open_broker(url)) as broker:
        try:
            return sum(
                len(broker.read("counts", number, 0, span.end))
                for number, span in enumerate(broker.spans("counts"))
            )
        except TransientError:
            return 0


def failed_connects() -> int:
    names, numbers = (line.split()[1:] for line in TCP.read_text().splitlines() if line.startswith("Tcp:"))
    return int(numbers[names.index("AttemptFails")])


@pytest.mark.skipif(not TCP.exists(), reason="the system does not count failed connections there")
def test_a_topology_outlives_a_broker_and_does_not_storm_it(
    kafka_cluster: KafkaServer, url: str, up: Command
) -> None:
    until(lambda: up.probe("/ready") is True)
    with closing(open_broker(url)) as broker:
        assert set(topology.topics()) <= set(broker.topics())
    feed(url, 5)
    until(lambda: counted(url) == 10)

    kafka_cluster.brokers[1].kill()
    before, began_s = failed_connects(), time.monotonic()
    feed(url, 20)
    until(lambda: counted(url) == 50)
    failed_per_s = (failed_connects() - before) / (time.monotonic() - began_s)
    kafka_cluster.brokers[1].start()

    assert failed_per_s < MOST_FAILED_PER_S
    until(lambda: up.probe("/ready") is True)
    assert up.ended() is None
    assert up.stop() == 0
