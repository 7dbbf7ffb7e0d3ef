"""The promise on Kafka, under `kill -9` of instances and of Kafka itself, under freezing and scaling.

The results are read by a client that is none of ours, as any reader of committed records would.

`CATENAE_KILL_ROUNDS=20` makes it long; the default is a short form.
"""

import logging
import os
import random
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from catenae import Topology, TransientError
from catenae.broker import Broker
from catenae.brokers import open_broker
from catenae.codec.packing import unpack
from catenae.config import read_settings
from catenae.stores import open_documents
from tests.acceptance import kill_topology
from tests.acceptance.fleet import (
    Fleet,
    Results,
    by_key,
    expected,
    generated,
    require_each_once,
    require_each_once_at_any_time,
)
from tests.acceptance.kill_topology import topology, two_inputs
from tests.patience import until
from tests.servers.kafka import KafkaServer

confluent_kafka = pytest.importorskip("confluent_kafka")
logger = logging.getLogger(__name__)
pytestmark = pytest.mark.servers

ROUNDS = int(os.environ.get("CATENAE_KILL_ROUNDS", "3"))
# Shorter than a user's, so that the others take over while an instance is frozen.
SESSION_S = 2.0
AWAY_S = 3.0


@pytest.fixture(params=["kafka-python", "confluent"])
def client(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def url(kafka_broker: KafkaServer, client: str) -> str:
    return f"kafka://{kafka_broker.bootstrap}?client={client}&session.timeout.ms={SESSION_S * 1000:.0f}"


@pytest.fixture
def broker(url: str) -> Iterator[Broker]:
    with closing(open_broker(url)) as broker:
        create_topics(broker, topology)
        yield broker


def create_topics(broker: Broker, topology: Topology) -> None:
    """Create the topics of a topology, however long a busy Kafka takes for it."""

    def are_there() -> bool:
        with suppress(TransientError):
            broker.create_topics(topology.topic_specs())
            return True
        return False

    until(are_there)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


def committed(kafka: KafkaServer, topic: str) -> list[tuple[bytes, Any]]:
    """Return key and value of each record that a reader of committed records sees, partition by partition."""
    settings = {
        "bootstrap.servers": kafka.bootstrap,
        "group.id": "nobody",
        "isolation.level": "read_committed",
        "enable.partition.eof": True,
    }
    found = []
    with closing(confluent_kafka.Consumer(settings)) as consumer:
        for number in range(topology.partitions):
            consumer.assign([confluent_kafka.TopicPartition(topic, number, 0)])
            while (message := consumer.poll(30)) is not None and message.error() is None:
                found.append((message.key(), unpack(message.value())))
            assert message is not None, f"{topic}[{number}] does not come to an end"
    return found


def disturb(fleet: Fleet, kafka: KafkaServer, broker: Broker) -> None:
    """Do to instances and to Kafka what may happen to them, again and again, once they have got on."""
    chance = random.Random(os.environ.get("CATENAE_KILL_SEED", "7"))
    for turn in range(ROUNDS):
        fleet.get_on(broker)
        time.sleep(chance.uniform(0, 2))
        fleet.kill_some(chance)
        if turn % 3 == 0:
            kafka.kill()
            time.sleep(chance.uniform(0, AWAY_S))
            fleet.kill_some(chance)
            kafka.start()
        if turn % 3 == 1:
            fleet.freeze_one(chance, 2 * SESSION_S)
        fleet.scale("sum", chance.randint(1, 5))
        fleet.revive()


@contextmanager
def disturbed(fleet: Fleet, kafka: KafkaServer, broker: Broker) -> Iterator[int]:
    """Disturb the fleet, have it come to its end, and give how many numbers there were."""
    try:
        disturb(fleet, kafka, broker)
        fleet.drain(broker)
        yield generated(broker)
    finally:
        fleet.stop_all()


def require_no_dead_letter(kafka: KafkaServer, broker: Broker) -> None:
    for topic in broker.topics():
        if topic.endswith(".dead"):
            assert not committed(kafka, topic)


def require_all_kept(data: Path, total: int) -> None:
    with closing(open_documents(read_settings({}, {"data": data}).documents)) as documents:
        assert documents.count("results") == total


def test_exactly_once_survives_kills_of_instances_and_of_kafka(
    data: Path, broker: Broker, kafka_broker: KafkaServer, url: str
) -> None:
    fleet = Fleet(data, ["--broker", url], spell=300)
    with disturbed(fleet, kafka_broker, broker) as total:
        results = by_key(committed(kafka_broker, "results"))
        logger.info("%d numbers; %d instances ended by themselves", total, fleet.restarts)

        assert results == expected(total)
        require_no_dead_letter(kafka_broker, broker)
        require_all_kept(data, total)


def test_exactly_once_holds_for_two_inputs_of_which_one_is_delayed(
    data: Path, broker: Broker, kafka_broker: KafkaServer, url: str
) -> None:
    create_topics(broker, two_inputs)
    fleet = Fleet(data, ["--broker", url], spell=300, variant="two_inputs")
    with disturbed(fleet, kafka_broker, broker) as total:
        logger.info("%d numbers; %d instances ended by themselves", total, fleet.restarts)

        require_each_once(by_key(committed(kafka_broker, "results")), total)
        require_no_dead_letter(kafka_broker, broker)
        require_all_kept(data, total)


@pytest.mark.parametrize("variant", ["timed", "windowed", "joined"])
def test_every_timer_wakes_once_and_so_do_windows_and_joins(
    data: Path, broker: Broker, kafka_broker: KafkaServer, url: str, variant: str
) -> None:
    create_topics(broker, getattr(kill_topology, variant))
    fleet = Fleet(data, ["--broker", url], spell=300, variant=variant)
    with disturbed(fleet, kafka_broker, broker) as total:
        fleet.await_results(lambda: len(committed(kafka_broker, "results")), total)
        fleet.drain(broker)
        logger.info("%d numbers; %d instances ended by themselves", total, fleet.restarts)

        require_each_once_at_any_time(by_key(committed(kafka_broker, "results")), total)
        require_no_dead_letter(kafka_broker, broker)
        require_all_kept(data, total)


def test_at_least_once_loses_nothing_under_kills_of_instances_and_of_kafka(
    data: Path, broker: Broker, kafka_broker: KafkaServer, url: str
) -> None:
    fleet = Fleet(data, ["--broker", url], spell=300, variant="at_least_once")
    with disturbed(fleet, kafka_broker, broker) as total:
        numbers, results = committed(kafka_broker, "numbers"), by_key(committed(kafka_broker, "results"))
        found = {number for _, number in numbers}
        repeated = len(numbers) - len(found), sum(map(len, results.values())) - len(numbers)
        logger.info("%d numbers; %d repeated, and %d results", len(found), *repeated)

        # What a Source wrote last may be beyond its position, if it was killed in between.
        assert found == set(range(len(found)))
        assert len(found) >= total
        require_every_number_counted_once(by_key(numbers), results)
        require_no_dead_letter(kafka_broker, broker)


def require_every_number_counted_once(numbers: Results, results: Results) -> None:
    """State is exact all the same: it has counted each record of `numbers` once, and said so."""
    for key, values in numbers.items():
        counts = {count for _, count, _ in results[key]}
        assert counts == set(range(1, len(values) + 1))
        assert max(total for _, _, total in results[key]) == sum(values)
