"""A judge of the visits: each came once, and each but the first at the moment that was set for it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from catenae.broker import Broker
from catenae.codec import Codec, decode_key
from catenae.deployment.reading import read_spans
from catenae.message import EVENT_MS

# A timer is set right after the look at the clock that a visit notes, in a process that may be frozen.
FROZEN_MS = 10_000


class Visit(NamedTuple):
    """One that is over: which of its user's it was, when, and which queue the user waits in since."""

    number: int
    at_s: int
    queue: int


class WakeUp(NamedTuple):
    """What a timer said: the moment for which it was set, and when it was said."""

    asked_ms: int
    said_ms: int


class Course(NamedTuple):
    """All that has become of one user."""

    visits: Sequence[Visit]
    wake_ups: Sequence[WakeUp]


def courses(broker: Broker) -> dict[str, Course]:
    """Read what the crawler has written of each user."""
    codec, visits, wake_ups = (
        Codec(),
        defaultdict[str, list[Visit]](list),
        defaultdict[str, list[WakeUp]](list),
    )
    for record in read_spans(broker, "visits", broker.spans("visits")):
        value: Any = codec.decode(record)
        visits[value["user"]].append(Visit(value["visits"], value["visited_utc"], value["queue"]))
    for record in read_spans(broker, "revisits", broker.spans("revisits")):
        said = WakeUp(int(record.headers[EVENT_MS]), record.timestamp_ms)
        wake_ups[str(decode_key(record.key))].append(said)
    return {
        user: Course(sorted(visits[user]), sorted(wake_ups[user])) for user in visits.keys() | wake_ups.keys()
    }


def require_each_once_at_its_time(
    found: Mapping[str, Course], delays_s: Sequence[float], until_s: float
) -> list[int]:
    """Fail unless all visits are as they must be; return how many milliseconds late each wake-up was.

    until_s  what was due by then has been told
    """
    late_ms = []
    for user, (visits, wake_ups) in found.items():
        assert [each.number for each in visits] == list(range(1, len(visits) + 1)), user
        # The first that tells of a moment counts; one that tells again wakes nobody, as the numbers show.
        first = {each.asked_ms: each for each in reversed(wake_ups)}
        moments = sorted(first)
        due_ms = [round(1000 * (each.at_s + delays_s[each.queue - 1])) for each in visits]
        for due, moment in zip(due_ms, moments, strict=False):
            assert due <= moment <= due + FROZEN_MS, user
        for moment, visit in zip(moments, visits[1:], strict=False):
            assert 1000 * (visit.at_s + 1) > moment, user
        untold = due_ms[len(moments) :]
        assert len(moments) >= len(visits) - 1, user
        assert len(untold) <= 1, user
        assert not untold or untold[0] > 1000 * until_s, user
        late_ms += [first[moment].said_ms - moment for moment in moments]
    assert min(late_ms, default=0) >= 0
    return late_ms
