"""Calling a service that has timers: its handler for messages, its `wake` for what is due and wanted."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress

from catenae.errors import CodecError
from catenae.message import Message, Record
from catenae.microservice import Leaf, Middle
from catenae.runtime.dead_letters import ONLY_GROUP
from catenae.runtime.timers import StateTimers
from catenae.runtime.wake_ups import WakeUps

Handler = Callable[[Sequence[Message]], Iterable[Message]]


class Waking:
    """What `Call` does with wake-ups, within the State of the call. Thread-safe where the service is."""

    def __init__(self, service: Middle | Leaf, timers: StateTimers, wake_ups: WakeUps) -> None:
        self._service = service
        self._timers = timers
        self._wake_ups = wake_ups

    def is_wake_up(self, record: Record) -> bool:
        """Say whether a record tells of a timer."""
        return record.topic == self._wake_ups.topic

    def call(
        self, handler: Handler, messages: Sequence[Message], records: Sequence[Record], *, is_repeat: bool
    ) -> Iterable[Message]:
        """Yield what comes of messages of one topic: wake-ups, or others; `is_repeat` as in `Call`."""
        self._timers.as_of(records[0].timestamp_ms if is_repeat else None)
        if self.is_wake_up(records[0]):
            for message, record in zip(messages, records, strict=True):
                self._timers.as_of(record.timestamp_ms if is_repeat else None)
                yield from self._wake(message, record)
        else:
            yield from handler(messages)
            self._timers.heed((each.key, each.event_ms) for each in messages)

    def cancel(self, record: Record) -> None:
        """Take out the timer of a wake-up; one that nobody can read has none."""
        with suppress(CodecError, ValueError):
            if not _is_replay(record):
                self._timers.take(*self._wake_ups.read(record))

    def _wake(self, message: Message, record: Record) -> Iterable[Message]:
        """Call the service, unless the timer was cancelled or moved; for a replay whenever it comes."""
        wake_up = self._wake_ups.read(record)
        timer = None if _is_replay(record) else self._timers.take(*wake_up)
        if timer is None and not _is_replay(record):
            return
        if isinstance(self._service, Middle):
            yield from self._service.wake(message)
        else:
            self._service.wake(message)
        if timer is not None and timer.is_of_events:
            self._timers.heed([(wake_up.key, wake_up.asked_ms)])


def _is_replay(record: Record) -> bool:
    """Say whether somebody replays a dead letter, the timer of which is gone."""
    return ONLY_GROUP in record.headers
