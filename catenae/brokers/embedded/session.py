"""One member of a group: it keeps its lease, reads what it owns, and commits under its own epoch."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from catenae.broker import NO_NOTES, Batch, Input, Notes, Position
from catenae.brokers.embedded.cursors import Cursors
from catenae.brokers.embedded.lease_keeper import LeaseKeeper
from catenae.brokers.embedded.log import Log
from catenae.brokers.embedded.positions import Positions
from catenae.brokers.embedded.retention import trim
from catenae.brokers.embedded.roster import Roster
from catenae.brokers.embedded.shared import SharedLog
from catenae.brokers.handed_out import HandedOut, ends_of
from catenae.brokers.pauses import Pauses
from catenae.message import Record, TopicPartition
from catenae.quiet import Quiet

TRIM_EVERY_MS = 10_000
NOT_EXHAUSTED = -1

Moves = Mapping[TopicPartition, Position]


class EmbeddedSession:
    """A `Session` on the embedded log.

    Nothing wakes a waiting session up: it looks again and again, as `Quiet` says.

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
        self._quiet = Quiet(shared.clock)
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
            self.begin_anew()
            self._out.require_all(held)
        clock = self._shared.clock
        deadline_s = clock.monotonic_s() + timeout_s
        self._quiet.begins()
        while True:
            try:
                records = self._look(limits, held)
            except BaseException:
                # Some may have been taken, which nobody has been given.
                self.doubt()
                raise
            now_s = clock.monotonic_s()
            if records:
                self._quiet.ends()
            if records or now_s >= deadline_s:
                return self._out.give(self._assignment, records)
            clock.sleep(min(self._quiet.pause_s(), deadline_s - now_s))

    def pause(self, partition: TopicPartition, pause_s: float) -> None:
        self._pauses.begin(partition, pause_s)

    def stage(self, outputs: Sequence[Record]) -> None:
        self._staged += outputs

    def commit(self, batches: Sequence[Batch], outputs: Sequence[Record], notes: Notes = NO_NOTES) -> None:
        try:
            positions = self.moves(batches, notes)
            blocks = self._shared.encode([*self._staged, *outputs] if self._staged else outputs)
            with self._shared.write() as log:
                self._shared.append(log, blocks)
                self.move(log, positions)
        except BaseException:
            self.doubt()
            raise
        self.moved(batches, positions, blocks)

    def close(self) -> None:
        self._keeper.forget(self._roster)
        with self._shared.write() as log:
            self._roster.leave(log)
        self._cursors.restart({})
        self._owned = {}

    # The parts of a commit, for those that are one of several sessions.

    def moves(self, batches: Sequence[Batch], notes: Notes) -> Moves:
        """Return where the group would stand once `batches` are committed; raise `Fenced` as `commit`."""
        return self._out.moves(batches, notes, self._assignment, self._owned)

    def move(self, log: Log, positions: Moves) -> None:
        """Move the group there; raise `Fenced` where others own some of it."""
        self._roster.require(log, {each.partition for each in positions})
        for each, position in positions.items():
            log.put_position(self._roster.group, log.topic(each.topic), each.partition, position)

    def moved(self, batches: Sequence[Batch], positions: Moves, written: Iterable[str]) -> None:
        """Take it as done; `written` are the topics of the outputs."""
        self._staged = []
        self._written.update(written)
        self._owned.update(positions)
        self._read_again(self._out.settle(batches))

    def doubt(self) -> None:
        """Have the next look find out what is owned, and where the group is."""
        self._is_certain, self._staged = False, []
        self._out.forget()

    # What is handed over before it is on its topic.

    def takes_at(self, place: TopicPartition, offset: int) -> bool:
        """Say whether the record at this offset is the next one to be handed over, at once."""
        return (
            self._is_certain
            and place in self._owned
            and place not in self._pauses.paused()
            and self._cursors.is_at(place, offset)
        )

    def hand_over(self, records: Sequence[Record]) -> Batch:
        """Return records that are the next of their partitions, and will be there after the next commit."""
        self._cursors.skip(ends_of(records))
        return self._out.give(self._assignment, records)

    def begin_anew(self) -> None:
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
