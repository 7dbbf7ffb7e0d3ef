"""Brokers of every kind before the tests of what each promises, and what those tests do with them."""

import time
from collections.abc import Mapping, Sequence

import pytest

from catenae.broker import Batch, Broker, Input, Session, TopicSpec
from catenae.message import Record
from catenae.testing import FakeClock
from tests.contract.patient import ShiftedClock
from tests.patience import PATIENCE_S

LEASE_S = 5.0
# Kafka takes a member for silent that has not polled for so long, and for gone after the same time again.
SILENCE_S = 6.0
KAFKA_CLIENTS = [pytest.param(client, marks=pytest.mark.servers) for client in ("kafka-python", "confluent")]
SUITE_TOPICS = [TopicSpec("texts", 4), TopicSpec("counts", 4)]

# Kafka removes what is too old in its own time and knows no groups then.
trims = pytest.mark.parametrize("kind", ["memory", "lmdb"], indirect=True)
# A client of Kafka takes turns fetch by fetch: see tests/acceptance/test_kafka_broker.py.
takes_turns_by_poll = trims

TestClock = FakeClock | ShiftedClock


def records(*values: str, topic: str = "texts", key: str | None = None, partition: int = 0) -> list[Record]:
    return [
        Record(topic, key.encode() if key else None, each.encode(), partition=partition) for each in values
    ]


def values(some: Sequence[Record]) -> list[str]:
    return [(each.value or b"").decode() for each in some]


def join(broker: Broker, member: str, *inputs: Input) -> Session:
    return broker.join("readers", member, inputs or [Input("texts")])


def poll(session: Session, most: int = 100, *, held: Sequence[Batch] = ()) -> list[Batch]:
    """Return what there is, as many batches as it takes: Kafka hands over what it has so far."""
    return poll_for(session, {"texts": most, "counts": most}, held)


def poll_for(session: Session, limits: Mapping[str, int], held: Sequence[Batch] = ()) -> list[Batch]:
    batches: list[Batch] = []
    room = dict(limits)
    while room and (batch := session.poll(room, 0.0, [*held, *batches])).records:
        batches.append(batch)
        for each in batch.records:
            room[each.topic] -= 1
        room = {topic: left for topic, left in room.items() if left}
    return batches


def some(session: Session) -> list[Batch]:
    """Return what there is once there is something: Kafka takes the time that a busy machine has for it."""
    batches: list[Batch] = []
    ends_s = time.monotonic() + PATIENCE_S
    while not batches and time.monotonic() < ends_s:
        batches = poll(session)
    return batches


def polled(batches: Sequence[Batch]) -> list[str]:
    return values([each for batch in batches for each in batch.records])


def settle(*sessions: Session) -> None:
    for _ in range(4):
        for session in sessions:
            session.poll({}, 0.0)


def owned_numbers(session: Session) -> set[int]:
    return {each.partition for each in session.owned}
