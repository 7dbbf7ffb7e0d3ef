"""All State of one instance of a node that has timers, which says besides when they are due."""

from collections.abc import Mapping

from catenae.broker import Position
from catenae.clock import Clock
from catenae.message import Record, TopicPartition
from catenae.runtime.alarms import Alarms
from catenae.runtime.history import History
from catenae.runtime.node_state import NodeState, States
from catenae.runtime.state import FencedState
from catenae.runtime.timers import Pending
from catenae.runtime.wake_ups import WakeUps
from catenae.store import Store


class TimedState(NodeState):
    """A `NodeState` that keeps `Alarms` in step with one of its States.

    timers  its timers by key, one of `states`
    """

    def __init__(  # noqa: PLR0913, PLR0917  a collaborator each
        self,
        store: Store,
        namespace: str,
        states: States,
        history: History,
        clock: Clock,
        timers: FencedState[Pending],
        wake_ups: WakeUps,
    ) -> None:
        self._timers = timers
        self._alarms = Alarms(timers.records, clock)
        self._wake_ups = wake_ups
        super().__init__(store, namespace, states, history, clock)

    def wake_ups(self) -> list[Record]:
        return [] if self.is_behind else [self._wake_ups.record(each) for each in self._alarms.ring()]

    def idle_s(self, longest_s: float) -> float:
        return min(longest_s, self._alarms.pause_s())

    def settle(self, positions: Mapping[TopicPartition, Position]) -> None:
        before = self._heard()
        for partition, key, pending in self._timers.running():
            self._alarms.note(partition, key, pending or {})
        super().settle(positions)
        self._alarms.handled(self._heard() - before)

    def abandon(self) -> None:
        super().abandon()
        self._alarms.forget()

    def keep_missed(self) -> None:
        super().keep_missed()
        if not self.is_behind:
            self._alarms.own(self._reached)

    def _begin(self, committed: Mapping[TopicPartition, Position]) -> None:
        super()._begin(committed)
        self._alarms.own(self._reached)

    def _heard(self) -> int:
        """Return how many wake-ups were ever handled in the partitions that are owned."""
        return sum(offsets.get(self._wake_ups.topic, 0) for offsets in self._reached.values())
