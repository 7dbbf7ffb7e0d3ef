"""From records to outputs through one microservice: decoding, calling, retrying, setting aside.

Messages of one partition are handed over together. If that raises, all of its effects are undone and each
message is handed over alone, so that one bad message costs the others nothing but time.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from itertools import count, groupby
from operator import itemgetter
from typing import Any

from catenae.clock import Clock
from catenae.codec import Codec
from catenae.errors import (
    BrokerUnavailable,
    CatenaeError,
    DataFolderError,
    StateLost,
    StoreUnavailable,
    TransientError,
)
from catenae.message import UNASSIGNED, Message, Record
from catenae.microservice import Leaf, Middle
from catenae.observability.failure import describe
from catenae.observability.tracing import trace_of
from catenae.runtime import dead_letters
from catenae.runtime.decoder import Decoder
from catenae.runtime.encoder import Encoder, MaxRecordBytes, NotAMessage, any_size
from catenae.runtime.lanes import Lanes
from catenae.runtime.outcome import Outcome
from catenae.runtime.plan import Plan
from catenae.runtime.state import FencedState, is_key

logger = logging.getLogger(__name__)

# Not the message's fault: the batch is abandoned and comes again.
PLATFORM_ERRORS = (BrokerUnavailable, StoreUnavailable, DataFolderError, StateLost)

_PLACE = itemgetter(0, 4)  # topic and partition of a Record


class HandlerFailed(CatenaeError):
    """A handler raised, and its node is declared with `on_error="stop"`."""

    def __init__(self, node: str, message_id: str) -> None:
        self.node = node
        self.message_id = message_id
        super().__init__(
            f"node {node!r} cannot handle message {message_id} and stops, as on_error='stop' asks. "
            f"Mend the handler or the message, then start the node again"
        )


class CannotRepeat(CatenaeError):
    """A handler raised on a message that it handled before, whose part in State the store has lost."""

    def __init__(self, node: str, message_id: str) -> None:
        self.node = node
        self.message_id = message_id
        super().__init__(
            f"node {node!r} handled message {message_id} once and cannot now, so that State, of which the "
            f"store has lost this part, stays behind. Mend the handler and start the node again, or begin "
            f"anew with catenae reset --state"
        )


class Handler:
    """Runs a Middle or Leaf on batches of records. Not thread-safe; starts threads of its own if asked to."""

    def __init__(
        self,
        service: Middle | Leaf,
        plan: Plan,
        codec: Codec,
        states: Sequence[FencedState[Any]],
        clock: Clock,
        max_record_bytes: MaxRecordBytes = any_size,
    ) -> None:
        self._plan = plan
        self._decoder = Decoder(plan, codec)
        self._encoder = Encoder(plan, codec, max_record_bytes)
        self._states = states
        self._clock = clock
        self._call = _caller(service)
        self._lanes = Lanes(plan.concurrency) if plan.concurrency > 1 else None
        self._is_repeating = False

    def handle(self, records: Sequence[Record]) -> Outcome:
        """Return what the records become, in their order.

        Raises a platform error (broker or store away, no room) or `HandlerFailed`; nothing counts then.
        """
        outcome, decoded = Outcome(), self._decoder.decode(records)
        for record, error in decoded.broken:
            outcome.add(self._set_aside(record, error))
        outcome.dropped += decoded.dropped
        messages, handed = decoded.messages, decoded.records
        if self._states:
            keys = {each.key for each in messages if is_key(each.key)}
            for state in self._states:
                state.expect(keys)
        if self._lanes is not None:
            for each in self._lanes.run(
                lambda index: self._alone(messages[index], handed[index]), [each.key for each in handed]
            ):
                outcome.add(each)
        else:
            start = 0
            for _, some in groupby(map(_PLACE, handed)):
                end = start + len(list(some))
                outcome.add(self._together(messages[start:end], handed[start:end]))
                start = end
        return outcome

    def repeat(self, records: Sequence[Record]) -> None:
        """Handle records once more for State alone: what they become has been committed before.

        Raises a platform error, a `TransientError` that retries did not overcome, or `CannotRepeat`.
        """
        self._is_repeating = True
        try:
            self.handle(records)
        finally:
            self._is_repeating = False

    def close(self) -> None:
        """End the threads."""
        if self._lanes is not None:
            self._lanes.close()

    def _together(self, messages: list[Message], records: list[Record]) -> Outcome:
        """Hand over messages of one partition in one call; one by one if that raises."""
        if len(messages) > 1:
            try:
                return self._attempt(messages, records)
            except PLATFORM_ERRORS:
                raise
            except Exception as error:  # noqa: BLE001  whatever it was, handing over alone finds who is to blame
                logger.debug(
                    "batch retried one by one", extra={"node": self._plan.node, "error": type(error).__name__}
                )
        outcome = Outcome()
        for message, record in zip(messages, records, strict=True):
            outcome.add(self._alone(message, record))
        return outcome

    def _alone(self, message: Message, record: Record) -> Outcome:
        """Hand over one message: again after a pause while its errors are transient, then set it aside."""
        policy = self._plan.retry
        for attempt in count(1):
            try:
                outcome = self._attempt([message], [record])
            except PLATFORM_ERRORS:
                raise
            except TransientError as error:
                failure: Exception = error
                if attempt < policy.attempts:
                    self._clock.sleep(policy.pause_s(attempt))
                    continue
            except Exception as error:  # noqa: BLE001  an author's bug of any kind concerns this message only
                failure = error
            else:
                outcome.retries = attempt - 1
                return outcome
            break
        outcome = self._set_aside(record, failure)
        outcome.retries = attempt - 1
        return outcome

    def _attempt(self, messages: list[Message], records: list[Record]) -> Outcome:
        """Make one call and take its effects as a whole; whatever it raises, it has changed nothing."""
        for state in self._states:
            state.enter(records[0].partition)
        try:
            outcome = self._sort(list(self._call(messages)), messages, records)
            for state in self._states:
                state.prepare()
        except BaseException:
            for state in self._states:
                state.undo()
            raise
        for state in self._states:
            state.keep()
        return outcome

    def _sort(self, returned: list[Message], messages: list[Message], records: list[Record]) -> Outcome:
        """Encode what a call returned, and set aside what it rejected."""
        outcome = Outcome()
        add, encode = outcome.outputs.append, self._encoder.encode
        for message in returned:
            if message.__class__ is not Message:
                raise NotAMessage(self._plan.node, message)
            if not message.rejected:
                add(encode(message))
                continue
            reason = dead_letters.clean(message.rejected)
            record = _rejected(message, messages, records)
            outcome.dead[reason] += 1
            letter = dead_letters.from_rejection(record, self._plan.group, reason, self._now_ms())
            add(self._encoder.fitted(letter))
        return outcome

    def _set_aside(self, record: Record, error: Exception) -> Outcome:
        if self._is_repeating:
            if isinstance(error, TransientError):
                raise error
            raise CannotRepeat(self._plan.node, record.id) from error
        if self._plan.on_error == "stop":
            raise HandlerFailed(self._plan.node, record.id) from error
        reason = dead_letters.reason_of(error)
        logger.error(
            "message set aside",
            extra={
                "node": self._plan.node,
                "message_id": record.id,
                "reason": reason,
                "trace": trace_of(record.headers),
                **_where(error),
            },
        )
        dead = dead_letters.from_failure(record, self._plan.group, error, self._now_ms())
        outcome = Outcome([self._encoder.fitted(dead)])
        outcome.dead[reason] += 1
        return outcome

    def _now_ms(self) -> int:
        return int(self._clock.now_s() * 1000)


class _Unclear(CatenaeError):
    """One of several messages was rejected, and which one will show when they are handed over alone."""


def _rejected(message: Message, messages: list[Message], records: list[Record]) -> Record:
    """Return the record that is set aside for a rejected message: its own, or the one it was made from."""
    if len(records) == 1:
        return records[0]
    places = [each.id for each in messages]
    if message.offset == UNASSIGNED or message.id not in places:
        raise _Unclear
    return records[places.index(message.id)]


def _where(error: Exception) -> dict[str, str]:
    """Return the classes of an error and the lines of code it came through, and no word of what it says."""
    found = describe(error)
    return {name: found[name] for name in ("error", "traceback") if name in found}


def _caller(service: Middle | Leaf) -> Callable[[Sequence[Message]], Iterable[Message]]:
    """Return one call for both kinds: messages in, messages out; a leaf returns none."""
    if isinstance(service, Middle):
        return service.transform_many

    def consume(messages: Sequence[Message]) -> Iterable[Message]:
        service.consume_many(messages)
        return ()

    return consume
