"""Joins: messages of one key from two topics, brought together by when they happened."""

from collections.abc import Iterable
from typing import Any, ClassVar

from catenae.message import Message
from catenae.microservice import Middle
from catenae.store import State
from catenae.timers import Timers

LEFT, RIGHT = 0, 1


class LatestJoin(Middle):
    """Joins each message with the latest of the other topic, by event time. Say of which topic is `left`.

    What comes later and is older than what is known of its topic changes nothing.
    """

    left: ClassVar[str]

    def __init__(self, latest: State[list[Any]]) -> None:
        self._latest = latest

    def both(self, left: Any, right: Any, message: Message) -> Iterable[Message]:
        """Return what comes of two values; `message` has brought the later one."""
        raise NotImplementedError

    def transform(self, message: Message) -> Iterable[Message]:
        sides = self._latest.get(message.key) or [None, None]
        side = LEFT if message.topic == self.left else RIGHT
        known = sides[side]
        if known is not None and known[0] > message.event_ms:
            return ()
        sides = [
            [message.event_ms, message.value] if place == side else each for place, each in enumerate(sides)
        ]
        self._latest[message.key] = sides
        if None in sides:
            return ()
        return self.both(sides[LEFT][1], sides[RIGHT][1], message)


class IntervalJoin(Middle):
    """Joins messages that happened within so much time of each other. Say of which topic is `left`.

    Each pair is joined once, whichever came first. A message that has met none is told of once nothing can
    come in time any more: when event time of the key, the latest of its messages, is that far, or, without
    another message, when as much time has passed. What comes even later than that meets nobody.

    within_s  the most event time between two that belong together
    grace_s   so much event time longer a message waits for others that come late
    """

    left: ClassVar[str]
    within_s: ClassVar[float]
    grace_s: ClassVar[float] = 0.0

    def __init__(self, waiting: State[list[Any]], timers: Timers) -> None:
        self._waiting = waiting
        self._timers = timers

    def both(self, left: Any, right: Any, message: Message) -> Iterable[Message]:
        """Return what comes of two values; `message` has brought one of them."""
        raise NotImplementedError

    def left_alone(self, left: Any, message: Message) -> Iterable[Message]:  # noqa: ARG002
        """Return what comes of a value of the left topic that has met none; `message` has its key."""
        return ()

    def right_alone(self, right: Any, message: Message) -> Iterable[Message]:  # noqa: ARG002
        """Return what comes of a value of the right topic that has met none; `message` has its key."""
        return ()

    def transform(self, message: Message) -> Iterable[Message]:
        side, within_ms = LEFT if message.topic == self.left else RIGHT, round(self.within_s * 1000)
        waits_ms = within_ms + round(self.grace_s * 1000)
        waiting = self._waiting.items(message.key)
        latest_ms = max((event_ms for _, (_, event_ms, _, _) in waiting), default=message.event_ms)
        has_met = False
        for sub_key, (there, event_ms, value, had_met) in waiting:
            # Whom event time has left behind is over, whether its timer has told of it yet or not.
            is_over = event_ms + waits_ms < latest_ms
            if there != side and not is_over and abs(event_ms - message.event_ms) <= within_ms:
                has_met = True
                if not had_met:
                    self._waiting[message.key, sub_key] = [there, event_ms, value, True]
                pair = (message.value, value) if side == LEFT else (value, message.value)
                yield from self.both(*pair, message)
        self._waiting[message.key, message.id] = [side, message.event_ms, message.value, has_met]
        self._timers.set(message.key, message.id, event_ms=message.event_ms + waits_ms + 1)

    def wake(self, message: Message[str]) -> Iterable[Message]:
        found = self._waiting.get((message.key, message.value))
        if found is None:
            # Only where a dead letter is replayed.
            return
        del self._waiting[message.key, message.value]
        side, event_ms, value, has_met = found
        if not has_met:
            alone = self.left_alone if side == LEFT else self.right_alone
            yield from alone(value, message.at(event_ms))
