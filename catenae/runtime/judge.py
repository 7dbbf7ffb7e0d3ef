"""What becomes of a message that failed transiently: it is tried again later, or set aside."""

import logging
from collections.abc import Sequence

from catenae.errors import TransientError
from catenae.message import Message, Record, TopicPartition
from catenae.runtime.call import Call, where
from catenae.runtime.outcome import Hold, Outcome
from catenae.runtime.trials import Trials

logger = logging.getLogger(__name__)

Pair = tuple[Message, Record]


class Judge:
    """Decides on failures, in one thread. What it holds comes again with all that is behind it."""

    def __init__(self, call: Call, trials: Trials, node: str) -> None:
        self._call = call
        self._trials = trials
        self._node = node

    def failed(self, record: Record, error: TransientError, behind: Sequence[Pair]) -> Outcome:
        """Return the record's dead letter if it is to blame and out of attempts, else that it is held.

        behind  what follows it in its partition, as far as it is there
        """
        if self._call.is_repeating:
            raise error
        place = TopicPartition(record.topic, record.partition)
        self._trials.failed(place, record.offset)
        if self._trials.is_over(place) and self._is_to_blame(place, record, behind):
            self._trials.ended(place)
            return self._call.set_aside(record, error)
        pause_s = self._trials.pause_s(place)
        logger.warning(
            "message failed, its partition waits",
            extra={
                "node": self._node,
                "message_id": record.id,
                "attempt": self._trials.attempts(place),
                "pause_s": round(pause_s, 2),
                **where(error),
            },
        )
        # In an outage all wait for the same moment, in which one message is tried.
        waiting = self._trials.waiting if self._trials.is_outage else [place]
        return Outcome(held={each: Hold(self._trials.offset(each), pause_s) for each in waiting})

    def _is_to_blame(self, place: TopicPartition, record: Record, behind: Sequence[Pair]) -> bool:
        """Say whether others get through: some did, or one of another key does that is tried now."""
        if self._trials.others_passed(place):
            return True
        firsts = {each.key: (message, each) for message, each in reversed(behind) if each.key != record.key}
        if not firsts:
            return self._trials.is_alone()
        witnesses = sorted(firsts.values(), key=lambda pair: pair[1].offset)
        # Another one each time, because the first may have a trouble of its own.
        if not self._call.succeeds(*witnesses[self._trials.attempts(place) % len(witnesses)]):
            return False
        self._trials.succeeded()
        return True
