"""What Kafka alone can show: outages, kills, both clients in one group, what other writers do."""

import random
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager

import pytest

from catenae.broker import (
    MAX_NOTE_BYTES,
    Batch,
    Broker,
    Delivery,
    Input,
    Position,
    Replication,
    Session,
    TopicSpec,
)
from catenae.brokers import open_broker
from catenae.brokers.kafka.address import Address
from catenae.brokers.kafka.choice import open_client
from catenae.brokers.kafka.client import TRANSACTION_TIMEOUT_S
from catenae.errors import BrokerUnavailable, ConfigError, Fenced, TransientError
from catenae.message import Record, TopicPartition
from tests.servers.kafka import KafkaServer

confluent_admin = pytest.importorskip("confluent_kafka.admin")
pytestmark = pytest.mark.servers

CLIENTS = ("kafka-python", "confluent")
PARTITIONS = 4


@pytest.fixture(params=CLIENTS)
def client(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def name() -> str:
    """A name of the test's own, for its topics and groups."""
    return f"t{uuid.uuid4().hex[:12]}"


@pytest.fixture
def broker(kafka: str, client: str, name: str) -> Iterator[Broker]:
    with closing(open_broker(f"kafka://{kafka}?client={client}")) as broker:
        broker.create_topics([TopicSpec(name, PARTITIONS), TopicSpec(f"{name}-out", PARTITIONS)])
        yield broker
        broker.delete_topics([name, f"{name}-out"])


def records(topic: str, count: int, partition: int = -1) -> list[Record]:
    return [Record(topic, b"k%d" % (n % 50), b"%d" % n, {}, partition) for n in range(count)]


def pass_on(session: Session, topic: str, most: int = 20) -> int:
    """Do one step as the runtime does; return how many records were passed on."""
    try:
        batch = session.poll({topic: most}, 0.5)
        outputs = [Record(f"{topic}-out", each.key, each.value) for each in batch.records]
        if outputs:
            session.commit([batch], outputs)
    except (TransientError, Fenced):
        return 0
    return len(outputs)


def pass_all_on(session: Session, broker: Broker, topic: str, within_s: float = 60.0) -> None:
    until_s = time.monotonic() + within_s
    while lag(session, broker, topic):
        assert time.monotonic() < until_s, "not all was passed on"
        pass_on(session, topic)


def lag(session: Session, broker: Broker, topic: str) -> int:
    spans = broker.spans(topic)
    owned = {each.partition: position.offset for each, position in session.owned.items()}
    return sum(span.end - owned.get(number, 0) for number, span in enumerate(spans))


def values(broker: Broker, topic: str) -> list[bytes]:
    return [
        each.value or b""
        for number, span in enumerate(broker.spans(topic))
        for each in broker.read(topic, number, 0, span.end)
    ]


def test_kafka_that_is_away_is_told_within_five_seconds(client: str) -> None:
    with closing(open_broker(f"kafka://127.0.0.1:1?client={client}")) as broker:
        started_s = time.monotonic()
        with pytest.raises(BrokerUnavailable, match="Kafka does not answer while"):
            broker.create_topics([TopicSpec("t", 1)])
    assert time.monotonic() - started_s < 5.5


def test_a_property_that_no_client_has_is_named_and_its_value_is_not(client: str) -> None:
    with pytest.raises(ConfigError, match=r"sasl\.pasword|sasl_pasword") as refused:
        open_broker(f"kafka://127.0.0.1:1?client={client}&sasl.pasword=secret").topics()
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("delivery", ["exactly-once", "at-least-once"])
def test_lag_reaches_zero_though_transactions_leave_markers(
    broker: Broker, name: str, delivery: Delivery
) -> None:
    for _ in range(3):
        broker.append(records(name, 10))
    session = broker.join(name, "m", [Input(name)], delivery)
    pass_all_on(session, broker, name)

    assert len(values(broker, f"{name}-out")) == 30
    assert lag(session, broker, name) == 0


def test_a_deep_partition_does_not_starve_the_others(broker: Broker, name: str) -> None:
    chance = random.Random(7)  # compressed, equal values would fit into a single fetch
    broker.append([Record(name, None, chance.randbytes(400), {}, 0) for _ in range(30_000)])
    broker.append([each for number in (1, 2, 3) for each in records(name, 5, partition=number)])
    session = broker.join(name, "m", [Input(name)])

    seen: list[int] = []
    while len(seen) < 30_015:
        batch = session.poll({name: 500}, 5.0)
        seen += [each.partition for each in batch.records]
        session.commit([batch], [])
    assert max(seen.index(number) for number in (1, 2, 3)) < 25_000


def test_two_topics_in_one_poll_stay_apart_and_none_waits_for_the_other(broker: Broker, name: str) -> None:
    broker.append(records(name, 20_000))
    broker.append(records(f"{name}-out", 10))
    session = broker.join(name, "m", [Input(name), Input(f"{name}-out")])

    found: Counter[str] = Counter()
    held: list[Batch] = []
    while found[f"{name}-out"] < 10 and found[name] < 20_000:
        held.append(session.poll({name: 100, f"{name}-out": 100}, 2.0, held))
        found.update(each.topic for each in held[-1].records)
    assert found[f"{name}-out"] == 10
    assert found[name] < 20_000


def test_both_clients_share_a_group(broker: Broker, kafka: str, client: str, name: str) -> None:
    other = next(each for each in CLIENTS if each != client)
    with closing(open_broker(f"kafka://{kafka}?client={other}")) as second:
        one, two = (each.join(name, str(n), [Input(name)]) for n, each in enumerate((broker, second)))
        until_s = time.monotonic() + 30
        while [len(each.owned) for each in (one, two)] != [2, 2] and time.monotonic() < until_s:
            one.poll({name: 1}, 0.1)
            two.poll({name: 1}, 0.1)

        assert set(one.owned).isdisjoint(two.owned)
        assert len({*one.owned, *two.owned}) == PARTITIONS


def test_either_client_reads_the_positions_of_the_other(
    broker: Broker, kafka: str, client: str, name: str
) -> None:
    position = Position(0, bytes(range(256)) * (MAX_NOTE_BYTES // 256))
    broker.reset(name, {TopicPartition(name, 0): position})

    for each in CLIENTS:
        with closing(open_broker(f"kafka://{kafka}?client={each}")) as reader:
            # A client that reads past the end of a text finds something else there now and then.
            found = [reader.positions(name)[TopicPartition(name, 0)] for _ in range(20)]
        assert found == [position] * 20, each


def test_members_that_look_only_in_passing_get_their_share_all_the_same(broker: Broker, name: str) -> None:
    members = [broker.join(name, member, [Input(name)]) for member in "ab"]
    until_s = time.monotonic() + 30
    while [len(each.owned) for each in members] != [2, 2] and time.monotonic() < until_s:
        for each in members:
            each.poll({}, 0.0)
        time.sleep(0.1)

    assert [len(each.owned) for each in members] == [2, 2]


def settle(sessions: Sequence[Session], *shares: int) -> None:
    """Have the sessions look until each owns so many partitions, and has known so for a second.

    A member whose partitions stay is told last that they do.
    """
    until_s = time.monotonic() + 30
    seen: list[tuple[int, int]] = []
    since_s = time.monotonic()
    while [owned for owned, _ in seen] != list(shares) or time.monotonic() - since_s < 1:
        assert time.monotonic() < until_s, seen
        assignments = [each.poll({}, 0.1).assignment for each in sessions]
        now = [(len(each.owned), number) for each, number in zip(sessions, assignments, strict=True)]
        since_s = since_s if now == seen else time.monotonic()
        seen = now


def test_an_instance_that_comes_back_under_its_name_disturbs_nobody(
    broker: Broker, kafka: str, client: str, name: str
) -> None:
    one, two = (broker.join(name, member, [Input(name)]) for member in "ab")
    settle([one, two], 2, 2)
    before = one.poll({}, 0.0).assignment, set(two.owned)

    with closing(open_broker(f"kafka://{kafka}?client={client}")) as another:
        again = another.join(name, "b", [Input(name)])
        settle([one, again], 2, 2)
        assert (one.poll({}, 0.0).assignment, set(again.owned)) == before


def test_a_handler_slower_than_the_session_keeps_its_partitions(
    broker: Broker, kafka: str, client: str, name: str
) -> None:
    quick = f"kafka://{kafka}?client={client}&session.timeout.ms=2000"
    with closing(open_broker(quick)) as first, closing(open_broker(quick)) as second:
        slow, other = first.join(name, "slow", [Input(name)]), second.join(name, "other", [Input(name)])
        settle([slow, other], 2, 2)
        broker.append(records(name, 200))
        with looked_after(other, name):
            until_s = time.monotonic() + 30
            while not (batch := slow.poll({name: 10}, 0.5)).records and time.monotonic() < until_s:
                pass
            time.sleep(6)  # as the handler of what was polled

        slow.commit([batch], [])
        assert (len(batch.records) > 0, len(slow.owned), len(other.owned)) == (True, 2, 2)


@contextmanager
def looked_after(session: Session, topic: str) -> Iterator[None]:
    """Poll a session meanwhile, in a thread as its own process would."""
    is_over = threading.Event()

    def look() -> None:
        while not is_over.is_set():
            session.poll({topic: 10}, 0.2)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def test_readers_wait_seconds_for_a_killed_instance_that_never_comes_back(
    broker: Broker, kafka: str, client: str, name: str
) -> None:
    killed = open_client(Address.parse(f"//{kafka}?client={client}", {}), 5.0).producer(f"{name}.gone")
    killed.start()
    killed.begin()
    killed.send([Record(f"{name}-out", None, b"half", {}, 0)])
    until_s = time.monotonic() + 30
    while not broker.spans(f"{name}-out")[0].end:
        assert time.monotonic() < until_s
        time.sleep(0.1)
    broker.append([Record(f"{name}-out", None, b"whole", {}, 0)])

    # Kafka looks for transactions that take too long every ten seconds.
    reader = broker.join(f"{name}-reader", "r", [Input(f"{name}-out")])
    until_s = time.monotonic() + TRANSACTION_TIMEOUT_S + 20
    while not (found := reader.poll({f"{name}-out": 9}, 1.0).records) and time.monotonic() < until_s:
        pass
    assert [each.value for each in found] == [b"whole"]
    killed.close()


@pytest.mark.parametrize("where", ["url", "environment"])
def test_any_property_reaches_the_client(
    where: str, kafka: str, client: str, name: str, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    if where == "environment":
        monkeypatch.setenv("CATENAE_KAFKA_CLIENT_ID", name)
    url = f"kafka://{kafka}?client={client}" + (f"&client.id={name}" if where == "url" else "")
    with closing(open_broker(url)) as named:
        settle([named.join(name, "m", [Input(name)])], PARTITIONS)

        admin = confluent_admin.AdminClient({"bootstrap.servers": kafka})
        [member] = admin.describe_consumer_groups([name])[name].result(timeout=20).members
        assert member.client_id == name


def test_both_clients_send_a_key_to_the_partition_java_would(broker: Broker, name: str) -> None:
    keys = (b"21", b"foobar", b"a-little-bit-long-string")
    broker.append([Record(name, key, b"") for key in keys])

    # From Kafka's own tests of murmur2: -973932308, -790332482 and -985981536, made positive, modulo 4.
    found = {each.key: number for number in range(PARTITIONS) for each in broker.read(name, number, 0, 9)}
    assert found == {b"21": 0, b"foobar": 2, b"a-little-bit-long-string": 0}


def test_what_a_killed_instance_left_open_ends_when_it_comes_back(
    broker: Broker, kafka: str, name: str
) -> None:
    confluent_kafka = pytest.importorskip("confluent_kafka")
    killed = confluent_kafka.Producer({"bootstrap.servers": kafka, "transactional.id": f"{name}.m"})
    killed.init_transactions(10)
    killed.begin_transaction()
    killed.produce(f"{name}-out", b"half", partition=0)
    killed.flush(10)
    broker.append([Record(f"{name}-out", None, b"whole", {}, 0)])
    reader = broker.join(f"{name}-reader", "r", [Input(f"{name}-out")])
    assert reader.poll({f"{name}-out": 9}, 1.0).records == []

    broker.join(name, "m", [Input(name)])
    assert [each.value for each in reader.poll({f"{name}-out": 9}, 9.0).records] == [b"whole"]


def test_an_outage_loses_nothing_and_repeats_nothing(kafka_broker: KafkaServer, client: str) -> None:
    with closing(open_broker(f"kafka://{kafka_broker.bootstrap}?client={client}")) as broker:
        broker.create_topics([TopicSpec("t", PARTITIONS), TopicSpec("t-out", PARTITIONS)])
        broker.append(records("t", 200))
        session = broker.join("g", "m", [Input("t")])
        while pass_on(session, "t") == 0:
            pass
        batch = session.poll({"t": 20}, 5.0)
        kafka_broker.kill()
        with pytest.raises(BrokerUnavailable):
            session.commit([batch], [Record("t-out", each.key, each.value) for each in batch.records])
        with pytest.raises(BrokerUnavailable):
            session.poll({"t": 20}, 5.0)
        kafka_broker.start()
        pass_all_on(session, broker, "t")

        assert sorted(values(broker, "t-out")) == sorted(each.value or b"" for each in records("t", 200))


def test_a_quiet_session_notices_an_outage(kafka_broker: KafkaServer, client: str) -> None:
    with closing(open_broker(f"kafka://{kafka_broker.bootstrap}?client={client}")) as broker:
        broker.create_topics([TopicSpec("t", PARTITIONS)])
        session = broker.join("g", "m", [Input("t")])
        while not session.owned:
            session.poll({"t": 1}, 0.5)
        kafka_broker.kill()

        with pytest.raises(BrokerUnavailable):
            session.poll({"t": 1}, 10.0)


def test_topics_are_created_with_the_replication_that_is_asked_for(
    kafka: str, client: str, name: str
) -> None:
    url = f"kafka://{kafka}?client={client}"
    with closing(open_broker(url, replication=Replication(1, 1))) as broker:
        broker.create_topics([TopicSpec(name, 1)])
        broker.join(name, "m", [Input(name)]).close()

    assert [in_sync(kafka, topic) for topic in (name, f"{name}.kept-positions")] == ["1 for the topic"] * 2


def in_sync(kafka: str, topic: str) -> str:
    """Return how many replicas must have a record, and whether that was said for the topic."""
    admin = confluent_admin.AdminClient({"bootstrap.servers": kafka})
    (found,) = admin.describe_configs([confluent_admin.ConfigResource("topic", topic)]).values()
    entry = found.result()["min.insync.replicas"]
    said = entry.source == confluent_admin.ConfigSource.DYNAMIC_TOPIC_CONFIG.value
    return f"{entry.value} {'for the topic' if said else 'for all'}"


def test_more_replicas_than_brokers_are_waited_for(kafka: str, client: str, name: str) -> None:
    url = f"kafka://{kafka}?client={client}"
    with (
        closing(open_broker(url, replication=Replication(3, 2))) as broker,
        pytest.raises(BrokerUnavailable, match="is to have 3 replicas, and Kafka has 1 broker"),
    ):
        broker.create_topics([TopicSpec(name, 1)])
