"""What a retention has ended is on no disk of Kafka, also on a topic that others go on writing to."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from catenae.broker import TopicSpec
from catenae.brokers import open_broker
from catenae.brokers.kafka.address import Address
from catenae.brokers.kafka.choice import open_client
from catenae.brokers.kafka.topic_settings import NewTopic
from catenae.message import Record
from tests.patience import until
from tests.servers.kafka import KafkaServer

pytestmark = pytest.mark.servers

CLIENTS = ("kafka-python", "confluent")

KEPT_S = 7.0
# Kafka looks every five minutes, from half of one after its start, and removes files a minute later.
AT_ONCE = {
    "log.retention.check.interval.ms": 500,
    "log.initial.task.delay.ms": 500,
    "log.segment.delete.delay.ms": 100,
}


@pytest.fixture
def server() -> Iterator[KafkaServer]:
    with KafkaServer(settings=AT_ONCE) as server:
        yield server


def test_no_byte_is_left_of_what_a_retention_has_ended_though_others_are_written(server: KafkaServer) -> None:
    name = b"somebody-of-whom-nothing-may-be-left"
    with closing(open_broker(f"kafka://{server.bootstrap}")) as broker:
        broker.create_topics([TopicSpec("texts", 1, retention_s=KEPT_S)])
        broker.append([Record("texts", name, b'{"author": "%s"}' % name)])
        assert server.holds(name)

        def gone_while_others_write() -> bool:
            broker.append([Record("texts", b"another", b"{}")])
            return not server.holds(name)

        until(gone_while_others_write, every_s=0.25, within_s=6 * KEPT_S)

        assert server.holds(b"another")


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize(("is_ours", "kept_s"), [(True, 3600.0), (False, 7200.0)], ids=["ours", "another's"])
def test_a_topic_that_exists_is_given_another_retention_if_it_is_ours(
    kafka: str, client: str, is_ours: bool, kept_s: float
) -> None:
    name = f"kept-{client}-{is_ours}"
    with closing(open_broker(f"kafka://{kafka}?client={client}")) as broker:
        broker.create_topics([TopicSpec(name, 2, retention_s=7200.0)])
        broker.create_topics([TopicSpec(name, 2, retention_s=3600.0, is_ours=is_ours)])

        until(lambda: broker.topics()[name].retention_s == kept_s)
        broker.delete_topics([name])


@pytest.mark.parametrize("client", CLIENTS)
def test_a_topic_of_an_earlier_release_is_parted_by_time_as_well(kafka: str, client: str) -> None:
    name = f"parted-{client}"
    with closing(open_client(Address.parse(f"//{kafka}?client={client}", {}), 5.0).admin()) as admin:
        admin.create([NewTopic(name, 1, {"retention.ms": "7000"})])
        with closing(open_broker(f"kafka://{kafka}?client={client}")) as broker:
            until(lambda: name in broker.topics())
            broker.create_topics([TopicSpec(name, 1, retention_s=7.0)])

        until(lambda: admin.bounds([name])[name]["segment.ms"] == "1000")
        admin.delete([name])
