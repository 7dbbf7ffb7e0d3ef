"""One member of a group on Kafka: what it hands over and what it commits."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence

from catenae.broker import Input, Position
from catenae.brokers.kafka.buffer import Buffer
from catenae.brokers.kafka.client import Replaced
from catenae.brokers.kafka.ownership import Ownership
from catenae.brokers.kafka.place import Place
from catenae.brokers.kafka.transaction import Writer
from catenae.brokers.staging import Staging
from catenae.clock import Clock
from catenae.errors import Fenced
from catenae.message import Record, TopicPartition

# A quiet session asks so often whether Kafka is still there: only so can it tell silence from an outage.
PING_EVERY_S = 2.0
SOON_S = 0.001
BRIEFLY_S = 0.1


class KafkaSession:
    """A `Session` on Kafka.

    After an error of `commit` only Kafka knows which positions are committed. The next `poll` asks it and
    hands over again from there, under a new generation; until then `commit` is refused with `Fenced`.
    """

    def __init__(
        self,
        inputs: Sequence[Input],
        ownership: Ownership,
        place: Place,
        writer: Writer,
        require_topics: Callable[[Iterable[str]], None],
        clock: Clock,
    ) -> None:
        self._ownership = ownership
        self._place = place
        self._writer = writer
        self._require_topics = require_topics
        self._clock = clock
        self._topics = [each.topic for each in inputs]
        self._buffer = Buffer({each.topic: round(each.delay_s * 1000) for each in inputs})
        # Of a single input without delay nothing needs to wait in the buffer.
        self._is_direct = len(inputs) == 1 and not inputs[0].delay_s
        self._paused: set[TopicPartition] = set()
        self._staging = Staging()
        self._is_certain = True
        self._may_be_replaced = False
        self._ping_at_s = time.monotonic() + PING_EVERY_S

    @property
    def generation(self) -> int:
        return self._ownership.generation

    @property
    def owned(self) -> Mapping[TopicPartition, Position]:
        return self._ownership.owned

    def poll(self, limits: Mapping[str, int], timeout_s: float) -> list[Record]:
        deadline_s = time.monotonic() + timeout_s
        wait_s = 0.0
        while True:
            try:
                records = self._look(limits, wait_s)
            except Replaced:
                # It may not be true: see `_take_place_again`.
                self._is_certain, self._may_be_replaced = False, True
                records = []
            now_s = time.monotonic()
            if records or now_s >= deadline_s:
                return records
            wait_s = min(deadline_s - now_s, self._due_s())

    def stage(self, outputs: Sequence[Record]) -> None:
        self._require_certainty()
        self._staging.open(self.generation)
        if outputs:
            self._require_topics({each.topic for each in outputs})
            self._certain(lambda: self._writer.stage(outputs))

    def commit(self, outputs: Sequence[Record], positions: Mapping[TopicPartition, Position]) -> None:
        self._require_certainty()
        lost = positions.keys() - self.owned.keys()
        if lost:
            raise Fenced(f"{', '.join(map(str, sorted(lost)))} no longer owned; nothing was committed")
        if outputs:
            self._require_topics({each.topic for each in outputs})
        elif not positions and not self._staging.is_open:
            return
        self._write(outputs, {each: self._past_markers(each, there) for each, there in positions.items()})
        self._staging.end()

    def rewind(self) -> None:
        self._forget_staged()
        self._forget_fetched()
        if self._is_certain:
            self._place.member.seek(self._offsets())

    def close(self) -> None:
        self._place.member.close()
        self._writer.close()
        self._buffer.keep(())
        self._ownership.lose(list(self.owned))

    def _look(self, limits: Mapping[str, int], wait_s: float) -> list[Record]:
        """Return what can be handed over; with nothing to hand over, do what is to be done meanwhile."""
        if not self._is_certain and not self._has_recovered(wait_s):
            return []
        records = self._next(limits, wait_s)
        now_s = time.monotonic()
        if records:
            self._ping_at_s = now_s + PING_EVERY_S
        elif now_s >= self._ping_at_s:
            self._place.member.ping()
            self._ping_at_s = time.monotonic() + PING_EVERY_S
        if not records and not self._staging.is_open:
            self._go_past_markers()
        return records

    def _next(self, limits: Mapping[str, int], wait_s: float) -> list[Record]:
        """Return what can be handed over, waiting up to `wait_s` seconds if that is nothing."""
        wanted = sum(limits.get(topic, 0) for topic in self._topics)
        fetched = self._place.member.fetch(max(1, wanted), wait_s)
        if self._is_direct and wanted and self._buffer.is_empty and not self._ownership.is_changing:
            return fetched
        self._buffer.put(fetched)
        if self._ownership.is_changing and not self._has_adopted():
            return []
        records = self._buffer.take(limits, self._now_ms())
        self._pause_and_resume()
        return records

    def _has_adopted(self) -> bool:
        """Take over what has changed hands; say whether that has come to an end."""
        self._staging.lose()
        self._writer.forget()
        try:
            self._ownership.adopt(lambda positions: self._writer.write((), positions))
        except Replaced:
            raise
        except Fenced:
            # The group shares out its partitions once more.
            return False
        self._buffer.keep(self.owned)
        self._paused.intersection_update(self.owned)
        return True

    def _pause_and_resume(self) -> None:
        full = self._buffer.full() - self._paused
        if full:
            self._place.member.pause(full)
            self._paused |= full
        hungry = self._buffer.hungry(self._paused)
        if hungry:
            self._place.member.resume(hungry)
            self._paused -= hungry

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
        if self._buffer.holds(partition):
            return position
        offset = self._place.member.past_markers(partition, position.offset)
        return position if offset == position.offset else position._replace(offset=offset)

    def _write(self, outputs: Sequence[Record], positions: Mapping[TopicPartition, Position]) -> None:
        self._certain(lambda: self._writer.write(outputs, self._ownership.stored(positions)))
        self._ownership.owned.update(positions)

    def _require_certainty(self) -> None:
        if not self._is_certain:
            raise Fenced("the last commit's outcome is not known yet; poll again from where the group is")
        self._staging.require(self.generation)

    def _certain(self, write: Callable[[], None]) -> None:
        """Write; whatever goes wrong, only Kafka knows afterwards how far the group is."""
        try:
            write()
        except BaseException as error:
            self._is_certain = False
            self._may_be_replaced |= isinstance(error, Replaced)
            raise

    def _forget_staged(self) -> None:
        if self._staging.is_open:
            self._staging.end()
            self._writer.forget()

    def _has_recovered(self, wait_s: float) -> bool:
        """Find out how the last commit ended, to go on from there; say whether that has come to an end."""
        if self._may_be_replaced:
            self._take_place_again()
        else:
            # A client that is not asked for records for long is taken for dead, and then for replaced.
            self._place.member.fetch(1, min(wait_s, BRIEFLY_S))
        self._writer.start()
        self._forget_fetched()
        self._ownership.doubt()
        if self._has_adopted():
            self._place.member.seek(self._offsets())
            self._is_certain = True
        return self._is_certain

    def _take_place_again(self) -> None:
        """Join anew, unless a newer instance has the name: that one has adopted what was owned here."""
        if self._ownership.has_passed_on():
            raise Fenced("a newer instance has this one's name, or its partitions")
        self._place.take_again()
        self._ownership.lose(list(self.owned))
        self._paused.clear()
        self._may_be_replaced = False

    def _forget_fetched(self) -> None:
        self._buffer.keep(())
        paused = self._paused.intersection(self.owned)
        if paused:
            self._place.member.resume(paused)
        self._paused.clear()

    def _offsets(self) -> dict[TopicPartition, int]:
        return {each: position.offset for each, position in self.owned.items()}

    def _due_s(self) -> float:
        """Return how long nothing that is held back becomes due, at most the time to the next ping."""
        due_s = (self._buffer.due_ms - self._now_ms()) / 1000
        return min(max(due_s, SOON_S), PING_EVERY_S)

    def _now_ms(self) -> int:
        return int(self._clock.now_s() * 1000)
