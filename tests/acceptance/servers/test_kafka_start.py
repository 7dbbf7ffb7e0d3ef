"""A Kafka that has just started, asked for what it is not ready to say yet."""

import subprocess
import sys

import pytest

from tests.servers.kafka import KafkaServer

pytestmark = pytest.mark.servers

ASKING = """
import sys, time
from catenae.broker import TopicSpec
from catenae.brokers import open_broker
from catenae.errors import BrokerUnavailable
from catenae.message import Record

broker = open_broker(sys.argv[1])
until_s = time.monotonic() + 60
while time.monotonic() < until_s:
    try:
        broker.create_topics([TopicSpec("texts", 2)])
        broker.append([Record("texts", None, b"")])
        print(dict(broker.positions("nobody")), broker.members("nobody"))
        break
    except BrokerUnavailable:
        time.sleep(0.02)
"""


@pytest.mark.parametrize("client", ["kafka-python", "confluent"])
def test_a_group_that_nobody_has_joined_may_be_asked_for_at_once(
    kafka_broker: KafkaServer, client: str
) -> None:
    command = [sys.executable, "-c", ASKING, f"kafka://{kafka_broker.bootstrap}?client={client}"]
    asked = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)

    assert (asked.returncode, asked.stdout) == (0, "{} {}\n"), asked.stderr
