"""The control channel on a real Kafka, with both clients: heard, answered, and nothing lost."""

import signal
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from catenae.broker import Broker
from catenae.brokers import open_broker
from catenae.clock import SystemClock
from catenae.codec.packing import unpack
from catenae.deployment.control import Control
from catenae.deployment.control_acts import Pause, Resume, Scale
from catenae.deployment.control_log import ControlLog
from catenae.deployment.reading import read_spans
from catenae.message import Record
from catenae.operating.draining import drain
from tests.acceptance.command import Command
from tests.acceptance.scale_topology import topology
from tests.acceptance.test_control import stays
from tests.patience import PATIENCE_S, until
from tests.servers.kafka import KafkaServer

pytestmark = pytest.mark.servers

TOPOLOGY = "tests/acceptance/scale_topology.py"
CLOCK = SystemClock()


@pytest.fixture
def url(kafka_broker: KafkaServer, client: str) -> str:
    return f"kafka://{kafka_broker.bootstrap}?client={client}"


@pytest.fixture
def up(tmp_path: Path, url: str) -> Iterator[Command]:
    command = Command(tmp_path, "up", TOPOLOGY, "--until-drained", "--broker", url)
    until(lambda: command.probe("/ready") is True)
    yield command
    command.kill()


@pytest.fixture
def broker(url: str, up: Command) -> Iterator[Broker]:
    with closing(open_broker(url)) as opened:
        yield opened


@pytest.mark.parametrize("client", ["kafka-python", "confluent"])
def test_paused_killed_scaled_and_drained_each_is_counted_once(
    tmp_path: Path, up: Command, broker: Broker
) -> None:
    control = Control(topology, broker, CLOCK)
    until(lambda: control.ask(Pause(600.0), "slow").is_done)
    until(lambda: control.ask(Pause(600.0), "slow").given[0].figures["standing"])
    assert stays(broker, "slow")
    former = up.instance("slow")
    up.signal("slow", signal.SIGKILL)
    until(lambda: up.instance("slow") not in {None, former})
    until(lambda: control.ask(Pause(600.0), "slow").is_done)
    assert stays(broker, "slow")

    broker.append([Record(ControlLog(broker, "steps", CLOCK).requests, None, b"{}", partition=0)])
    until(lambda: control.ask(Scale(2), "slow").is_done)
    until(lambda: len(broker.members("steps.slow")) == 2)
    until(lambda: control.ask(Resume(), "slow").is_done)
    until(lambda: drain(topology, control, broker, CLOCK, 600.0, PATIENCE_S))

    counts = [unpack(each.value or b"") for each in read_spans(broker, "counts", broker.spans("counts"))]
    numbers = sorted(number for number, _ in counts)
    assert numbers == list(range(1, len(numbers) + 1))
    control.ask(Resume())
    (tmp_path / "end").touch()
    until(lambda: up.ended() == 0)
