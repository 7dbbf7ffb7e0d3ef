"""How a session writes: outputs and positions at once, or one after the other."""

from collections.abc import Callable, Sequence
from typing import Protocol

from catenae.brokers.kafka.client import Positions, Producer
from catenae.brokers.kafka.place import Place
from catenae.errors import BrokerError, CatenaeError, Fenced
from catenae.message import Record


class Writer(Protocol):
    """Writes for one session. After an error the session asks Kafka for its positions before it goes on."""

    def start(self) -> None:
        """Make ready; end what is unfinished of an earlier write. May be repeated, costs nothing if ready."""

    def write(self, outputs: Sequence[Record], positions: Positions) -> None:
        """Append outputs and move the group."""

    def close(self) -> None:
        """Release everything. Never raises."""


class ExactlyOnce:
    """All or nothing, in a transaction. A producer that failed is replaced by a new one of the same id."""

    def __init__(self, open_producer: Callable[[], Producer], place: Place | None = None) -> None:
        self._open_producer = open_producer
        self._place = place
        self._producer: Producer | None = None
        self._is_ready = False

    def start(self) -> None:
        if not self._is_ready:
            self._producer = self._producer or self._open_producer()
            self._producer.start()
            self._is_ready = True

    def write(self, outputs: Sequence[Record], positions: Positions) -> None:
        # Positions alone go the same way: outside of a transaction they would wait for the group whenever it
        # shares out its partitions anew.
        self.start()
        assert self._producer is not None  # noqa: S101  start has made it
        self._producer.begin()
        try:
            self._producer.send(outputs)
            if positions and self._place is not None:
                self._producer.send_positions(positions, self._place.member.group_metadata)
        except (Fenced, BrokerError):
            self._abort(self._producer)
            raise
        except BaseException:
            # What was sent and not answered may still arrive: only a new producer of the same id ends that.
            self._drop()
            raise
        try:
            self._producer.commit()
        except BaseException:
            self._drop()
            raise

    def close(self) -> None:
        self._drop()

    def _abort(self, producer: Producer) -> None:
        try:
            producer.abort()
        except CatenaeError:
            # A new producer of the same id ends the transaction, or Kafka does after its timeout.
            self._drop()

    def _drop(self) -> None:
        if self._producer is not None:
            self._producer.close()
        self._producer = None
        self._is_ready = False


class AtLeastOnce:
    """Outputs first, positions once they are written: a crash in between writes the outputs again."""

    def __init__(self, open_producer: Callable[[], Producer], place: Place) -> None:
        self._open_producer = open_producer
        self._place = place
        self._producer: Producer | None = None

    def start(self) -> None:
        if self._producer is None:
            self._producer = self._open_producer()

    def write(self, outputs: Sequence[Record], positions: Positions) -> None:
        self.start()
        assert self._producer is not None  # noqa: S101  start has made it
        try:
            if outputs:
                self._producer.send(outputs)
                self._producer.flush()
        except BaseException:
            # What is still queued must not be written behind the back of the next attempt.
            self.close()
            raise
        if positions:
            self._place.member.commit(positions)

    def close(self) -> None:
        if self._producer is not None:
            self._producer.close()
        self._producer = None
