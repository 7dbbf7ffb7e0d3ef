"""One member of a group: it keeps its lease, reads what it owns, and commits under its own epoch."""

from collections.abc import Collection, Mapping, Sequence

from catenae.broker import NO_NOTES, Batch, Input, Notes, Position
from catenae.brokers.embedded.cursors import Cursors
from catenae.brokers.embedded.lease_keeper import LeaseKeeper
from catenae.brokers.embedded.log import Log
from catenae.brokers.embedded.positions import Positions
from catenae.brokers.embedded.retention import trim
from catenae.brokers.embedded.roster import Roster
from catenae.brokers.embedded.shared import SharedLog
from catenae.brokers.handed_out import HandedOut
from catenae.brokers.pauses import Pauses
from catenae.message import Record, TopicPartition

FIRST_WAIT_S = 0.001
BRIEF_WAIT_S = 0.005
LONGEST_WAIT_S = 0.025
# Of the time that nothing has come in for.
SHARE_OF_QUIET = 0.02
TRIM_EVERY_MS = 10_000
NOT_EXHAUSTED = -1


class EmbeddedSession:
    """A `Session` on the embedded log.

    Nothing wakes a waiting session up: it looks again after a millisecond, then twice that, up to five; once
    nothing has come for a while, after a fiftieth of that, up to 25. So a node that idles costs next to
    nothing, and a record waits by no more than two per cent longer than the node has.

    After an error of `commit` the log says what was committed, and the next `poll` goes on from there.
    """

    def __init__(
        self, shared: SharedLog, roster: Roster, keeper: LeaseKeeper, inputs: Sequence[Input]
    ) -> None:
        self._shared = shared
        self._roster = roster
        self._keeper = keeper
        self._topics = [each.topic for each in inputs]
        self._positions = Positions(inputs)
        self._cursors = Cursors({each.topic: round(each.delay_s * 1000) for each in inputs})
        self._owned: dict[TopicPartition, Position] = {}
        self._out = HandedOut()
        self._staged: list[Record] = []
        self._pauses = Pauses(shared.clock)
        self._quiet_since_s = shared.clock.monotonic_s()
        self._written: set[str] = set()
        self._assignment = 0
        self._is_certain = True
        self._exhausted_at = NOT_EXHAUSTED
        self._trim_at_ms = 0
        with shared.write() as log:
            roster.join(log, shared.now_ms())
            self._take_over(log)
        keeper.watch(roster)

    @property
    def owned(self) -> Mapping[TopicPartition, Position]:
        return self._owned

    def poll(self, limits: Mapping[str, int], timeout_s: float, held: Sequence[Batch] = ()) -> Batch:
        if not self._out.is_all(held) or (self._staged and not held):
            self._begin_anew()
            self._out.require_all(held)
        clock = self._shared.clock
        deadline_s = clock.monotonic_s() + timeout_s
        wait_s = FIRST_WAIT_S
        while True:
            try:
                records = self._look(limits, held)
            except BaseException:
                # Some may have been taken, which nobody has been given.
                self._doubt()
                raise
            now_s = clock.monotonic_s()
            if records:
                self._quiet_since_s = now_s
            if records or now_s >= deadline_s:
                return self._out.give(self._assignment, records)
            quiet_s = now_s - self._quiet_since_s
            wait_s = min(max(wait_s, quiet_s * SHARE_OF_QUIET), LONGEST_WAIT_S)
            clock.sleep(min(wait_s, deadline_s - now_s))
            wait_s = min(2 * wait_s, BRIEF_WAIT_S)

    def pause(self, partition: TopicPartition, pause_s: float) -> None:
        self._pauses.begin(partition, pause_s)

    def stage(self, outputs: Sequence[Record]) -> None:
        self._staged += outputs

    def commit(self, batches: Sequence[Batch], outputs: Sequence[Record], notes: Notes = NO_NOTES) -> None:
        try:
            positions = self._out.moves(batches, notes, self._assignment, self._owned)
            blocks = self._shared.encode([*self._staged, *outputs] if self._staged else outputs)
            with self._shared.write() as log:
                self._roster.require(log, {each.partition for each in positions})
                self._shared.append(log, blocks)
                for each, position in positions.items():
                    log.put_position(self._roster.group, log.topic(each.topic), each.partition, position)
        except BaseException:
            self._doubt()
            raise
        self._staged = []
        self._owned.update(positions)
        self._written.update(blocks)
        self._read_again(self._out.settle(batches))

    def close(self) -> None:
        self._keeper.forget(self._roster)
        with self._shared.write() as log:
            self._roster.leave(log)
        self._cursors.restart({})
        self._owned = {}

    def _begin_anew(self) -> None:
        """Forget what is staged; hand over again what is out."""
        self._staged = []
        self._read_again(self._out.forget())

    def _read_again(self, partitions: Collection[TopicPartition]) -> None:
        if partitions:
            self._cursors.seek({each: self._owned[each] for each in partitions})
            self._exhausted_at = NOT_EXHAUSTED

    def _look(self, limits: Mapping[str, int], held: Sequence[Batch]) -> list[Record]:
        """Keep the membership and take what there is; cheap while nothing new has been committed."""
        now_ms = self._shared.now_ms()
        last_transaction = self._shared.last_transaction()
        if not self._is_certain:
            self._settle(now_ms)
        self._positions.require_told(self._roster)
        if last_transaction == self._exhausted_at and now_ms < self._cursors.due_ms:
            if self._roster.wants_renewal(now_ms):
                self._settle(now_ms)
                self._out.require_all(held)
            return []
        with self._shared.read() as log:
            is_settled = self._roster.is_settled(log, now_ms)
            records = self._cursors.take(log, limits, now_ms, self._pauses.paused()) if is_settled else []
        if not is_settled:
            self._settle(now_ms)
            self._out.require_all(held)
            with self._shared.read() as log:
                records = self._cursors.take(log, limits, now_ms, self._pauses.paused())
        looked_everywhere = all(limits.get(topic, 0) > 0 for topic in self._topics)
        is_exhausted = looked_everywhere and not records and not self._pauses.paused()
        self._exhausted_at = last_transaction if is_exhausted else NOT_EXHAUSTED
        return records

    def _settle(self, now_ms: int) -> None:
        owned, epoch = self._roster.owned, self._roster.epoch
        with self._shared.write() as log:
            self._roster.settle(log, now_ms)
            if not self._is_certain or (self._roster.owned, self._roster.epoch) != (owned, epoch):
                self._take_over(log)
            if now_ms >= self._trim_at_ms:
                self._trim_at_ms = now_ms + TRIM_EVERY_MS
                self._trim(log, now_ms)

    def _doubt(self) -> None:
        """Have the next look find out what is owned, and where the group is."""
        self._is_certain, self._staged = False, []
        self._out.forget()

    def _trim(self, log: Log, now_ms: int) -> None:
        """Drop what is no longer kept of the topics read here, and of those written that nobody reads."""
        known = log.topics()
        trim(log, [known[name] for name in self._written.union(self._topics) & known.keys()], now_ms)

    def _take_over(self, log: Log) -> None:
        """Read what the roster now says is owned, from the committed positions on."""
        self._assignment = self._roster.next_generation(log, self._shared.now_ms())
        self._owned, self._staged = self._positions.take_over(log, self._roster), []
        self._out.forget()
        self._pauses.end()
        self._cursors.restart(self._owned)
        self._exhausted_at, self._is_certain = NOT_EXHAUSTED, True
