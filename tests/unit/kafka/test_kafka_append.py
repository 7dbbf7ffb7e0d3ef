"""What is appended outside of any group has ended everywhere before more is."""

from collections.abc import Mapping
from typing import Any

from catenae.brokers.kafka.broker import KafkaBroker
from catenae.brokers.kafka.endings import BelievedEndings, Endings, Partitions
from catenae.clock import SystemClock
from catenae.message import Record


class Client:
    """Stands for every part of a client: topics "one" and "two" are there."""

    max_message_bytes = 1 << 20

    def __getattr__(self, name: str) -> Any:
        return lambda *_: self

    def partitions(self) -> Mapping[str, int]:
        return {"one": 1, "two": 2}

    def max_batch_bytes(self, _topic: str) -> int:
        return 1 << 20


class Doubting(BelievedEndings):
    """Endings that are never certain, and note in which partitions they were made so."""

    def __init__(self, partitions: Partitions) -> None:
        self.made_certain: list[Mapping[str, int]] = []
        self._partitions = partitions

    def are_certain(self) -> bool:
        return False

    def make_certain(self) -> None:
        self.made_certain.append(self._partitions())


def test_it_is_made_certain_wherever_something_was_appended() -> None:
    made: list[Doubting] = []

    def endings_of(transactional_id: str, group: str, partitions: Partitions) -> Endings:
        assert (transactional_id != "", group) == (True, "")
        made.append(Doubting(partitions))
        return made[-1]

    broker = KafkaBroker(Client(), endings_of, SystemClock())
    broker.append([Record("one", None, b"1")])
    broker.append([Record("two", None, b"2")])

    (endings,) = made
    assert endings.made_certain[0] == {"one": 1}
    assert endings.made_certain[-1] == {"one": 1, "two": 2}
