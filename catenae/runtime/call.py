"""One call of a microservice: messages in, records out, and all of its effects or none."""

import logging
from collections.abc import Callable, Iterable, Sequence
from operator import itemgetter
from typing import Any

from catenae.clock import Clock
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
from catenae.runtime.by_hand import ByHand
from catenae.runtime.encoder import Encoder, NotAMessage
from catenae.runtime.forgetting import NOTHING_PERSONAL, Forgetting, Personal
from catenae.runtime.outcome import Outcome
from catenae.runtime.plan import Plan
from catenae.runtime.state import FencedState
from catenae.runtime.waking import Waking
from catenae.service_log import Handling, Noted

logger = logging.getLogger(__name__)

_HEADERS, _REJECTED = itemgetter(3), itemgetter(5)  # of a Message

# Not the message's fault: the batch is abandoned and comes again.
PLATFORM_ERRORS = (BrokerUnavailable, StoreUnavailable, DataFolderError, StateLost)


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


class Call:
    """Calls a Middle or Leaf. Thread-safe where the service is.

    handling      is told at which message a call is, for the service's log; None where it has none
    personal      documents that go when a key is to be forgotten
    is_repeating  messages are handled for State alone: none of them can be set aside
    """

    def __init__(  # noqa: PLR0913, PLR0917  a collaborator each
        self,
        service: Middle | Leaf,
        plan: Plan,
        encoder: Encoder,
        states: Sequence[FencedState[Any]],
        clock: Clock,
        waking: Waking | None = None,
        handling: Handling | None = None,
        personal: Personal = NOTHING_PERSONAL,
    ) -> None:
        self._handling = handling
        self._forgetting = Forgetting(service, plan, states, personal)
        self._plan = plan
        self._encoder = encoder
        self._states = states
        self._clock = clock
        self._call = _caller(service)
        self._waking = waking
        self._by_hand = ByHand(plan.node, states)
        self.is_repeating = False

    @property
    def keeps_state(self) -> bool:
        """Whether calls may change State."""
        return bool(self._states)

    def expect(self, messages: Sequence[Message]) -> None:
        """Say which messages come next, so that what State keeps of their keys is read at once."""
        if self._states:
            keys = [each.key for each in messages]
            for state in self._states:
                state.expect(keys)

    def make(self, messages: list[Message], records: list[Record]) -> Outcome:
        """Return what messages of one partition become; whatever it raises, it has changed nothing."""
        outcome = self._made(messages, records)
        for state in self._states:
            state.keep()
        return outcome

    def succeeds(self, message: Message, record: Record) -> bool:
        """Say whether a message could be handled now, without any effect on State. Raises platform errors."""
        try:
            self._made([message], [record])
        except PLATFORM_ERRORS:
            raise
        except Exception:  # noqa: BLE001  an author's bug of any kind is no success
            return False
        self._undo()
        return True

    def take_back(self, number: int) -> None:
        """Take back what the calls of this batch have changed in State of a partition number."""
        for state in self._states:
            state.take_back(number)

    def set_aside(self, record: Record, error: Exception) -> Outcome:
        """Return the dead letter of a record; raise where the node stops, or State must be complete."""
        if self.is_repeating:
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
                **where(error),
            },
        )
        self._cancel(record)
        dead = dead_letters.from_failure(record, self._plan.group, error, self._now_ms())
        outcome = Outcome([self._encoder.fitted(dead)])
        outcome.dead[reason] += 1
        return outcome

    def _cancel(self, record: Record) -> None:
        """Have a timer that cannot be handled wake nobody again; its wake-up can be replayed all the same."""
        if self._waking is None or not self._waking.is_wake_up(record):
            return
        for state in self._states:
            state.enter(record.partition)
        self._waking.cancel(record)
        for state in self._states:
            state.prepare()
            state.keep()

    def refuse(self, record: Record, reason: str) -> Outcome:
        """Return the dead letter of a record that is not what the node takes; for State it is nothing."""
        outcome = Outcome()
        if not self.is_repeating:
            letter = dead_letters.from_rejection(record, self._plan.group, reason, self._now_ms())
            outcome.outputs.append(self._encoder.fitted(letter))
            outcome.dead[dead_letters.clean(reason)] += 1
        return outcome

    def _made(self, messages: list[Message], records: list[Record]) -> Outcome:
        """Call, and prepare what is to be kept; undo it all if that raises."""
        if self._states:
            keys = {each.key for each in messages}
            as_of_ms = records[0].timestamp_ms if self.is_repeating else None
            for state in self._states:
                state.enter(records[0].partition, keys, as_of_ms)
        try:
            outcome = self._sort(list(self._called(messages, records)), messages, records)
            for state in self._states:
                state.prepare()
        except BaseException:
            self._undo()
            raise
        return outcome

    def _called(self, messages: list[Message], records: list[Record]) -> Iterable[Message]:
        if self._states and any(map(self._by_hand.is_meant, records)):
            if len(records) > 1:
                raise _NotTogether
            self._by_hand.change(messages[0], records[0])
            return ()
        if any(map(_HEADERS, messages)) and any(each.is_to_forget for each in messages):
            return self._forgetting.call(self._handled, messages, records, is_repeat=self.is_repeating)
        return self._handled(messages, records)

    def _handled(self, messages: list[Message], records: list[Record]) -> Iterable[Message]:
        if self._handling is not None:
            messages = Noted(messages, self._handling)
        if self._waking is None:
            return self._call(messages)
        return self._waking.call(self._call, messages, records, is_repeat=self.is_repeating)

    def _undo(self) -> None:
        for state in self._states:
            state.undo()

    def _sort(self, returned: list[Message], messages: list[Message], records: list[Record]) -> Outcome:
        """Encode what a call returned, and set aside what it rejected."""
        if not set(map(type, returned)) <= {Message}:
            for each in returned:
                if not isinstance(each, Message):
                    raise NotAMessage(self._plan.node, each)
        if not any(map(_REJECTED, returned)):
            return Outcome(self._encoder.encode(returned))
        outcome = Outcome()
        for message in returned:
            if not message.rejected:
                outcome.outputs += self._encoder.encode([message])
                continue
            reason = dead_letters.clean(message.rejected)
            record = _rejected(message, messages, records)
            outcome.dead[reason] += 1
            letter = dead_letters.from_rejection(record, self._plan.group, reason, self._now_ms())
            outcome.outputs.append(self._encoder.fitted(letter))
        return outcome

    def _now_ms(self) -> int:
        return int(self._clock.now_s() * 1000)


def where(error: Exception) -> dict[str, str]:
    """Return the classes of an error and the lines of code it came through, and no word of what it says."""
    found = describe(error)
    return {name: found[name] for name in ("error", "traceback") if name in found}


class _NotTogether(CatenaeError):
    """One of several messages was rejected, or changes State by hand: they are to be handed over alone."""


def _rejected(message: Message, messages: list[Message], records: list[Record]) -> Record:
    """Return the record that is set aside for a rejected message: its own, or the one it was made from."""
    if len(records) == 1:
        return records[0]
    places = [each.id for each in messages]
    if message.offset == UNASSIGNED or message.id not in places:
        raise _NotTogether
    return records[places.index(message.id)]


def _caller(service: Middle | Leaf) -> Callable[[Sequence[Message]], Iterable[Message]]:
    """Return one call for both kinds: messages in, messages out; a leaf returns none."""
    if isinstance(service, Middle):
        return service.transform_many

    def consume(messages: Sequence[Message]) -> Iterable[Message]:
        service.consume_many(messages)
        return ()

    return consume
