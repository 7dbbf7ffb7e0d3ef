"""One member of a group on Kafka: what it hands over and what it commits."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType

from catenae.broker import MOST_BATCH_BYTES, NO_NOTES, Batch, Input, Notes, Position
from catenae.brokers.bounds import share_of
from catenae.brokers.handed_out import HandedOut
from catenae.brokers.kafka.buffer import Buffer
from catenae.brokers.kafka.client import Replaced
from catenae.brokers.kafka.ownership import Ownership
from catenae.brokers.kafka.seat import Seat
from catenae.brokers.kafka.transaction import GroupWriter
from catenae.brokers.pauses import Pauses
from catenae.clock import Clock
from catenae.errors import Fenced, Superseded
from catenae.message import Record, TopicPartition

# A quiet session asks so often whether Kafka is still there: only so can it tell silence from an outage.
PING_EVERY_S = 2.0
LOOK_AGAIN_S = 10.0
SOON_S = 0.001
BRIEFLY_S = 0.1
NOTHING: Mapping[TopicPartition, Position] = MappingProxyType({})


class KafkaSession:
    """A `Session` on Kafka.

    What becomes of a client's place in a partition while the group shares out anew differs from client to
    client. So none is believed: what was taken over, what is out then and what an error may have swallowed is
    fetched again, from the committed position on. After an error of `commit` only Kafka knows that position;
    until the next `poll` has asked for it, `commit` is refused with `Fenced`.
    """

    def __init__(
        self,
        inputs: Sequence[Input],
        ownership: Ownership,
        seat: Seat,
        writer: GroupWriter,
        require_topics: Callable[[Iterable[str]], None],
        clock: Clock,
    ) -> None:
        self._ownership = ownership
        self._seat = seat
        self._writer = writer
        self._require_topics = require_topics
        self._clock = clock
        self._topics = [each.topic for each in inputs]
        self._buffer = Buffer({each.topic: round(each.delay_s * 1000) for each in inputs})
        # Of a single input without delay nothing needs to wait in the buffer.
        self._is_direct = len(inputs) == 1 and not inputs[0].delay_s
        self._paused: set[TopicPartition] = set()
        self._held: set[TopicPartition] = set()
        self._look_again_at_s = 0.0
        self._out = HandedOut()
        self._pauses = Pauses(clock)
        self._again: set[TopicPartition] = set()
        self._is_staging = False
        self._record_bytes = 1
        self._ahead_ms = int(clock.now_s() * 1000) - int(clock.monotonic_s() * 1000)
        self._is_certain = True
        self._may_be_replaced = False
        self._ping_at_s = time.monotonic() + PING_EVERY_S

    @property
    def owned(self) -> Mapping[TopicPartition, Position]:
        return self._ownership.owned if self._is_certain and not self._ownership.is_changing else NOTHING

    def poll(self, limits: Mapping[str, int], timeout_s: float, held: Sequence[Batch] = ()) -> Batch:
        if not self._out.is_all(held) or (self._is_staging and not held):
            self._begin_anew()
            self._out.require_all(held)
        deadline_s = time.monotonic() + timeout_s
        wait_s = 0.0
        while True:
            try:
                records = self._look(limits, wait_s, held)
            except Replaced:
                # It may not be true: see `_take_seat_again`.
                self._doubt(may_be_replaced=True)
                records = []
            now_s = time.monotonic()
            if records or now_s >= deadline_s:
                self._out.require_all(held)
                return self._out.give(self._ownership.generation, records)
            wait_s = min(deadline_s - now_s, self._due_s())

    def pause(self, partition: TopicPartition, pause_s: float) -> None:
        self._pauses.begin(partition, pause_s)

    def stage(self, outputs: Sequence[Record]) -> None:
        self._require_certainty()
        self._is_staging = True
        if outputs:
            self._require_topics({each.topic for each in outputs})
            self._certain(lambda: self._writer.stage(outputs))

    def commit(self, batches: Sequence[Batch], outputs: Sequence[Record], notes: Notes = NO_NOTES) -> None:
        self._require_certainty()
        try:
            positions = self._out.moves(batches, notes, self._ownership.generation, self.owned)
            if outputs:
                self._require_topics({each.topic for each in outputs})
        except BaseException:
            self._begin_anew()
            raise
        if positions or outputs or self._is_staging:
            self._write(outputs, {each: self._past_markers(each, there) for each, there in positions.items()})
        self._is_staging = False
        self._again |= self._out.settle(batches)

    def close(self) -> None:
        self._seat.member.close()
        self._writer.close()
        self._buffer.keep(())
        self._ownership.lose(list(self._ownership.owned))

    def _look(self, limits: Mapping[str, int], wait_s: float, held: Sequence[Batch]) -> list[Record]:
        """Return what can be handed over; with nothing to hand over, do what is to be done meanwhile."""
        if not self._is_certain and not self._has_recovered(wait_s):
            return []
        try:
            records = self._next(limits, wait_s, held)
        except BaseException:
            # Some may have been fetched or taken, which nobody has been given.
            self._begin_anew()
            self._again.update(self._ownership.owned)
            raise
        now_s = time.monotonic()
        if records:
            self._ping_at_s = now_s + PING_EVERY_S
        elif now_s >= self._ping_at_s:
            self._seat.member.ping()
            self._ping_at_s = time.monotonic() + PING_EVERY_S
        if not records and not self._is_staging:
            self._writer.start()
            if self._out.is_empty:
                self._go_past_markers()
        return records

    def _next(self, limits: Mapping[str, int], wait_s: float, held: Sequence[Batch]) -> list[Record]:
        """Return what can be handed over, waiting up to `wait_s` seconds if that is nothing."""
        self._read_again()
        wanted = sum(limits.get(topic, 0) for topic in self._topics)
        paused = self._pauses.paused()
        # A client goes on fetching while it hands over: of large records few are asked for.
        fetched = self._seat.member.fetch(max(1, min(wanted, MOST_BATCH_BYTES // self._record_bytes)), wait_s)
        count, size_bytes = share_of(fetched)
        if count:
            self._record_bytes = 1 + size_bytes // count
        is_unhindered = (
            self._buffer.is_empty
            and not self._paused
            and not paused
            and not self._held
            and count == len(fetched)
        )
        if self._is_direct and wanted and is_unhindered and not self._ownership.is_changing:
            return fetched
        self._buffer.put(fetched, self._now_ms())
        self._buffer.drop(self._held)
        self._look_at_held()
        if self._ownership.is_changing:
            if not self._has_adopted():
                return []
            self._read_again()
        self._out.require_all(held)
        records = self._buffer.take(limits, self._now_ms(), paused)
        self._pause_and_resume()
        return records

    def _has_adopted(self) -> bool:
        """Take over what has changed hands; say whether that has come to an end."""
        self._begin_anew()
        try:
            taken = self._ownership.adopt(
                self._writer.freshen, lambda positions: self._writer.write((), positions)
            )
        except Replaced:
            raise
        except Fenced:
            # The group shares out its partitions once more.
            return False
        self._pauses.end()
        self._buffer.keep(self._ownership.owned)
        self._paused.intersection_update(self._ownership.owned)
        self._again = self._again.union(taken) & self._ownership.owned.keys()
        self._hold()
        return True

    def _hold(self) -> None:
        """Fetch nothing of what is held, and again of what is held no more."""
        held = set(self._ownership.held)
        new, freed = held - self._held, (self._held - held) & self._ownership.owned.keys()
        if new:
            # A client without a place in one partition may ask for it so long that it fetches no other.
            self._seat.member.seek(dict.fromkeys(new, 0))
            self._seat.member.pause(new)
        if freed:
            self._seat.member.resume(freed)
        self._held = held
        self._look_again_at_s = time.monotonic() + LOOK_AGAIN_S

    def _look_at_held(self) -> None:
        """Find out now and then whether what is held can be owned: it takes a moment, in which all waits."""
        if self._held and self._out.is_empty and time.monotonic() >= self._look_again_at_s:
            self._ownership.look_again()

    def _read_again(self) -> None:
        """Fetch anew what is to be handed over again, or was fetched before it was taken over."""
        again = self._again & self._ownership.owned.keys()
        if again:
            self._buffer.drop(again)
            self._resume(again & self._paused)
            self._seat.member.seek({each: self._ownership.owned[each].offset for each in again})
            self._again -= again

    def _begin_anew(self) -> None:
        """Forget what is staged; hand over again what is out."""
        if self._is_staging:
            self._is_staging = False
            self._writer.forget()
        self._again |= self._out.forget()

    def _pause_and_resume(self) -> None:
        full = self._buffer.full() - self._paused
        if full:
            self._seat.member.pause(full)
            self._paused |= full
        self._resume(self._buffer.hungry(self._paused))

    def _resume(self, partitions: set[TopicPartition]) -> None:
        if partitions:
            self._seat.member.resume(partitions)
            self._paused -= partitions

    def _go_past_markers(self) -> None:
        """Commit positions where markers alone are left, so that a group with nothing to do has no lag."""
        moved = {}
        for each, position in self.owned.items():
            past = self._past_markers(each, position)
            if past != position:
                moved[each] = past
        if not moved:
            return
        try:
            self._write((), moved)
        except Replaced:
            raise
        except Fenced:
            # Nothing was lost: the next look finds out what is still owned.
            return

    def _past_markers(self, partition: TopicPartition, position: Position) -> Position:
        if self._buffer.holds(partition) or partition in self._again:
            return position
        offset = self._seat.member.past_markers(partition, position.offset)
        return position if offset == position.offset else position._replace(offset=offset)

    def _write(self, outputs: Sequence[Record], positions: Mapping[TopicPartition, Position]) -> None:
        self._certain(lambda: self._writer.write(outputs, self._ownership.stored(positions)))
        self._ownership.owned.update(positions)

    def _require_certainty(self) -> None:
        if not self._is_certain:
            raise Fenced("the last commit's outcome is not known yet; poll again from where the group is")

    def _certain(self, write: Callable[[], None]) -> None:
        """Write; whatever goes wrong, only Kafka knows afterwards how far the group is."""
        try:
            write()
        except BaseException as error:
            self._doubt(may_be_replaced=isinstance(error, Replaced))
            raise

    def _doubt(self, *, may_be_replaced: bool) -> None:
        """Have the next look find out what is owned, and where the group is."""
        self._is_certain = False
        self._may_be_replaced |= may_be_replaced
        self._begin_anew()

    def _has_recovered(self, wait_s: float) -> bool:
        """Find out how the last commit ended, to go on from there; say whether that has come to an end."""
        if self._may_be_replaced:
            self._take_seat_again()
        else:
            # A client that is not asked for records for long is taken for dead, and then for replaced.
            self._seat.member.fetch(1, min(wait_s, BRIEFLY_S))
        self._writer.start()
        self._ownership.doubt()
        self._is_certain = self._has_adopted()
        return self._is_certain

    def _take_seat_again(self) -> None:
        """Join anew, unless a newer instance has the name: that one has adopted what was owned here."""
        if self._ownership.has_passed_on():
            raise Superseded("a newer instance has this one's name, or its partitions")
        self._seat.take_again()
        self._ownership.lose(list(self._ownership.owned))
        self._paused.clear()
        self._held.clear()
        self._may_be_replaced = False

    def _due_s(self) -> float:
        """Return how long nothing that is held back becomes due, at most the time to the next ping."""
        due_s = min((self._buffer.due_ms - self._now_ms()) / 1000, self._pauses.ends_in_s())
        return min(max(due_s, SOON_S), PING_EVERY_S)

    def _now_ms(self) -> int:
        """Return the time as the clock said it when the session began, and on from there."""
        return int(self._clock.monotonic_s() * 1000) + self._ahead_ms
