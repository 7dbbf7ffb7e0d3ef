"""What an `InputMode` comes to: the shares it gives while records wait, and that it is fair."""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import cast

from catenae.broker import Batch, Session
from catenae.input_modes import InputMode
from catenae.message import Record
from catenae.runtime.inputs import MOST_WITHOUT, Shared

MOST_RECORDS = 50


def shares_of(
    mode: type[InputMode], waiting: Mapping[str, int], *, batches: int = 100, records: int = 100
) -> dict[str, int]:
    """Return how many records of each input so many batches hold, of so many records at most.

    waiting  input → how many of its records wait; in the order of `reads`
    """
    queues = _Queues(waiting)
    inputs = Shared(mode(tuple(waiting)))
    return dict(sum((queues.batch(inputs, records) for _ in range(batches)), Counter[str]()))


def require_fair(mode: type[InputMode], *, inputs: int = 3, batches: int = 3000, seed: int = 0) -> None:
    """Raise AssertionError unless batches are full while enough waits, and no input that has records starves.

    inputs   of a node that polls so many batches, of 1 to 50 records, while records come as the `seed`
             has it: steadily, in bursts, to few of its inputs or to all
    """
    chance = random.Random(seed)
    queues = _Queues({f"input_{number}": 0 for number in range(inputs)})
    polled = Shared(mode(tuple(queues.waiting)))
    without = dict.fromkeys(queues.waiting, 0)
    busy: Sequence[str] = ()
    for number in range(batches):
        if number % 250 == 0:
            busy = chance.sample(tuple(queues.waiting), chance.randint(1, inputs))
        for topic in busy:
            queues.waiting[topic] += chance.choice((0, 1, 10, 100))
        before, records = dict(queues.waiting), chance.randint(1, MOST_RECORDS)
        took = queues.batch(polled, records)
        if took.total() < min(records, sum(before.values())):
            raise AssertionError(f"{mode.__qualname__} leaves room in batch {number} while records wait")
        for topic in without:
            without[topic] = 0 if took[topic] or not before[topic] else without[topic] + 1
            if without[topic] > MOST_WITHOUT + inputs:
                raise AssertionError(f"{mode.__qualname__} has left {topic} out of {without[topic]} batches")


class _Queues:
    """A session of topics in which so many records wait."""

    def __init__(self, waiting: Mapping[str, int]) -> None:
        self.waiting = dict(waiting)

    def batch(self, inputs: Shared, records: int) -> Counter[str]:
        """Return how many records of each topic the next batch holds."""
        polled = inputs.poll(cast("Session", self), records, 0.0)
        return Counter(record.topic for batch in polled for record in batch.records)

    def poll(self, limits: Mapping[str, int], _timeout_s: float, _held: Sequence[Batch] = ()) -> Batch:
        found = []
        for topic, limit in limits.items():
            taken = min(limit, self.waiting[topic])
            self.waiting[topic] -= taken
            found += [Record(topic, None, b"")] * taken
        return Batch(0, 0, found)
