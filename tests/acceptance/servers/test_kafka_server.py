"""The Kafka that tests are lent: both clients reach it, and it outlives a kill."""

import uuid
from contextlib import closing
from typing import Any

import pytest

from tests.servers.kafka import KafkaServer

confluent_kafka = pytest.importorskip("confluent_kafka")
confluent_admin = pytest.importorskip("confluent_kafka.admin")
kafka_python = pytest.importorskip("kafka")
pytestmark = pytest.mark.servers


def new_topic(bootstrap: str) -> str:
    name = f"smoke-{uuid.uuid4().hex}"
    admin = confluent_admin.AdminClient({"bootstrap.servers": bootstrap})
    admin.create_topics([confluent_admin.NewTopic(name)])[name].result(timeout=20)
    return name


def produce(bootstrap: str, topic: str, value: bytes) -> None:
    producer = confluent_kafka.Producer({"bootstrap.servers": bootstrap})
    producer.produce(topic, value)
    assert producer.flush(30) == 0


def consume(bootstrap: str, topic: str) -> Any:
    settings = {"bootstrap.servers": bootstrap, "group.id": topic, "auto.offset.reset": "earliest"}
    consumer = confluent_kafka.Consumer(settings)
    consumer.subscribe([topic])
    record = consumer.poll(30)
    consumer.close()
    assert record is not None
    return record.value()


def test_a_record_passes_through_confluent_kafka(kafka: str) -> None:
    topic = new_topic(kafka)

    produce(kafka, topic, b"hello")

    assert consume(kafka, topic) == b"hello"


def test_a_record_passes_through_kafka_python(kafka: str) -> None:
    topic = new_topic(kafka)

    with closing(kafka_python.KafkaProducer(bootstrap_servers=kafka)) as producer:
        producer.send(topic, b"hello").get(timeout=30)

    settings = {"bootstrap_servers": kafka, "auto_offset_reset": "earliest"}
    with closing(kafka_python.KafkaConsumer(topic, **settings)) as consumer:
        assert next(consumer).value == b"hello"


def test_a_killed_broker_comes_back_with_its_records(kafka_broker: KafkaServer) -> None:
    topic = new_topic(kafka_broker.bootstrap)
    produce(kafka_broker.bootstrap, topic, b"kept")

    kafka_broker.kill()
    kafka_broker.start()

    assert consume(kafka_broker.bootstrap, topic) == b"kept"


def test_three_brokers_serve_on_when_one_is_lost(kafka_cluster: KafkaServer) -> None:
    topic = new_topic(kafka_cluster.bootstrap)

    kafka_cluster.brokers[0].kill()
    produce(kafka_cluster.bootstrap, topic, b"kept")

    assert consume(kafka_cluster.bootstrap, topic) == b"kept"
