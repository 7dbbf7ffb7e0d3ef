"""A transaction that Kafka forgot to end: its partition waits, and goes on once an operator has aborted."""

from collections.abc import Iterator
from contextlib import closing
from itertools import accumulate, count
from typing import Any

import pytest

from catenae.broker import Input, Session, TopicSpec
from catenae.brokers import open_broker
from catenae.errors import BrokerUnavailable
from catenae.message import Record, TopicPartition
from tests.patience import until
from tests.servers.kafka import KafkaServer

native = pytest.importorskip("confluent_kafka")
structs = pytest.importorskip("kafka.structs")
kafka_admin = pytest.importorskip("kafka.admin")
pytestmark = pytest.mark.servers

TOPIC, GROUP = "texts", "readers"
OFFSETS, OFFSETS_PARTITIONS = "__consumer_offsets", 4


@pytest.fixture
def hanging(kafka_broker: KafkaServer) -> KafkaServer:
    """A Kafka with a transaction that holds the position in partition 0, and that nothing will end."""
    with closing(open_broker(f"kafka://{kafka_broker.bootstrap}")) as broker:
        broker.create_topics([TopicSpec(TOPIC, 2)])
        broker.append([Record(TOPIC, None, b"%d" % n, partition=n % 2) for n in range(20)])
    client = {"bootstrap.servers": kafka_broker.bootstrap}
    producer = native.Producer(client | {"transactional.id": f"{GROUP}.m", "log_level": 0})
    until(lambda: is_ready(producer))
    producer.begin_transaction()
    member = native.Consumer(client | {"group.id": GROUP, "log_level": 0})
    places = [native.TopicPartition(TOPIC, 0, 5)]
    producer.send_offsets_to_transaction(places, member.consumer_group_metadata(), 30)
    kafka_broker.kill()
    kafka_broker.lose("__transaction_state")
    kafka_broker.start()
    return kafka_broker


def is_ready(producer: Any) -> bool:
    """Begin to use a producer; a Kafka that has just started is not ready for transactions yet."""
    try:
        producer.init_transactions(30)
    except native.KafkaException:
        return False
    return True


@pytest.fixture(params=["kafka-python", "confluent"])
def session(hanging: KafkaServer, request: pytest.FixtureRequest) -> Iterator[Session]:
    with (
        closing(open_broker(f"kafka://{hanging.bootstrap}?client={request.param}")) as broker,
        closing(broker.join(GROUP, "m", [Input(TOPIC)])) as session,
    ):
        yield session


def handle(session: Session) -> int:
    try:
        batch = session.poll({TOPIC: 20}, 0.5)
        session.commit([batch], [])
    except BrokerUnavailable:
        return 0
    return len(batch.records)


def abort_what_hangs(kafka: KafkaServer) -> int:
    """Abort open transactions in the groups' positions, as kafka-transactions.sh does; return how many."""
    admin = kafka_admin.KafkaAdminClient(bootstrap_servers=kafka.bootstrap)
    with closing(admin):
        partitions = [structs.TopicPartition(OFFSETS, number) for number in range(OFFSETS_PARTITIONS)]
        found = admin.describe_producers(partitions)
        open_ = [
            kafka_admin.AbortTransactionSpec(where, each.producer_id, each.producer_epoch)
            for where, state in found.items()
            for each in state.active_producers
            if each.current_transaction_start_offset >= 0
        ]
        for each in open_:
            admin.abort_transaction(each)
    return len(open_)


def test_the_partition_waits_and_goes_on_once_it_was_aborted(hanging: KafkaServer, session: Session) -> None:
    handled = accumulate(handle(session) for _ in count())
    until(lambda: next(handled) == 10)
    until(lambda: list(session.owned) == [TopicPartition(TOPIC, 1)])

    assert abort_what_hangs(hanging) == 1
    until(lambda: next(handled) == 20)
