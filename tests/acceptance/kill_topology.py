"""What the kill tests run: a source of numbers, a sum by key with State, a pass-through, and a leaf.

With two inputs, half of the numbers reach the sum at once and half of them later; with timers, each number
wakes the sum when its time has come; with windows or a join, it comes to the sum by way of these. All but the
source may be a chain.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

from catenae import (
    Documents,
    Input,
    IntervalJoin,
    Leaf,
    Message,
    Middle,
    Node,
    Source,
    State,
    Timers,
    Topology,
    Tumbling,
    Window,
    Windowed,
)
from catenae.windows import Shape

KEYS = 23
# Of event time between a number and the next one: a spell of some hundred is some seconds.
APART_MS = 10
FIRST_MS = 1_700_000_000_000


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


class Gather(Windowed[list[int]]):
    """Pass numbers on by key, those of some seconds of event time at once; what is late alone."""

    shape: ClassVar[Shape] = Tumbling(3.0)

    def transform(self, message: Message) -> Iterable[Message]:
        return super().transform(message.at(FIRST_MS + APART_MS * message.value))

    def add(self, gathered: list[int] | None, message: Message) -> list[int]:
        return [*(gathered or []), message.value]

    def closed(self, window: Window, gathered: list[int], message: Message) -> Iterator[Message]:
        for number in gathered:
            assert window.start_ms <= FIRST_MS + APART_MS * number < window.end_ms
            yield message.derive(number)

    def late(self, message: Message) -> Iterator[Message]:
        yield message.derive(message.value)


class Couple(Middle):
    """Send even numbers one way, odd ones the other; under one key each with its next one."""

    def transform(self, message: Message) -> Iterator[Message]:
        number = message.value
        of_both = message.at(FIRST_MS + APART_MS * (number - number % 2))
        yield of_both.derive(number, key=f"c{number // 2 % KEYS}", to="odd" if number % 2 else "even")


class Meet(IntervalJoin):
    """Pass numbers on, each once: with that which it has met, or when its time to meet one is over."""

    left: ClassVar[str] = "even"
    within_s: ClassVar[float] = APART_MS / 1000

    def both(self, left: int, right: int, message: Message) -> Iterator[Message]:
        assert right == left + 1
        yield from (*self.left_alone(left, message), *self.right_alone(right, message))

    def left_alone(self, left: int, message: Message) -> Iterator[Message]:
        yield message.derive(left, key=f"k{left % KEYS}")

    def right_alone(self, right: int, message: Message) -> Iterator[Message]:
        yield message.derive(right, key=f"k{right % KEYS}")


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

chained, chained_timed = (
    replace(each, nodes=(_numbers, *(replace(n, chain="summing", replicas=3) for n in each.nodes[1:])))
    for each in (topology, timed)
)

_gathered = replace(_sum, reads="gathered")
windowed = replace(
    topology,
    nodes=(
        _numbers,
        Node("windows", "kill_topology:Gather", "numbers", "gathered", replicas=3, timers="ends"),
        _gathered,
        *_rest,
    ),
)
joined = replace(
    topology,
    nodes=(
        _numbers,
        Node("couples", "kill_topology:Couple", reads="numbers", writes=_halves),
        Node("meet", "kill_topology:Meet", ("even", "odd"), "gathered", replicas=3, timers="patience"),
        _gathered,
        *_rest,
    ),
)
