"""The machine's clock is set, by people or NTP: of the embedded log, nothing changes but dates."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from catenae.broker import Broker, Input, Position, Session, TopicSpec
from catenae.brokers.embedded import EmbeddedBroker
from catenae.brokers.embedded.log import DATABASES, Log
from catenae.brokers.embedded.log_time import LogTime
from catenae.errors import BrokerError
from catenae.lmdb.environment import LmdbEnvironment
from catenae.lmdb.options import LmdbOptions
from catenae.message import Record, TopicPartition
from catenae.testing import EPOCH_S, FakeClock

LEASE_S = 5.0
HOUR_S = 3600.0
STEPS_S = [-HOUR_S, HOUR_S]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def broker(clock: FakeClock) -> Iterator[EmbeddedBroker]:
    with closing(EmbeddedBroker("", clock, LEASE_S)) as broker:
        broker.create_topics([TopicSpec("texts", 4, retention_s=2 * HOUR_S)])
        yield broker


def join(broker: Broker, member: str, delay_s: float = 0.0) -> Session:
    return broker.join("readers", member, [Input("texts", delay_s)])


def write(broker: Broker) -> None:
    broker.append([Record("texts", None, b"a", partition=0)])


def kept(broker: Broker) -> int:
    span = broker.spans("texts")[0]
    return span.end - span.start


@pytest.mark.parametrize("step_s", STEPS_S)
def test_members_stay_members_and_their_group_cannot_be_reset(
    broker: EmbeddedBroker, clock: FakeClock, step_s: float
) -> None:
    sessions = [join(broker, "a"), join(broker, "b")]
    clock.set(clock.now_s() + step_s)
    for session in sessions:
        session.poll({}, 0.0)

    assert list(broker.members("readers")) == ["a", "b"]
    with pytest.raises(BrokerError, match="running members"):
        broker.reset("readers", {})


@pytest.mark.parametrize("step_s", STEPS_S)
def test_a_dead_members_partitions_go_after_its_lease(
    broker: EmbeddedBroker, clock: FakeClock, step_s: float
) -> None:
    living, _ = join(broker, "a"), join(broker, "dead")
    living.poll({}, 0.0)
    clock.set(clock.now_s() + step_s)
    living.poll({}, 0.0)
    assert len(living.owned) == 2

    clock.advance(LEASE_S + 1)
    living.poll({}, 0.0)
    assert len(living.owned) == 4


@pytest.mark.parametrize("step_s", STEPS_S)
def test_a_delay_is_as_long_as_declared(broker: EmbeddedBroker, clock: FakeClock, step_s: float) -> None:
    session = join(broker, "a", delay_s=60.0)
    write(broker)
    clock.set(clock.now_s() + step_s)
    write(broker)

    assert not session.poll({"texts": 9}, 0.0).records
    clock.advance(61.0)
    assert session.poll({"texts": 9}, 0.0).records


@pytest.mark.parametrize("step_s", STEPS_S)
def test_records_are_kept_for_as_long_as_declared(
    broker: EmbeddedBroker, clock: FakeClock, step_s: float
) -> None:
    write(broker)
    broker.reset("readers", {TopicPartition("texts", 0): Position(1)})
    session = join(broker, "a")
    clock.set(clock.now_s() + 3 * step_s)

    kept_after = []
    for _ in range(2):
        clock.advance(1.5 * HOUR_S)
        session.poll({}, 0.0)
        kept_after.append(kept(broker))
    assert kept_after == [1, 0]


def test_a_record_is_dated_by_the_clock_as_it_was_set(broker: EmbeddedBroker, clock: FakeClock) -> None:
    clock.set(EPOCH_S - HOUR_S)
    write(broker)

    assert broker.read("texts", 0, 0, 1)[0].timestamp_ms == (EPOCH_S - HOUR_S) * 1000


@contextmanager
def log_in(folder: Path) -> Iterator[Log]:
    """Give a log in a write transaction."""
    environment = LmdbEnvironment(LmdbOptions.parse(str(folder)), dict.fromkeys(DATABASES, 1))
    databases = {name: environment.database(name) for name in DATABASES}
    with closing(environment), environment.write() as transaction:
        yield Log(transaction, databases)


class BootedClock(FakeClock):
    """A machine that has just been switched on: what its clock says, and no time since."""

    def monotonic_s(self) -> float:
        return super().monotonic_s() - EPOCH_S


def test_the_logs_time_goes_on_after_a_boot_whatever_the_clock_says(tmp_path: Path) -> None:
    with log_in(tmp_path) as log:
        before = LogTime(log, FakeClock(), "first boot").now_ms()
        clock = BootedClock()
        clock.set(0.0)
        assert LogTime(log, clock, "second boot").now_ms() == before
        clock.set(EPOCH_S + HOUR_S)
        assert LogTime(log, clock, "third boot").now_ms() == before + HOUR_S * 1000


def test_two_processes_of_one_boot_have_one_time_though_the_clock_was_set_between(tmp_path: Path) -> None:
    clock = FakeClock()
    with log_in(tmp_path) as log:
        older = LogTime(log, clock, "boot")
        clock.set(EPOCH_S + HOUR_S)
        assert LogTime(log, clock, "boot").now_ms() == older.now_ms()


def test_topics_are_numbered_by_themselves(tmp_path: Path) -> None:
    with log_in(tmp_path) as log:
        log.create_topic(TopicSpec("first", 1))
    for _ in range(5):
        with log_in(tmp_path) as log:
            log.put("groups", b"g", b"")
    with log_in(tmp_path) as log:
        log.create_topic(TopicSpec("second", 1))
        log.delete_topic("second")
        log.create_topic(TopicSpec("third", 1))

        assert {name: topic.id for name, topic in log.topics().items()} == {"first": 1, "third": 3}
