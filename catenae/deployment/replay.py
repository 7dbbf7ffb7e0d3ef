"""Dead letters that wait, and their way back onto the topic they came from."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from catenae.broker import Broker, Position, Span
from catenae.deployment.passing import Passer, pass_on
from catenae.deployment.reading import read_spans
from catenae.deployment.sealing import seal_of
from catenae.errors import UnknownTopic
from catenae.message import ERASED, Record, TopicPartition
from catenae.runtime.dead_letters import (
    GROUP,
    REASON,
    SUFFIX,
    dead_topic,
    is_shortened,
    is_whole_of,
    origin_of,
    revived,
)
from catenae.runtime.seal import Seal

# The group whose position says what has been replayed, and the one member it ever has: a second replay takes
# over from the first.
REPLAY_GROUP = "catenae.dead-letters"
MEMBER = "replay"
# The same for what was dropped: whatever is before its position waits no more.
DROP_GROUP = f"{REPLAY_GROUP}.dropped"
_FROM_THE_FIRST: Mapping[int, int] = {}


class Letter(NamedTuple):
    """A dead letter that waits.

    reason  short, free of personal data
    group   the group that could not handle it
    """

    record: Record
    reason: str
    group: str


class Replayed(NamedTuple):
    """How many letters were put back, and how many had to stay: shortened ones whose origin is gone."""

    moved: int
    stayed: int


def dead_letter_topics(broker: Broker) -> list[str]:
    """Return the topics that hold dead letters, or would."""
    return sorted(name for name in broker.topics() if name.endswith(SUFFIX))


def dead_letter_topic(topic: str) -> str:
    """Return the topic of the dead letters of `topic`, which may be that topic itself."""
    return topic if topic.endswith(SUFFIX) else dead_topic(topic)


def waiting_letters(
    broker: Broker, topic: str, start: Mapping[int, int] = _FROM_THE_FIRST
) -> Iterator[Letter]:
    """Yield the dead letters on a dead-letter topic that were neither replayed nor dropped, oldest first.

    `start` has the offset to begin from in a partition, where that is not its first. A letter that never was
    on a topic, because a Source refused it, cannot be replayed and waits for good.
    """
    replayed, dropped = broker.positions(REPLAY_GROUP), broker.positions(DROP_GROUP)
    spans = [
        Span(max(span.start, start.get(number, 0), _offset(dropped, topic, number)), span.end)
        for number, span in enumerate(broker.spans(topic))
    ]
    for record in read_spans(broker, topic, spans):
        waits = record.offset >= _offset(replayed, topic, record.partition) or revived(record) is None
        if waits and ERASED not in record.headers:
            yield Letter(record, _text(record, REASON), _text(record, GROUP))


def replay(broker: Broker, topic: str) -> Replayed:
    """Put the letters that wait now back where they came from, exactly once; return how many.

    A letter that fails again is a new letter, and waits for the next replay, as does one that was shortened
    and whose origin is no longer kept. Raises `Fenced` if another replay has taken over.
    """
    back = _WayBack(broker)
    written = pass_on(
        broker, Passer(REPLAY_GROUP, MEMBER), topic, back.of, [topic.removesuffix(SUFFIX), topic]
    )
    return Replayed(written - back.stayed, back.stayed)


def drop(broker: Broker, topic: str) -> int:
    """Let the letters that wait now wait no more, also those that cannot be replayed; return how many.

    Their bytes go when the topic's retention has passed. Raises `Fenced` if another one has taken over.
    """
    waiting = sum(1 for _ in waiting_letters(broker, topic))
    pass_on(broker, Passer(DROP_GROUP, MEMBER), topic, lambda _: None, ())
    return waiting


def _offset(positions: Mapping[TopicPartition, Position], topic: str, number: int) -> int:
    return positions.get(TopicPartition(topic, number), Position(0)).offset


class _WayBack:
    """What letters put back; `stayed` counts those that wait on, behind where the group has come to."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._seal = seal_of(broker)
        self._dropped = broker.positions(DROP_GROUP)
        self.stayed = 0

    def of(self, letter: Record) -> Record | None:
        """Return the record to be written for a letter; None for one that was dropped or on no topic."""
        if letter.offset < _offset(self._dropped, letter.topic, letter.partition) or revived(letter) is None:
            return None
        whole = _whole(self._broker, letter, self._seal)
        self.stayed += whole is None
        return letter if whole is None else whole


def _whole(broker: Broker, letter: Record, seal: Seal) -> Record | None:
    """Return what a letter puts back; None where that is kept no longer, or would not fit."""
    whole = None
    if is_shortened(letter):
        origin = origin_of(letter)
        whole = None if origin is None else _read(broker, *origin)
        if whole is None or not is_whole_of(whole, letter):
            return None
    record = revived(letter, whole)
    if record is None:
        return None
    sealed = seal.sealed(record)
    return sealed if sealed.size_bytes <= broker.max_record_bytes(sealed.topic) else None


def _read(broker: Broker, place: TopicPartition, offset: int) -> Record | None:
    """Return the record that stands exactly there, if it is kept."""
    try:
        if place.partition >= len(broker.spans(place.topic)):
            return None
        found = broker.read(place.topic, place.partition, offset, 1)
    except UnknownTopic:
        return None
    return next((each for each in found if each.offset == offset and ERASED not in each.headers), None)


def _text(record: Record, header: str) -> str:
    return record.headers.get(header, b"").decode(errors="replace")
