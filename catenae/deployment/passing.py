"""Records of one topic passed on by a command, each exactly once, however often the command is given."""

from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple

from catenae.broker import Batch, Broker, Input, Position, Session, Span
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
) -> int:
    """Write what the records that are on a topic now become; return how many that were.

    becomes  the record to be written for one, None for none
    outputs  topics that it is written to

    Raises `Fenced` if another one has taken over.
    """
    ends = {TopicPartition(topic, number): span for number, span in enumerate(broker.spans(topic))}
    session = broker.join(passer.group, passer.member, [Input(topic)], outputs=outputs)
    try:
        return _pass_on(session, topic, ends, becomes)
    finally:
        session.close()


def _pass_on(
    session: Session,
    topic: str,
    ends: Mapping[TopicPartition, Span],
    becomes: Callable[[Record], Record | None],
) -> int:
    moved = 0
    last = {each: span.end for each, span in ends.items()}
    while any(session.owned.get(each, Position(0)).offset < end for each, end in last.items()):
        batch = _next(session, topic).until(last)
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
