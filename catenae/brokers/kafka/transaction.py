"""How a session writes: outputs and positions at once, or one after the other."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from catenae.brokers.kafka.client import Positions, Producer
from catenae.brokers.kafka.endings import Endings
from catenae.brokers.kafka.seat import Seat
from catenae.errors import BrokerError, CatenaeError, Fenced
from catenae.message import Record


class Writer(Protocol):
    """Writes for one session. After an error the session asks Kafka for its positions before it goes on."""

    def start(self) -> None:
        """Make ready; end what is unfinished of an earlier write. May be repeated, costs nothing if ready."""

    def stage(self, outputs: Sequence[Record]) -> None:
        """Begin to append outputs that the next `write` ends with its own."""

    def forget(self) -> None:
        """Take back what is staged, where that can be done. Never raises."""

    def write(self, outputs: Sequence[Record], positions: Positions) -> None:
        """Append outputs and move the group."""

    def close(self) -> None:
        """Release everything. Never raises."""


class GroupWriter(Writer, Protocol):
    """A `Writer` that its group's positions are asked of Kafka for."""

    def freshen(self) -> None:
        """Have Kafka's next answer hold all that the group has committed before; raises as `write` does."""


class ExactlyOnce:
    """All or nothing, in a transaction. A producer that failed is replaced by a new one of the same id."""

    def __init__(
        self, open_producer: Callable[[], Producer], endings: Endings, seat: Seat | None = None
    ) -> None:
        self._open_producer = open_producer
        self._endings = endings
        self._seat = seat
        self._producer: Producer | None = None
        self._is_ready = False
        self._has_begun = False

    def start(self) -> None:
        if self._has_begun or (self._is_ready and self._endings.are_certain()):
            return
        self._drop()
        self._endings.make_certain()
        self._producer = self._open_producer()
        self._producer.start()
        self._endings.note()
        self._is_ready = True

    def write(self, outputs: Sequence[Record], positions: Positions) -> None:
        # Positions alone go the same way: outside of a transaction they would wait for the group whenever it
        # shares out its partitions anew.
        with self._transaction() as producer:
            producer.send(outputs)
            if positions and self._seat is not None:
                producer.send_positions(positions, self._seat.member.group_metadata)
        self._has_begun = False
        try:
            producer.commit()
        except BaseException:
            self._drop()
            raise
        self._endings.note()

    def stage(self, outputs: Sequence[Record]) -> None:
        with self._transaction() as producer:
            producer.send(outputs)

    def forget(self) -> None:
        if self._has_begun and self._producer is not None:
            self._abort(self._producer)

    def close(self) -> None:
        self.forget()
        self._drop()
        self._endings.doubt()

    @contextmanager
    def _transaction(self) -> Iterator[Producer]:
        """Give the producer, in the transaction that has begun or in a new one; what goes wrong ends that."""
        self.start()
        assert self._producer is not None  # noqa: S101  start has made it
        producer = self._producer
        if not self._has_begun:
            producer.begin()
            self._has_begun = True
        try:
            yield producer
        except (Fenced, BrokerError):
            self._abort(producer)
            raise
        except BaseException:
            # What was sent and not answered may still arrive: only a new producer of the same id ends that.
            self._drop()
            raise

    def _abort(self, producer: Producer) -> None:
        self._has_begun = False
        try:
            producer.abort()
        except CatenaeError:
            # A new producer of the same id ends the transaction, or Kafka does after its timeout.
            self._drop()
        else:
            self._endings.note()

    def _drop(self) -> None:
        if self._producer is not None:
            self._producer.close()
        self._producer = None
        self._is_ready = self._has_begun = False


class AtLeastOnce:
    """Outputs first, positions once they are written: a crash in between writes the outputs again."""

    def __init__(self, open_producer: Callable[[], Producer], seat: Seat) -> None:
        self._open_producer = open_producer
        self._seat = seat
        self._producer: Producer | None = None
        self._has_staged = False

    def start(self) -> None:
        if self._producer is None:
            self._producer = self._open_producer()

    def stage(self, outputs: Sequence[Record]) -> None:
        self._has_staged = True
        with self._writing() as producer:
            producer.send(outputs)

    def forget(self) -> None:
        # What is on its way arrives: it is written again, as "at least once" allows.
        self._has_staged = False

    def write(self, outputs: Sequence[Record], positions: Positions) -> None:
        if outputs or self._has_staged:
            with self._writing() as producer:
                producer.send(outputs)
                producer.flush()
            self._has_staged = False
        if positions:
            self._seat.member.commit(positions)

    def close(self) -> None:
        if self._producer is not None:
            self._producer.close()
        self._producer = None

    @contextmanager
    def _writing(self) -> Iterator[Producer]:
        self.start()
        assert self._producer is not None  # noqa: S101  start has made it
        try:
            yield self._producer
        except BaseException:
            # What is still queued must not be written behind the back of the next attempt.
            self.close()
            raise
