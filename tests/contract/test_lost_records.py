"""What a broker has no longer and a group had not read: told, on every broker, never passed in silence."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from confluent_kafka import TopicPartition as KafkaPartition
from confluent_kafka.admin import AdminClient

from catenae.broker import Broker, Input, Position, Session, TopicSpec
from catenae.brokers import open_broker
from catenae.errors import Loss, RecordsLost
from catenae.message import Record, TopicPartition
from catenae.testing import FakeClock
from tests.contract.patient import PatientBroker, eventually
from tests.patience import until

KAFKA_CLIENTS = [pytest.param(client, marks=pytest.mark.servers) for client in ("kafka-python", "confluent")]
TOPIC, GROUP = "lost", "late"
PLACE = TopicPartition(TOPIC, 0)
KEPT_S = 60.0
TOLD_WITHIN_S = 30.0


@pytest.fixture(params=["memory", "lmdb", *KAFKA_CLIENTS])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def broker(kind: str, clock: FakeClock, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Broker]:
    url = {"memory": "embedded:", "lmdb": f"embedded:{tmp_path / 'log'}?map_size_mb=64"}.get(kind)
    if url is None:
        opened = open_broker(f"kafka://{request.getfixturevalue('kafka')}?client={kind}")
        opened.delete_topics([TOPIC])
        opened.forget(GROUP)
    else:
        opened = open_broker(url, clock)
    with closing(opened):
        opened.create_topics([TopicSpec(TOPIC, 1, retention_s=KEPT_S)])
        yield opened if url else PatientBroker(opened)


@pytest.fixture
def delete(kind: str, broker: Broker, clock: FakeClock, request: pytest.FixtureRequest) -> Callable[[], None]:
    """Have what was written so far deleted, as it is once it has been kept long enough."""

    def in_kafka() -> None:
        place = KafkaPartition(TOPIC, 0, broker.spans(TOPIC)[0].end)
        admin = AdminClient({"bootstrap.servers": request.getfixturevalue("kafka")})
        for deleted in admin.delete_records([place]).values():
            deleted.result()

    def embedded() -> None:
        clock.advance(KEPT_S + 1)
        broker.trim()

    return embedded if kind in ("memory", "lmdb") else in_kafka


def write(broker: Broker, *values: str) -> None:
    broker.append([Record(TOPIC, None, each.encode(), partition=0) for each in values])


def join(broker: Broker) -> Session:
    return broker.join(GROUP, "m", [Input(TOPIC)])


def read(session: Session, last: str) -> list[str]:
    """Read and commit up to this value."""
    found: list[str] = []
    ends_s = time.monotonic() + TOLD_WITHIN_S
    while found[-1:] != [last] and time.monotonic() < ends_s:
        batch = session.poll({TOPIC: 10}, 0.2)
        session.commit([batch], [])
        found += [(each.value or b"").decode() for each in batch.records]
    return found


def told(session: Session) -> Loss:
    """Return the one loss that a session tells of."""
    with pytest.raises(RecordsLost) as raised:
        until(lambda: session.poll({TOPIC: 10}, 0.2).records, within_s=TOLD_WITHIN_S)
    (loss,) = raised.value.losses
    return loss


@pytest.fixture
def late(broker: Broker) -> Broker:
    """A broker of whose records the group has read the first, and then left."""
    write(broker, "first")
    with closing(join(broker)) as session:
        assert read(session, "first") == ["first"]
    eventually(lambda: list(broker.members(GROUP)), [], within_s=TOLD_WITHIN_S)
    return broker


def test_what_was_deleted_unread_is_told_once_and_the_rest_is_read(
    late: Broker, delete: Callable[[], None]
) -> None:
    write(late, "unread", "unread")
    delete()
    write(late, "last")
    with closing(join(late)) as session:
        loss = told(session)

        assert loss.goes_on_at == late.spans(TOPIC)[0].start
        assert loss.records == loss.goes_on_at - loss.position >= 2
        assert read(session, "last") == ["last"]


@pytest.mark.lengthy
def test_who_refuses_to_go_on_is_told_the_same_again(late: Broker, delete: Callable[[], None]) -> None:
    write(late, "unread")
    delete()
    with closing(join(late)) as session:
        first = told(session)
    with closing(join(late)) as session:
        assert told(session) == first


def test_an_end_that_is_gone_is_told_and_what_is_written_since_is_read(late: Broker) -> None:
    end = late.spans(TOPIC)[0].end
    late.reset(GROUP, {PLACE: Position(end + 2)})
    with closing(join(late)) as session:
        loss = told(session)
        write(late, "second", "third", "fourth")

        assert (loss.position, loss.goes_on_at, loss.records) == (end + 2, end, 2)
        assert read(session, "fourth") == ["second", "third", "fourth"]
    # What was written reaches beyond the position that was lost.
    assert late.spans(TOPIC)[0].end > end + 2


def test_where_a_group_went_on_is_not_told_to_whoever_comes_next(
    late: Broker, delete: Callable[[], None]
) -> None:
    write(late, "unread")
    delete()
    write(late, "last")
    with closing(join(late)) as session:
        told(session)
        read(session, "last")
    write(late, "next")
    with closing(join(late)) as session:
        assert read(session, "next") == ["next"]


def test_the_position_of_what_is_not_read_counts_what_it_likes(late: Broker) -> None:
    far = Position(late.spans(TOPIC)[0].end + 100)
    late.reset(GROUP, {PLACE: far})
    with closing(late.join(GROUP, "m", [Input(TOPIC, is_read=False)])) as session:
        session.poll({}, 0.2)

        assert session.owned == {PLACE: far}


@pytest.mark.parametrize("kind", ["memory", "lmdb"], indirect=True)
def test_nothing_is_handed_over_of_what_another_member_gave_up_before_that_was_told(
    broker: Broker, clock: FakeClock
) -> None:
    broker.create_topics([TopicSpec("two", 2, retention_s=KEPT_S)])
    broker.join(GROUP, "one", [Input("two")]).close()
    broker.append([Record("two", None, b"unread", partition=number) for number in (0, 1)])
    clock.advance(KEPT_S + 1)
    broker.trim()
    broker.append([Record("two", None, b"last", partition=number) for number in (0, 1)])
    one, two = (broker.join(GROUP, name, [Input("two")]) for name in ("one", "two"))
    with pytest.raises(RecordsLost):
        one.poll({"two": 9}, 0.0)
    assert [each.partition for each in one.poll({"two": 9}, 0.0).records] == [0]

    with pytest.raises(RecordsLost):
        until(lambda: two.poll({"two": 9}, 0.0).records, within_s=TOLD_WITHIN_S)
    assert [each.partition for each in two.poll({"two": 9}, 0.0).records] == [1]
