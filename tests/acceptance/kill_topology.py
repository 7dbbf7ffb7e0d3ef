"""What the kill tests run: a source of numbers, a sum by key with State, a pass-through, and a leaf.

With two inputs, half of the numbers reach the sum at once and half of them later; with timers, each number
wakes the sum when its time has come.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from catenae import Documents, Input, Leaf, Message, Middle, Node, Source, State, Timers, Topology

KEYS = 23


class Numbers(Source):
    """Generate 0, 1, 2 …, in turn for each key, until a file is there.

    spell  so many numbers are followed by a rest of half a second
    """

    def __init__(self, enough: Path, spell: int = 2000) -> None:
        self._enough = enough
        self._spell = spell

    def generate(self, position: Any) -> Iterator[Message | None]:
        number = 0 if position is None else position + 1
        while not self._enough.exists():
            for each in range(number, number + self._spell):
                yield Message(each, f"k{each % KEYS}", position=each)
            number += self._spell
            yield None
            yield None  # twice in a row is a rest


class Sum(Middle):
    """Keep the count and the sum of each key's numbers; tell both after every number."""

    def __init__(self, sums: State[list[int]]) -> None:
        self._sums = sums

    def transform(self, message: Message) -> Iterator[Message]:
        count, total = self._sums.get(message.key) or [0, 0]
        self._sums[message.key] = [count + 1, total + message.value]
        yield message.derive([message.value, count + 1, total + message.value])


class Later(Middle):
    """As `Sum`, but of each number only some time after it came."""

    def __init__(self, sums: State[list[int]], timers: Timers) -> None:
        self._sums = sums
        self._timers = timers

    def transform(self, message: Message) -> Iterable[Message]:
        self._timers.set(message.key, str(message.value), after_s=message.value % 7 / 3)
        return ()

    def wake(self, message: Message[str]) -> Iterator[Message]:
        count, total = self._sums.get(message.key) or [0, 0]
        self._sums[message.key] = [count + 1, total + int(message.value)]
        yield message.derive([int(message.value), *self._sums[message.key]])


class Split(Middle):
    """Send even numbers one way, odd ones the other."""

    def transform(self, message: Message) -> Iterator[Message]:
        yield message.derive(message.value, to="odd" if message.value % 2 else "even")


class Pass(Middle):
    """Pass everything on."""

    def transform(self, message: Message) -> Iterator[Message]:
        yield message.derive(message.value)


class Keep(Leaf):
    """Store each result under its number."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    def consume_many(self, messages: Sequence[Message]) -> None:
        results = (message.value for message in messages)
        self._documents.upsert(
            "results",
            [{"id": str(number), "count": count, "total": total} for number, count, total in results],
        )


_numbers = Node("numbers", "kill_topology:Numbers", writes="numbers", replicas=2)
_sum = Node("sum", "kill_topology:Sum", reads="numbers", writes="sums", replicas=3, batch_records=50)
_rest = (
    Node("passer", "kill_topology:Pass", reads="sums", writes="results", replicas=2, batch_records=50),
    Node("keep", "kill_topology:Keep", reads="results"),
)

topology = Topology("kill", partitions=6, external=["results"], nodes=(_numbers, _sum, *_rest))

at_least_once = replace(topology, delivery="at-least-once")

_halves = {"even": "even", "odd": "odd"}
two_inputs = replace(
    topology,
    nodes=(
        _numbers,
        Node("splitter", "kill_topology:Split", reads="numbers", writes=_halves, replicas=2),
        replace(_sum, reads=("even", Input("odd", delay_s=1.5))),
        *_rest,
    ),
)

timed = replace(
    topology,
    nodes=(_numbers, replace(_sum, service="kill_topology:Later", timers="alarms"), *_rest),
)
