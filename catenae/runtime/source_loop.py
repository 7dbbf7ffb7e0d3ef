"""The loop of a Source: gather what it generates, commit messages and position at once.

A source owns the one partition of a topic of its own that never holds a record: this makes it the only
instance that generates, and gives its position a place. The others wait to take over.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from catenae.broker import MAX_NOTE_BYTES, Batch, Notes, Position, Session
from catenae.clock import Clock
from catenae.codec.packing import pack, unpack
from catenae.errors import CodecError, Fenced, RecordTooLarge, Superseded, TopologyError
from catenae.message import NO_HEADERS, Message, Record, TopicPartition
from catenae.microservice import Source
from catenae.observability.metrics import NodeMetrics
from catenae.observability.tracing import begin_trace
from catenae.runtime import dead_letters
from catenae.runtime.encoder import Encoder, NotAMessage
from catenae.runtime.loop import Step, count
from catenae.runtime.outcome import Outcome
from catenae.runtime.plan import Plan

logger = logging.getLogger(__name__)

# Number of the one partition that holds a Source's position.
ONLY_PARTITION = 0
# A slow source's messages wait no longer than this for others to share their commit.
GATHER_S = 0.05


class SourceLoop:
    """Steps a Source through what it generates. Not thread-safe.

    backlog  says how many records the readers of this source's messages are behind
    """

    def __init__(  # noqa: PLR0913, PLR0917  the collaborators of the one loop
        self,
        source: Source,
        plan: Plan,
        session: Session,
        encoder: Encoder,
        backlog: Callable[[], int],
        metrics: NodeMetrics,
        clock: Clock,
    ) -> None:
        self._source = source
        self._plan = plan
        self._session = session
        self._encoder = encoder
        self._backlog = backlog
        self._metrics = metrics
        self._clock = clock
        self._assignment: int | None = None
        self._generated: Iterator[Message | None] | None = None
        self._failure: Exception | None = None

    @property
    def owned(self) -> Mapping[TopicPartition, Position]:
        """The partitions owned, with the positions committed."""
        return self._session.owned

    def step(self, timeout_s: float) -> Step:
        """Gather and commit one batch; with nothing to gather, or no right to, wait up to `timeout_s`."""
        try:
            batch = self._session.poll({}, 0.0)
            if not self._session.owned or self._backlog() > self._plan.max_backlog:
                self._clock.sleep(timeout_s)
                return Step.WAITING
            return self._advance(batch, timeout_s)
        except Superseded:
            raise
        except Fenced as error:
            self._metrics.fenced()
            logger.warning(
                "batch abandoned, it comes again",
                extra={"node": self._plan.node, "error": type(error).__name__, "reason": str(error)},
            )
            self._stop_generating()
            return Step.ABANDONED
        except BaseException:
            self._stop_generating()
            raise

    def rest(self) -> Step:
        """Stay the one that generates, and ask it for nothing."""
        self._session.poll({}, 0.0)
        return Step.PAUSED

    def close(self) -> None:
        """Close what generates, and leave the group."""
        self._stop_generating()
        self._session.close()

    def _advance(self, batch: Batch, timeout_s: float) -> Step:
        started_s = self._clock.monotonic_s()
        self._generate_under(batch.assignment)
        messages, is_exhausted = self._gather()
        progress = self._source.progress()
        if progress is not None:
            self._metrics.progress(progress)
        if messages:
            self._commit(batch, messages, self._clock.monotonic_s() - started_s)
        if is_exhausted:
            return Step.FINISHED
        if not messages:
            self._clock.sleep(timeout_s)
            return Step.IDLE
        return Step.MOVED

    def _gather(self) -> tuple[list[Message], bool]:
        """Return the next messages, and whether there will be no more.

        What a source yielded before it failed is committed first: the next call raises its error.
        """
        if self._failure is not None:
            raise self._failure
        messages: list[Message] = []
        until_s = self._clock.monotonic_s() + GATHER_S
        try:
            for message in self._generated or ():
                if message is None:
                    return messages, False
                if message.__class__ is not Message:
                    raise NotAMessage(self._plan.node, message)
                messages.append(message)
                if len(messages) >= self._plan.batch_records or self._clock.monotonic_s() > until_s:
                    return messages, False
        except Exception as error:
            if not messages:
                raise
            self._failure = error
            return messages, False
        return messages, True

    def _commit(self, batch: Batch, messages: list[Message], gathered_s: float) -> None:
        started_s = self._clock.monotonic_s()
        outcome = Outcome()
        for message in messages:
            outcome.outputs.append(self._encode(message, outcome))
        self._session.commit([batch], outcome.outputs, self._notes(messages))
        count(self._metrics, {}, outcome, gathered_s, self._clock.monotonic_s() - started_s)

    def _encode(self, message: Message, outcome: Outcome) -> Record:
        if self._plan.is_traced:
            message = message._replace(headers=begin_trace(message.headers))
        reason = dead_letters.clean(message.rejected)
        try:
            (record,) = self._encoder.encode([message])
        except (CodecError, RecordTooLarge) as error:
            logger.error("message cannot be sent", extra={"node": self._plan.node, "error": str(error)})
            reason = dead_letters.reason_of(error)
            what_can_be = message._replace(value=None, key=None, headers=NO_HEADERS)
            sent = message if isinstance(error, RecordTooLarge) else what_can_be
            (record,) = self._encoder.encode([sent], at_any_size=True)
        if not reason:
            return record
        outcome.dead[reason] += 1
        at_ms = int(self._clock.now_s() * 1000)
        return self._encoder.fitted(dead_letters.from_source(record, self._plan.group, reason, at_ms))

    def _notes(self, messages: list[Message]) -> Notes:
        """Return the position behind a batch as the broker keeps it; what is set aside may come without."""
        placed = (each for each in reversed(messages) if each.position is not None or not each.rejected)
        message = next(placed, None)
        if message is None:
            # Named all the same, so that no instance but the owner commits.
            (former,) = self._session.owned.values()
            return {ONLY_PARTITION: former.note}
        if message.position is None:
            raise TopologyError(
                f"node {self._plan.node!r} generated a message without a position: it would begin anew after "
                f"each restart. Give Message(..., position=...) what generate needs to go on from there"
            )
        note = pack(message.position)
        if len(note) > MAX_NOTE_BYTES:
            raise TopologyError(
                f"node {self._plan.node!r} gave a position of {len(note):,} bytes; it may take "
                f"{MAX_NOTE_BYTES:,}. Keep in it only where to go on"
            )
        return {ONLY_PARTITION: note}

    def _generate_under(self, assignment: int) -> None:
        """Generate from the committed position on, unless that is what is being done."""
        if self._generated is None or assignment != self._assignment:
            self._stop_generating()
            self._assignment = assignment
            (position,) = self._session.owned.values()
            self._generated = self._source.generate(unpack(position.note) if position.note else None)

    def _stop_generating(self) -> None:
        generated: Any = self._generated
        self._generated = self._failure = None
        if generated is not None and hasattr(generated, "close"):
            generated.close()
