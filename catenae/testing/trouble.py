"""What may happen to an instance in the middle of a step: it is killed, or the broker does not answer."""

from collections.abc import Mapping, Sequence
from typing import Literal

from catenae.broker import NO_NOTES, Batch, Notes, Position, Session
from catenae.errors import BrokerUnavailable
from catenae.message import Record, TopicPartition

Point = Literal["poll", "before commit", "after commit"]


class Killed(BaseException):
    """Stands for `kill -9`: whatever comes after it does not happen."""


class TroubledSession:
    """A session in front of a real one, to which something happens when it is told to."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._at: Point | None = None
        self._times = 0
        self._is_deadly = False
        self.pause = session.pause
        self.stage = session.stage
        self.close = session.close

    def expect(self, at: Point, times: int = 1, *, is_deadly: bool = False) -> None:
        """Have the next steps fail there; a deadly one is the last."""
        self._at, self._times, self._is_deadly = at, times, is_deadly

    @property
    def owned(self) -> Mapping[TopicPartition, Position]:
        return self._session.owned

    def poll(self, limits: Mapping[str, int], timeout_s: float, held: Sequence[Batch] = ()) -> Batch:
        self._strike("poll")
        return self._session.poll(limits, timeout_s, held)

    def commit(self, batches: Sequence[Batch], outputs: Sequence[Record], notes: Notes = NO_NOTES) -> None:
        self._strike("before commit")
        self._session.commit(batches, outputs, notes)
        self._strike("after commit")

    def _strike(self, point: Point) -> None:
        if point == self._at and self._times > 0:
            self._times -= 1
            if self._is_deadly:
                raise Killed
            raise BrokerUnavailable("the test has the broker not answer")
