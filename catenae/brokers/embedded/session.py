"""One member of a group: it keeps its lease, reads what it owns, and commits under its own epoch."""

from collections.abc import Mapping, Sequence

from catenae.broker import Input, Position
from catenae.brokers.embedded.lease_keeper import LeaseKeeper
from catenae.brokers.embedded.log import Log
from catenae.brokers.embedded.reader import Reader
from catenae.brokers.embedded.retention import trim
from catenae.brokers.embedded.roster import Roster
from catenae.brokers.embedded.shared import SharedLog
from catenae.brokers.staging import Staging
from catenae.message import Record, TopicPartition

FIRST_WAIT_S = 0.001
LONGEST_WAIT_S = 0.005
TRIM_EVERY_MS = 10_000
NOT_EXHAUSTED = -1


class EmbeddedSession:
    """A `Session` on the embedded log.

    Nothing wakes a waiting session up: it looks again after a millisecond, then twice that, up to five,
    and a look while nothing has been committed costs about a microsecond.
    """

    def __init__(
        self, shared: SharedLog, roster: Roster, keeper: LeaseKeeper, inputs: Sequence[Input]
    ) -> None:
        self._shared = shared
        self._roster = roster
        self._keeper = keeper
        self._topics = [each.topic for each in inputs]
        self._reader = Reader({each.topic: round(each.delay_s * 1000) for each in inputs})
        self._owned: dict[TopicPartition, Position] = {}
        self._staging = Staging()
        self._staged: list[Record] = []
        self._written: set[str] = set()
        self._generation = 0
        self._exhausted_at = NOT_EXHAUSTED
        self._trim_at_ms = 0
        with shared.write() as log:
            roster.join(log, shared.now_ms())
            self._take_over(log)
        keeper.watch(roster)

    @property
    def generation(self) -> int:
        return self._generation

    @property
    def owned(self) -> Mapping[TopicPartition, Position]:
        return self._owned

    def poll(self, limits: Mapping[str, int], timeout_s: float) -> list[Record]:
        clock = self._shared.clock
        deadline_s = clock.monotonic_s() + timeout_s
        wait_s = FIRST_WAIT_S
        while True:
            records = self._look(limits)
            remaining_s = deadline_s - clock.monotonic_s()
            if records or remaining_s <= 0:
                return records
            clock.sleep(min(wait_s, remaining_s))
            wait_s = min(2 * wait_s, LONGEST_WAIT_S)

    def stage(self, outputs: Sequence[Record]) -> None:
        self._staging.open(self._generation)
        self._staged += outputs

    def commit(self, outputs: Sequence[Record], positions: Mapping[TopicPartition, Position]) -> None:
        self._staging.require(self._generation)
        blocks = self._shared.encode([*self._staged, *outputs] if self._staged else outputs)
        self._forget_staged()
        with self._shared.write() as log:
            self._roster.require(log, {each.partition for each in positions})
            self._shared.append(log, blocks)
            for each, position in positions.items():
                log.put_position(self._roster.group, log.topic(each.topic), each.partition, position)
        self._owned.update(positions)
        self._written.update(blocks)

    def rewind(self) -> None:
        self._forget_staged()
        self._reader.restart(self._owned)
        self._exhausted_at = NOT_EXHAUSTED

    def close(self) -> None:
        self._keeper.forget(self._roster)
        with self._shared.write() as log:
            self._roster.leave(log)
        self._reader.restart({})
        self._owned = {}

    def _forget_staged(self) -> None:
        self._staging.end()
        self._staged = []

    def _look(self, limits: Mapping[str, int]) -> list[Record]:
        """Keep the membership and take what there is; cheap while nothing new has been committed."""
        now_ms = self._shared.now_ms()
        last_transaction = self._shared.last_transaction()
        if last_transaction == self._exhausted_at and now_ms < self._reader.due_ms:
            if self._roster.wants_renewal(now_ms):
                self._settle(now_ms)
            return []
        with self._shared.read() as log:
            is_settled = self._roster.is_settled(log, now_ms)
            records = self._reader.take(log, limits, now_ms) if is_settled else []
        if not is_settled:
            self._settle(now_ms)
            with self._shared.read() as log:
                records = self._reader.take(log, limits, now_ms)
        looked_everywhere = all(limits.get(topic, 0) > 0 for topic in self._topics)
        self._exhausted_at = last_transaction if looked_everywhere and not records else NOT_EXHAUSTED
        return records

    def _settle(self, now_ms: int) -> None:
        owned, epoch = self._roster.owned, self._roster.epoch
        with self._shared.write() as log:
            self._roster.settle(log, now_ms)
            if (self._roster.owned, self._roster.epoch) != (owned, epoch):
                self._take_over(log)
            if now_ms >= self._trim_at_ms:
                self._trim_at_ms = now_ms + TRIM_EVERY_MS
                self._trim(log, now_ms)

    def _trim(self, log: Log, now_ms: int) -> None:
        """Drop what is no longer kept of the topics read here, and of those written that nobody reads."""
        known = log.topics()
        for name in self._written.union(self._topics) & known.keys():
            trim(log, known[name], now_ms)

    def _take_over(self, log: Log) -> None:
        """Read what the roster now says is owned, from the committed positions on."""
        self._generation = self._roster.next_generation(log, self._shared.now_ms())
        self._owned = {}
        for name in self._topics:
            topic = log.topic(name)
            for partition, extent in enumerate(log.extents(topic)):
                if partition in self._roster.owned:
                    position = log.position(self._roster.group, topic, partition) or Position(extent.start)
                    position = position._replace(offset=max(position.offset, extent.start))
                    log.put_position(self._roster.group, topic, partition, position)
                    self._owned[TopicPartition(name, partition)] = position
        self._reader.restart(self._owned)
