"""How large a record may be: each broker says so, takes that much, and refuses more in the same words."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient, NewTopic

from catenae.broker import Broker, TopicSpec
from catenae.brokers import open_broker
from catenae.errors import RecordTooLarge
from catenae.message import Record
from catenae.testing import FakeClock

KAFKA_CLIENTS = [pytest.param(client, marks=pytest.mark.servers) for client in ("kafka-python", "confluent")]
TOPIC = "sizes"
GENEROUS_BYTES = 5_000_000


@pytest.fixture(params=["memory", "lmdb", *KAFKA_CLIENTS])
def broker(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Broker]:
    kind = str(request.param)
    url = {"memory": "embedded:", "lmdb": f"embedded:{tmp_path / 'log'}?map_size_mb=256"}.get(kind)
    broker = open_broker(url or f"kafka://{request.getfixturevalue('kafka')}?client={kind}", FakeClock())
    broker.delete_topics([TOPIC])
    broker.create_topics([TopicSpec(TOPIC, 1)])
    yield broker
    broker.close()


@pytest.fixture(params=KAFKA_CLIENTS)
def generous(request: pytest.FixtureRequest, kafka: str) -> Iterator[Broker]:
    """A broker whose topic takes five times what Kafka's topics take by default."""
    broker = open_broker(f"kafka://{kafka}?client={request.param}", FakeClock())
    broker.delete_topics([TOPIC])
    wanted = NewTopic(TOPIC, 1, config={"max.message.bytes": str(GENEROUS_BYTES)})
    admin = AdminClient({"bootstrap.servers": kafka})
    admin.create_topics([wanted])[TOPIC].result()
    broker.create_topics([TopicSpec(TOPIC, 1)])
    yield broker
    broker.close()


def of_size(size_bytes: int) -> Record:
    """Return a record of bytes that cannot be compressed, some of them in its key and its headers."""
    key, headers = b"k" * 1000, {"name": b"h" * 996}
    noise = os.urandom(2**20) * (size_bytes // 2**20 + 1)
    return Record(TOPIC, key, noise[: size_bytes - 2000], headers, partition=0)


def first_of(broker: Broker) -> Record:
    until_s = time.monotonic() + 5.0
    while not (found := broker.read(TOPIC, 0, 0, 1)) and time.monotonic() < until_s:
        pass
    return found[0]


@pytest.mark.lengthy
def test_the_largest_record_is_taken_whole(broker: Broker) -> None:
    largest = of_size(broker.max_record_bytes(TOPIC))
    broker.append([largest])

    assert first_of(broker).value == largest.value


@pytest.mark.lengthy
def test_one_byte_more_is_refused_and_nothing_is_written(broker: Broker) -> None:
    limit_bytes = broker.max_record_bytes(TOPIC)
    with pytest.raises(RecordTooLarge, match=f"exceeds the limit of topic 'sizes' of {limit_bytes:,}"):
        broker.append([of_size(3000), of_size(limit_bytes + 1)])

    assert broker.read(TOPIC, 0, 0, 1) == []


def test_a_topic_of_kafka_may_take_more_than_a_client_does_unasked(generous: Broker) -> None:
    largest = of_size(generous.max_record_bytes(TOPIC))
    generous.append([largest])

    assert 0.99 * GENEROUS_BYTES < len(first_of(generous).value or b"") < GENEROUS_BYTES
