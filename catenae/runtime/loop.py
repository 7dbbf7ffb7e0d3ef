"""The one loop of a Middle or Leaf: poll a batch, handle it, flush state, commit outputs and positions."""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from enum import Enum, auto
from operator import itemgetter
from time import thread_time

from catenae.broker import Batch, Position, Session
from catenae.clock import Clock
from catenae.errors import Conflict, Fenced, Superseded
from catenae.message import Record, TopicPartition
from catenae.observability.metrics import BatchFigures, NodeMetrics
from catenae.runtime.handler import Handler
from catenae.runtime.inputs import input_mode
from catenae.runtime.node_state import NodeState
from catenae.runtime.outcome import Outcome
from catenae.runtime.pace import Pace
from catenae.runtime.plan import Plan

logger = logging.getLogger(__name__)

_TOPIC = itemgetter(0)  # of a Record

# For so long full batches go into one commit: short against the time after which Kafka ends a transaction.
SHARED_COMMIT_S = 0.1
WITNESSES = 4


class Step(Enum):
    """What one step of a loop came to."""

    MOVED = auto()
    """Something was committed."""
    IDLE = auto()
    """There was nothing to do."""
    WAITING = auto()
    """There is something to do, but not now or not here: standby, back-pressure or pauses after failures."""
    OUTAGE = auto()
    """No message gets through, because what all of them need is away; one at a time is tried."""
    ABANDONED = auto()
    """The batch was given up uncommitted, because another instance owns its partition; it comes again."""
    PAUSED = auto()
    """It stands still, because a person wants it to."""
    FINISHED = auto()
    """A source is exhausted and everything it gave is committed."""


