"""One node of a chain: its handler, its State, its share of the partitions and of a common commit."""

from collections import Counter
from collections.abc import Sequence
from operator import itemgetter

from catenae.broker import NO_NOTES, Batch, Notes, Session
from catenae.chain import Part
from catenae.clock import Clock
from catenae.message import Record
from catenae.observability.metrics import NodeMetrics
from catenae.runtime.handler import Handler
from catenae.runtime.inputs import input_mode
from catenae.runtime.loop import WITNESSES, count, records_of
from catenae.runtime.node_state import NodeState
from catenae.runtime.outcome import Outcome
from catenae.runtime.plan import Plan

_TOPIC = itemgetter(0)  # of a Record


class Link:
    """Handles what comes of one step to one node. Not thread-safe.

    batches   what it was given in this step: polled, or handed on by the links before it
    received  how many messages of it count, by topic
    """

    def __init__(
        self,
        plan: Plan,
        session: Session,
        handler: Handler,
        state: NodeState,
        metrics: NodeMetrics,
        clock: Clock,
    ) -> None:
        self.plan = plan
        self.handler = handler
        self.state = state
        self.metrics = metrics
        self.session = session
        self._clock = clock
        self._inputs = input_mode(plan.input_mode, [each.topic for each in plan.inputs])
        self.batches: list[Batch] = []
        self.received: Counter[str] = Counter()
        self._outcome = Outcome()
        self._handler_s = self._flush_s = 0.0

    def poll(self, most_records: int) -> int:
        """Begin a step with the next records of each topic, 0 for none; return how many they are."""
        self.received, self._outcome, self._handler_s, self._flush_s = Counter(), Outcome(), 0.0, 0.0
        if not most_records:
            self.batches = [self.session.poll({}, 0.0)]
            return 0
        if self.handler.is_holding:
            # Whether a message is to blame for its failures shows by what is behind it.
            most_records = max(most_records, WITNESSES)
        self.batches = self._inputs.poll(self.session, most_records, 0.0)
        return sum(len(each.records) for each in self.batches)

    def begin(self) -> None:
        """Stand on the partitions that the poll has found to be owned."""
        assignment = self.batches[0].assignment
        self.state.stand_on(self.session.owned, assignment)
        self.handler.begin(assignment)

    def catch_up(self, most_records: int) -> int:
        """Handle some of what State lacks once more, for State alone; return how many records that were."""
        records = self.state.missed(most_records)
        self.handler.repeat(records)
        self.state.keep_missed()
        self.metrics.repeated(len(records))
        return len(records)

    def handle(self) -> Sequence[Record]:
        """Handle what is there and return what comes of it; what is held comes again."""
        records = records_of(self.batches)
        if not records:
            return ()
        started_s = self._clock.monotonic_s()
        self._outcome = self.handler.handle(records)
        if self._outcome.held:
            ends = {place: hold.offset for place, hold in self._outcome.held.items()}
            self.batches = [each.until(ends) for each in self.batches]
            records = records_of(self.batches)
        self.received.update(map(_TOPIC, records))
        self._handler_s = self._clock.monotonic_s() - started_s
        return self._outcome.outputs

    def part(self) -> Part:
        """Write what State has, and return what is to be committed."""
        started_s = self._clock.monotonic_s()
        notes: Notes = NO_NOTES
        if self.received:
            notes = self.state.flush()
        else:
            self.state.look()
        wake_ups = self.state.wake_ups()
        self._flush_s = self._clock.monotonic_s() - started_s
        return Part(self.batches, notes, wake_ups)

    def committed(self, commit_s: float, poll_s: float) -> None:
        """Take the step as committed, of which so many seconds are this link's share."""
        if self.received:
            self.state.settle(self.session.owned)
            commit_s += self._flush_s
            count(self.metrics, self.received, self._outcome, self._handler_s, commit_s, poll_s)

    def pause(self) -> None:
        """Have nothing handed over for a while of what is held."""
        for place, hold in self._outcome.held.items():
            self.session.pause(place, hold.pause_s)
