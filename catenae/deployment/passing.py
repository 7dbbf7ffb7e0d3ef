"""Records of one topic passed on by a command, each exactly once, however often the command is given."""

from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple

from catenae.broker import Batch, Broker, Input, Position, Session
from catenae.errors import BrokerUnavailable
from catenae.message import Record, TopicPartition

BATCH_RECORDS = 500
POLL_S = 0.2
# A Kafka that is busy takes seconds to end the transaction of the command before, or of the step before.
ATTEMPTS = 5


class Passer(NamedTuple):
    """Whose position says how far it has come, and the one member it ever has: a second one takes over."""

    group: str
    member: str


def pass_on(
    broker: Broker,
    passer: Passer,
    topic: str,
    becomes: Callable[[Record], Record | None],
    outputs: Collection[str],
    until: Mapping[TopicPartition, int] | None = None,
) -> int:
    """Write what the records that are on a topic now become; return how many that were.

    becomes  the record to be written for one, None for none
    outputs  topics that it is written to
    until    offsets in place of where each partition ends now

    Raises `Fenced` if another one has taken over.
    """
    ends = (
        {TopicPartition(topic, number): span.end for number, span in enumerate(broker.spans(topic))}
        if until is None
        else until
    )
    session = broker.join(passer.group, passer.member, [Input(topic)], outputs=outputs)
    try:
        return _pass_on(session, topic, ends, becomes)
    finally:
        session.close()


def _pass_on(
    session: Session,
    topic: str,
    last: Mapping[TopicPartition, int],
    becomes: Callable[[Record], Record | None],
) -> int:
    moved = 0
    # Where records behind the end have come, all before it have; its position may stay short of what is no
    # record, such as the end of a transaction.
    passed: set[TopicPartition] = set()
    while any(
        session.owned.get(each, Position(0)).offset < end for each, end in last.items() if each not in passed
    ):
        batch = _next(session, topic)
        passed |= {
            place
            for record in batch.records
            if record.offset >= last[place := TopicPartition(record.topic, record.partition)]
        }
        batch = batch.until(last)
        written = [made for record in batch.records if (made := becomes(record)) is not None]
        session.commit([batch], written)
        moved += len(written)
    return moved


def _next(session: Session, topic: str) -> Batch:
    """Return the next records; a broker that falters for a moment is asked again, which costs nothing."""
    for _ in range(ATTEMPTS - 1):
        try:
            return session.poll({topic: BATCH_RECORDS}, POLL_S)
        except BrokerUnavailable:
            continue
    return session.poll({topic: BATCH_RECORDS}, POLL_S)