class Loop:
    """Steps a Middle or Leaf through its inputs. Not thread-safe."""

    def __init__(
        self,
        plan: Plan,
        session: Session,
        handler: Handler,
        state: NodeState,
        metrics: NodeMetrics,
        clock: Clock,
    ) -> None:
        self._session = session
        self._handler = handler
        self._state = state
        self._metrics = metrics
        self._clock = clock
        self._inputs = input_mode(plan.input_mode, [each.topic for each in plan.inputs])
        self._pace = Pace(plan.batch_records, plan.batch_s, plan.concurrency)
        self._handled_s: float | None = None
        # Of the processor: a poll also waits, for records and for servers.
        self._poll_s = 0.0
        self._most_records = plan.batch_records
        self._node = plan.node

    @property
    def owned(self) -> Mapping[TopicPartition, Position]:
        """The partitions owned, with the positions committed."""
        return self._session.owned

    def step(self, timeout_s: float) -> Step:
        """Handle and commit one batch, waiting up to `timeout_s` for its first record.

        An error leaves nothing half-done: the session hands over again what was not committed.
        """
        started_s, handled, self._handled_s = self._clock.monotonic_s(), 0, None
        try:
            began_s = thread_time()
            batches = self._poll(self._state.idle_s(timeout_s))
            self._poll_s += thread_time() - began_s
            started_s, handled = self._clock.monotonic_s(), sum(len(each.records) for each in batches)
            self._state.stand_on(self._session.owned, batches[0].assignment)
            self._handler.begin(batches[0].assignment)
            if self._state.is_behind:
                handled = self._catch_up()
            elif handled:
                handled = self._process(batches)
            else:
                self._state.look()
            if not handled and not self._wake(batches):
                return self._standstill()
        except Superseded:
            raise
        except (Fenced, Conflict) as error:
            self._state.abandon()
            self._metrics.fenced()
            logger.warning(
                "batch abandoned, it comes again",
                extra={"node": self._node, "error": type(error).__name__, "reason": str(error)},
            )
            return Step.ABANDONED
        except BaseException:
            self._state.abandon()
            raise
        finally:
            if handled:
                ended_s = self._clock.monotonic_s()
                handled_s = ended_s if self._handled_s is None else self._handled_s
                self._pace.took(handled, handled_s - started_s, ended_s - handled_s)
        return Step.MOVED

    def rest(self) -> Step:
        """Keep the partitions, and take none of their records."""
        self._session.poll({}, 0.0)
        return Step.PAUSED

    def close(self) -> None:
        """Leave the group and end the threads."""
        self._handler.close()
        self._session.close()

    def _process(self, batches: list[Batch]) -> int:
        """Handle and commit batches and those that share their commit; return how many records that were.

        Partitions that the handler holds are committed up to there, and paused.
        """
        started_s = self._clock.monotonic_s()
        records = records_of(batches)
        outcome = self._handler.handle(records)
        outputs = outcome.outputs
        received: Counter[str] = Counter()
        handled: list[Batch] = []
        while not outcome.held and self._shares_its_commit(records, started_s):
            received.update(map(_TOPIC, records))
            handled += [each.handled() for each in batches]
            self._session.stage(outputs)
            batches = self._inputs.poll(self._session, self._pace.records, 0.0, handled)
            records, outputs = records_of(batches), []
            if records:
                more = self._handler.handle(records)
                outputs = more.outputs
                outcome.add(more)
        if outcome.held:
            ends = {place: hold.offset for place, hold in outcome.held.items()}
            batches = [each.until(ends) for each in batches]
            records = records_of(batches)
        received.update(map(_TOPIC, records))
        handled_s = self._handled_s = self._clock.monotonic_s()
        if received:
            notes = self._state.flush()
            self._session.commit([*handled, *batches], outputs + self._state.wake_ups(), notes)
            self._state.settle(self._session.owned)
        committed_s = self._clock.monotonic_s()
        count(self._metrics, received, outcome, handled_s - started_s, committed_s - handled_s, self._poll_s)
        self._poll_s = 0.0
        for place, hold in outcome.held.items():
            self._session.pause(place, hold.pause_s)
        return received.total()

    def _wake(self, batches: list[Batch]) -> bool:
        """Write that timers are due, where nothing else is to be committed; say whether any is."""
        wake_ups = self._state.wake_ups()
        if wake_ups:
            # Nothing of the batches, of which messages may be held; but under their share.
            self._session.commit([Batch(0, batches[0].assignment)], wake_ups)
        return bool(wake_ups)

    def _shares_its_commit(self, records: Sequence[Record], started_s: float) -> bool:
        """Say whether the next batch goes into the same commit, because handling is fast and there is more.

        A commit costs some milliseconds however much is in it, and the broker takes what is staged while the
        next batch is handled. What State changes has to be announced, and so stays within bounds.
        """
        return (
            self._state.is_empty
            and len(records) >= self._most_records
            and self._clock.monotonic_s() - started_s < SHARED_COMMIT_S
        )

    def _standstill(self) -> Step:
        """Say what it is when nothing was handled."""
        if self._handler.is_outage:
            return Step.OUTAGE
        return Step.WAITING if self._handler.is_holding else Step.IDLE

    def _poll(self, timeout_s: float) -> list[Batch]:
        """Return the next records; none while State is behind, when polling only keeps the partitions."""
        if self._state.is_behind:
            return [self._session.poll({}, 0.0)]
        most_records = self._pace.records
        if self._handler.is_holding:
            # Whether a message is to blame for its failures shows by what is behind it.
            most_records = max(most_records, WITNESSES)
        return self._inputs.poll(self._session, most_records, timeout_s)

    def _catch_up(self) -> int:
        """Handle some of what State lacks once more, for State alone; return how many records that were."""
        records = self._state.missed(self._pace.records)
        self._handler.repeat(records)
        self._state.keep_missed()
        self._metrics.repeated(len(records))
        return len(records)


def records_of(batches: Sequence[Batch]) -> Sequence[Record]:
    """Return the records of batches, in their order."""
    return batches[0].records if len(batches) == 1 else [each for some in batches for each in some.records]


def count(
    metrics: NodeMetrics,
    received: Mapping[str, int],
    outcome: Outcome,
    handler_s: float,
    commit_s: float,
    poll_s: float = 0.0,
) -> None:
    """Count a committed batch."""
    sent = Counter(map(_TOPIC, outcome.outputs))
    metrics.batch(BatchFigures(received, sent, handler_s, commit_s, handler_s + commit_s, poll_s))
    for _ in range(outcome.retries):
        metrics.retried()
    for reason, messages in outcome.dead.items():
        metrics.dead_letter(reason, messages)
    for reason, messages in outcome.dropped.items():
        metrics.dropped(reason, messages)
    if outcome.unsealed:
        metrics.unsealed(outcome.unsealed)
