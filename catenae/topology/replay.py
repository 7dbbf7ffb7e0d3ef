"""Dead letters that wait, and their way back onto the topic they came from."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from catenae.broker import Broker, Position, Span
from catenae.message import ERASED, Record, TopicPartition
from catenae.runtime.dead_letters import GROUP, REASON, SUFFIX, dead_topic, revived
from catenae.topology.passing import Passer, pass_on
from catenae.topology.reading import read_spans

# The group whose position says what has been replayed, and the one member it ever has: a second replay takes
# over from the first.
REPLAY_GROUP = "catenae.dead-letters"
MEMBER = "replay"
_FROM_THE_FIRST: Mapping[int, int] = {}


class Letter(NamedTuple):
    """A dead letter that waits.

    reason  short, free of personal data
    group   the group that could not handle it
    """

    record: Record
    reason: str
    group: str


def dead_letter_topics(broker: Broker) -> list[str]:
    """Return the topics that hold dead letters, or would."""
    return sorted(name for name in broker.topics() if name.endswith(SUFFIX))


def dead_letter_topic(topic: str) -> str:
    """Return the topic of the dead letters of `topic`, which may be that topic itself."""
    return topic if topic.endswith(SUFFIX) else dead_topic(topic)


def waiting_letters(
    broker: Broker, topic: str, start: Mapping[int, int] = _FROM_THE_FIRST
) -> Iterator[Letter]:
    """Yield the dead letters on a dead-letter topic that were not replayed, oldest first.

    `start` has the offset to begin from in a partition, where that is not its first. A letter that never was
    on a topic, because a Source refused it, cannot be replayed and waits for good.
    """
    replayed = broker.positions(REPLAY_GROUP)
    spans = [
        Span(max(span.start, start.get(number, 0)), span.end)
        for number, span in enumerate(broker.spans(topic))
    ]
    for record in read_spans(broker, topic, spans):
        position = replayed.get(TopicPartition(topic, record.partition), Position(0))
        waits = record.offset >= position.offset or revived(record) is None
        if waits and ERASED not in record.headers:
            yield Letter(record, _text(record, REASON), _text(record, GROUP))


def replay(broker: Broker, topic: str) -> int:
    """Put the letters that wait now back where they came from, exactly once; return how many.

    A letter that fails again is a new letter, and waits for the next replay. Raises `Fenced` if another
    replay has taken over.
    """
    return pass_on(broker, Passer(REPLAY_GROUP, MEMBER), topic, revived)


def _text(record: Record, header: str) -> str:
    return record.headers.get(header, b"").decode(errors="replace")
