"""From records to outputs through one microservice: decoding, calling, trying again, setting aside.

Messages of one partition are handed over together; where the node keeps no State, all of one topic. If that
raises, all of its effects are undone and each message is handed over alone, so that one bad message costs the
others nothing but time. A message that fails transiently ends its partition's part of the batch: what came
before it counts, it and what follows come again after a pause, and other partitions go on.
"""

import logging
from collections.abc import Sequence
from typing import Any

from catenae.clock import Clock
from catenae.codec import Codec
from catenae.errors import TransientError
from catenae.message import Message, Record, TopicPartition
from catenae.microservice import Leaf, Middle
from catenae.runtime.call import PLATFORM_ERRORS, Call, CannotRepeat, HandlerFailed
from catenae.runtime.decoder import Decoded, Decoder
from catenae.runtime.encoder import Encoder, MaxRecordBytes, any_size
from catenae.runtime.forgetting import NOTHING_PERSONAL, Personal
from catenae.runtime.handled_type import handled_type
from catenae.runtime.judge import Judge
from catenae.runtime.lanes import Lanes
from catenae.runtime.outcome import Hold, Outcome
from catenae.runtime.plan import Plan
from catenae.runtime.seal import NOBODYS, Seal
from catenae.runtime.side_by_side import SideBySide
from catenae.runtime.state import FencedState
from catenae.runtime.trials import Trials
from catenae.runtime.waking import Waking
from catenae.service_log import Handling

__all__ = ["CannotRepeat", "Handler", "HandlerFailed"]

logger = logging.getLogger(__name__)


class Handler:
    """Runs a Middle or Leaf on batches of records. Not thread-safe; starts threads of its own if asked to."""

    def __init__(  # noqa: PLR0913, PLR0917  a collaborator each
        self,
        service: Middle | Leaf,
        plan: Plan,
        codec: Codec,
        states: Sequence[FencedState[Any]],
        clock: Clock,
        max_record_bytes: MaxRecordBytes = any_size,
        seal: Seal = NOBODYS,
        waking: Waking | None = None,
        handling: Handling | None = None,
        personal: Personal = NOTHING_PERSONAL,
    ) -> None:
        self._plan = plan
        self._decoder = Decoder(plan, codec, seal, handled_type(type(service)))
        encoder = Encoder(plan, codec, max_record_bytes, seal)
        self._call = Call(service, plan, encoder, states, clock, waking, handling, personal)
        self._trials = Trials(plan.retry)
        self._judge = Judge(self._call, self._trials, plan.node)
        self._lanes = Lanes(plan.concurrency) if plan.concurrency > 1 else None
        self._assignment: int | None = None

    @property
    def is_holding(self) -> bool:
        """Whether a partition waits for its next message to be tried again."""
        return bool(self._trials.waiting)

    @property
    def is_outage(self) -> bool:
        """Whether no message gets through."""
        return self._trials.is_outage

    def begin(self, assignment: int) -> None:
        """Handle what was drawn under this share of the partitions from now on."""
        if assignment != self._assignment:
            self._assignment = assignment
            self._trials.forget()

    def handle(self, records: Sequence[Record]) -> Outcome:
        """Return what the records become, in their order, but for those of partitions that are held.

        Raises a platform error (broker or store away, no room) or `HandlerFailed`; nothing counts then.
        """
        decoded = self._decoder.decode(records)
        self._call.expect(decoded.messages)
        handled = self._handled(decoded)
        if handled.held:
            decoded = self._decoder.decode([each for each in records if handled.covers(each)])
        outcome = Outcome()
        for record, error in decoded.broken:
            outcome.add(self._call.set_aside(record, error))
        for record, misfit in decoded.misfits:
            outcome.add(self._call.refuse(record, misfit.reason))
        outcome.dropped += decoded.dropped
        outcome.unsealed += decoded.unsealed
        outcome.add(handled)
        return outcome

    def repeat(self, records: Sequence[Record]) -> None:
        """Handle records once more for State alone: what they become has been committed before.

        Raises a platform error, the `TransientError` of a message, or `CannotRepeat`.
        """
        self._call.is_repeating = True
        try:
            self.handle(records)
        finally:
            self._call.is_repeating = False

    def close(self) -> None:
        """End the threads."""
        if self._lanes is not None:
            self._lanes.close()

    def _handled(self, decoded: Decoded) -> Outcome:
        if self._lanes is not None:
            side_by_side = SideBySide(self._call, self._judge, self._trials, self._lanes)
            return side_by_side.handle(decoded.messages, decoded.records)
        if not self._call.keeps_state and not self._trials.waiting:
            made = self._in_one_call(decoded)
            if made is not None:
                return made
        outcome = Outcome()
        for messages, records in decoded.runs():
            place = TopicPartition(records[0].topic, records[0].partition)
            if place not in outcome.held:
                outcome.add(self._run(place, messages, records, outcome))
        return outcome

    def _in_one_call(self, decoded: Decoded) -> Outcome | None:
        """Hand over messages of several partitions of one topic together; None if they are not, or it raises.

        A storer makes one transaction of them: one for each of twelve partitions takes twice the time.
        """
        places = {(records[0].topic, records[0].partition) for _, records in decoded.runs()}
        if len(places) == 1 or len({topic for topic, _ in places}) != 1:
            return None
        return self._attempt(decoded.messages, decoded.records)

    def _run(
        self, place: TopicPartition, messages: list[Message], records: list[Record], before: Outcome
    ) -> Outcome:
        """Handle a run of one partition; in an outage none but one, and the first of those that wait."""
        if self._trials.is_outage and before.held:
            pause_s = max(each.pause_s for each in before.held.values())
            return Outcome(held={place: Hold(records[0].offset, pause_s)})
        if place not in self._trials.waiting:
            return self._together(messages, records)
        outcome = self._alone(messages[0], records[0], list(zip(messages[1:], records[1:], strict=True)))
        outcome.retries += 1
        if not outcome.held and len(records) > 1:
            outcome.add(self._together(messages[1:], records[1:]))
        return outcome

    def _together(self, messages: list[Message], records: list[Record]) -> Outcome:
        """Hand over messages of one partition in one call; one by one if that raises."""
        if len(messages) > 1 and (made := self._attempt(messages, records)) is not None:
            return made
        outcome = Outcome()
        pairs = list(zip(messages, records, strict=True))
        for place, (message, record) in enumerate(pairs, start=1):
            outcome.add(self._alone(message, record, pairs[place:]))
            if outcome.held:
                break
        return outcome

    def _attempt(self, messages: list[Message], records: list[Record]) -> Outcome | None:
        """Hand over messages in one call; None if one of them is to blame that it raised."""
        try:
            outcome = self._call.make(messages, records)
        except PLATFORM_ERRORS:
            raise
        except Exception as error:  # noqa: BLE001  whatever it was, handing over alone finds who is to blame
            logger.debug(
                "batch retried in parts", extra={"node": self._plan.node, "error": type(error).__name__}
            )
            return None
        self._trials.succeeded(len(messages))
        return outcome

    def _alone(self, message: Message, record: Record, behind: list[tuple[Message, Record]]) -> Outcome:
        """Hand over one message."""
        try:
            outcome = self._call.make([message], [record])
        except PLATFORM_ERRORS:
            raise
        except TransientError as error:
            return self._judge.failed(record, error, behind)
        except Exception as error:  # noqa: BLE001  an author's bug of any kind concerns this message only
            outcome = self._call.set_aside(record, error)
        else:
            self._trials.succeeded()
        self._trials.ended(TopicPartition(record.topic, record.partition))
        return outcome
