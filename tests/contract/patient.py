"""A broker that is given a moment: what the embedded one does at once takes Kafka a few round trips."""

import time
from collections.abc import Callable, Collection, Mapping, Sequence

from catenae.broker import Batch, Broker, Delivery, Input, Position, Session
from catenae.message import TopicPartition

ASSIGNED_WITHIN_S = 5.0
FOUND_WITHIN_S = 0.4
MORE_WITHIN_S = 0.1


class ShiftedClock:
    """The machine's clock, set forward by `advance`."""

    def __init__(self) -> None:
        self._shift_s = 0.0

    def now_s(self) -> float:
        return time.time() + self._shift_s

    def monotonic_s(self) -> float:
        return time.monotonic() + self._shift_s

    def sleep(self, seconds: float) -> None:
        time.sleep(max(0.0, seconds))

    def advance(self, seconds: float) -> None:
        self._shift_s += seconds


class PatientSession:
    """A session whose `poll` takes as long as Kafka needs."""

    def __init__(self, inner: Session) -> None:
        self._inner = inner
        self.stage = inner.stage
        self.commit = inner.commit
        self.pause = inner.pause
        self.close = inner.close

    @property
    def owned(self) -> Mapping[TopicPartition, Position]:
        return self._inner.owned

    def poll(self, limits: Mapping[str, int], timeout_s: float, held: Sequence[Batch] = ()) -> Batch:
        until_s = time.monotonic() + (ASSIGNED_WITHIN_S if limits else timeout_s)
        while not self._inner.owned and time.monotonic() < until_s:
            batch = self._inner.poll(limits, 0.05, held)
            if batch.records:
                return batch
        return self._inner.poll(limits, timeout_s or FOUND_WITHIN_S, held)


class PatientBroker:
    """A broker whose sessions are patient; all else is the broker's own."""

    def __init__(self, inner: Broker) -> None:
        self._inner = inner
        self.create_topics = inner.create_topics
        self.add_partitions = inner.add_partitions
        self.partition_of = inner.partition_of
        self.delete_topics = inner.delete_topics
        self.topics = inner.topics
        self.spans = inner.spans
        self.append = inner.append
        self.max_record_bytes = inner.max_record_bytes
        self.read = inner.read
        self.groups = inner.groups
        self.positions = inner.positions
        self.members = inner.members
        self.settle = inner.settle
        self.evict = inner.evict
        self.reset = inner.reset
        self.forget = inner.forget
        self.trim = inner.trim
        self.close = inner.close

    def join(
        self,
        group: str,
        member: str,
        inputs: Sequence[Input],
        delivery: Delivery = "exactly-once",
        outputs: Collection[str] = (),
    ) -> Session:
        return PatientSession(self._inner.join(group, member, inputs, delivery, outputs))


def eventually(look: Callable[[], object], expected: object, within_s: float = 2.0) -> None:
    """Fail unless `look` returns what is expected, at once or a moment later."""
    until_s = time.monotonic() + within_s
    while (found := look()) != expected and time.monotonic() < until_s:
        time.sleep(0.02)
    assert found == expected
