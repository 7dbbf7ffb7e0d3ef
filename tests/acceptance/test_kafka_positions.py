"""A group's position and Kafka's log: where they do not fit, nothing is skipped or repeated in silence."""

import os
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from typing import Any

import pytest

from catenae.broker import Broker, Input, Position, Session, TopicSpec
from catenae.brokers import open_broker
from catenae.errors import BrokerUnavailable, RecordsLost, TopicMismatch
from catenae.message import Record, TopicPartition
from tests.contract.patient import PatientBroker
from tests.patience import until

native = pytest.importorskip("confluent_kafka")
admin = pytest.importorskip("confluent_kafka.admin")
pytestmark = pytest.mark.servers


@pytest.fixture(params=["kafka-python", "confluent"])
def client(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def name() -> str:
    """A name of the test's own, for its topic and its group."""
    return f"t{uuid.uuid4().hex[:12]}"


@pytest.fixture
def broker(kafka: str, client: str, name: str) -> Iterator[Broker]:
    # What is fetched ahead of the reader is little, so that something is left to be deleted.
    little = "&queued.max.messages.kbytes=1024" if client == "confluent" else ""
    with closing(open_broker(f"kafka://{kafka}?client={client}{little}")) as broker:
        broker.create_topics([TopicSpec(name, 1), TopicSpec(f"{name}.other", 1)])
        yield PatientBroker(broker)


@pytest.fixture
def operator(kafka: str) -> Any:
    return admin.AdminClient({"bootstrap.servers": kafka})


def write(broker: Broker, topic: str, numbers: range, size_bytes: int = 0) -> None:
    padding = os.urandom(size_bytes)
    broker.append([Record(topic, None, b"%d " % number + padding, partition=0) for number in numbers])


def join(broker: Broker, name: str, *more: str) -> Session:
    return broker.join(name, "m", [Input(topic) for topic in (name, *more)])


def read(session: Session, name: str, count: int, most: int = 1000) -> list[int]:
    """Return the next records, committed, once there are so many."""
    found: list[int] = []
    until_s = time.monotonic() + 30
    while len(found) < count and time.monotonic() < until_s:
        batch = session.poll({name: most}, 0.5)
        session.commit([batch], [])
        found += [int((each.value or b"").split()[0]) for each in batch.records]
    return found


def lost(session: Session, name: str) -> RecordsLost:
    """Poll until records are told to be lost."""
    with pytest.raises(RecordsLost) as told:
        until(lambda: bool(session.poll({name: 1}, 0.5).records))
    return told.value


def lost_while_reading(session: Session, name: str) -> RecordsLost:
    """Read on, committing, until records are told to be lost."""
    with pytest.raises(RecordsLost) as told:
        read(session, name, 1000)
    return told.value


def handle(broker: Broker, name: str, count: int) -> None:
    """Have a group handle the first records of a hundred, and leave."""
    write(broker, name, range(100))
    session = join(broker, name)
    assert read(session, name, count, most=count) == list(range(count))
    session.close()


def deleted_before(offset: int, operator: Any, name: str) -> None:
    """Delete records as retention does."""
    for each in operator.delete_records([native.TopicPartition(name, 0, offset)]).values():
        each.result()


def test_what_was_deleted_while_the_group_was_away_is_told_and_the_rest_read(
    broker: Broker, name: str, operator: Any
) -> None:
    handle(broker, name, 10)
    deleted_before(90, operator, name)
    with closing(join(broker, name)) as session:
        (loss,) = lost(session, name).losses

        assert (loss.position, loss.goes_on_at, loss.records) == (10, 90, 80)
        assert read(session, name, 10) == list(range(90, 100))


@pytest.mark.parametrize("others", [(), (".other",)], ids=["one input", "two inputs"])
def test_what_is_deleted_in_front_of_a_reader_is_told(
    broker: Broker, name: str, operator: Any, others: tuple[str, ...]
) -> None:
    write(broker, name, range(100))
    with closing(join(broker, name, *(f"{name}{each}" for each in others))) as session:
        read(session, name, 100)
        for first in range(100, 1000, 100):
            write(broker, name, range(first, first + 100), size_bytes=10_000)
        deleted_before(broker.spans(name)[0].end - 10, operator, name)
        told = lost_while_reading(session, name)

        assert told.losses[0].records > 100
        assert read(session, name, 5)[-1] == 999


def test_an_end_that_kafka_has_lost_is_told_and_nothing_is_read_twice(broker: Broker, name: str) -> None:
    handle(broker, name, 10)
    end = broker.spans(name)[0].end
    until(lambda: not broker.members(name))
    broker.reset(name, {TopicPartition(name, 0): Position(end + 5)})
    with closing(join(broker, name)) as session:
        (loss,) = lost(session, name).losses
        write(broker, name, range(200, 203))

        assert (loss.goes_on_at, loss.records) == (end, 5)
        assert read(session, name, 3) == [200, 201, 202]


def test_a_group_that_kafka_has_forgotten_goes_on_where_it_was(
    broker: Broker, name: str, operator: Any
) -> None:
    handle(broker, name, 10)
    until(lambda: not broker.members(name))
    until(lambda: forgotten(operator, name))

    assert broker.positions(name)[TopicPartition(name, 0)].offset >= 10
    with closing(join(broker, name)) as session:
        assert read(session, name, 90) == list(range(10, 100))


def forgotten(operator: Any, group: str) -> bool:
    """Have Kafka drop the group as it does some days after its last member has left."""
    try:
        operator.delete_consumer_groups([group])[group].result()
    except native.KafkaException:
        return False
    return True


def test_a_source_that_kafka_has_forgotten_knows_where_it_was(
    broker: Broker, name: str, operator: Any
) -> None:
    def generate(note: bytes) -> bytes:
        """Return the note a Source finds, and leave another one."""
        with closing(broker.join(name, "m", [Input(name, is_read=False)])) as session:
            until(lambda: session.poll({}, 0.1) is not None and bool(session.owned))
            (position,) = session.owned.values()
            session.commit([session.poll({}, 0.0)], [], {0: note})
        return position.note

    generate(b"half of it")
    until(lambda: forgotten(operator, name))

    assert generate(b"all of it") == b"half of it"


def test_a_topic_deleted_and_made_again_is_told_and_read_from_its_start(
    broker: Broker, name: str, again: Callable[[str], None]
) -> None:
    handle(broker, name, 10)
    again(name)
    write(broker, name, range(300, 305))
    with closing(join(broker, name)) as session:
        assert "deleted and made again" in str(lost(session, name))
        assert read(session, name, 5) == list(range(300, 305))


@pytest.fixture
def again(broker: Broker, operator: Any) -> Callable[[str], None]:
    """Have somebody else delete a topic, and make another one of its name."""

    def again(name: str) -> None:
        operator.delete_topics([name])[name].result()
        until(lambda: name not in broker.topics())
        broker.create_topics([TopicSpec(name, 1)])

    return again


def test_partitions_that_somebody_adds_are_named_and_nothing_of_them_is_read(
    kafka: str, client: str, name: str, operator: Any
) -> None:
    look_every = "metadata.max.age.ms" if client == "kafka-python" else "topic.metadata.refresh.interval.ms"
    with closing(open_broker(f"kafka://{kafka}?client={client}&{look_every}=1000")) as broker:
        broker.create_topics([TopicSpec(name, 1)])
        with closing(join(broker, name)) as session:
            write(broker, name, range(3))
            assert read(session, name, 3) == [0, 1, 2]
            operator.create_partitions([admin.NewPartitions(name, 2)])[name].result()

            with pytest.raises(
                TopicMismatch, match=f"{name}' exists with 2 partitions, the topology wants 1"
            ):
                until(lambda: session.poll({name: 1}, 0.5).records)


def test_a_transaction_that_does_not_end_is_named_with_its_partition(
    broker: Broker, kafka: str, name: str
) -> None:
    write(broker, name, range(10))
    hanging = native.Producer({"bootstrap.servers": kafka, "transactional.id": name})
    hanging.init_transactions(10)
    hanging.begin_transaction()
    member = native.Consumer({"bootstrap.servers": kafka, "group.id": name})
    places = [native.TopicPartition(name, 0, 5)]
    hanging.send_offsets_to_transaction(places, member.consumer_group_metadata(), 10)
    with closing(join(broker, name)) as session:
        with pytest.raises(BrokerUnavailable, match=rf"holds positions of group '{name}': {name}\[0\]\. One"):
            until(lambda: bool(session.poll({name: 1}, 0.5).records))
        hanging.abort_transaction(10)

        until(lambda: bool(polled(session, name)))


def polled(session: Session, name: str) -> Sequence[Record]:
    try:
        return session.poll({name: 9}, 0.5).records
    except BrokerUnavailable:
        return []


def test_the_other_partitions_go_on_while_a_transaction_holds_one(
    broker: Broker, kafka: str, name: str
) -> None:
    topic = f"{name}.two"
    broker.create_topics([TopicSpec(topic, 2)])
    for partition in (0, 1):
        broker.append([Record(topic, None, b"%d" % number, partition=partition) for number in range(50)])
    hanging = native.Producer({"bootstrap.servers": kafka, "transactional.id": name})
    hanging.init_transactions(10)
    hanging.begin_transaction()
    member = native.Consumer({"bootstrap.servers": kafka, "group.id": name})
    hanging.send_offsets_to_transaction(
        [native.TopicPartition(topic, 0, 5)], member.consumer_group_metadata(), 10
    )
    with closing(broker.join(name, "m", [Input(topic)])) as session:
        assert read(session, topic, 50) == list(range(50))
        assert list(session.owned) == [TopicPartition(topic, 1)]
        hanging.abort_transaction(10)

        assert read(session, topic, 50) == list(range(50))
        assert len(session.owned) == 2
