"""What the tests of migrations run: numbers counted by key twice, once when they come and once later."""

from collections.abc import Iterator
from typing import Any

from catenae import Input, Message, Middle, Node, Source, State, Topology

KEYS = 5
DELAY_S = 60.0
# Such numbers cannot be counted until that is mended.
AILING = 7


class Numbers(Source):
    """Generate numbers from where it is up to, not including, `below`."""

    def __init__(self, below: int) -> None:
        self._below = below

    def generate(self, position: Any) -> Iterator[Message | None]:
        for number in range(0 if position is None else position + 1, self._below):
            yield Message(number, f"k{number % KEYS}", position=number)


class Echo(Middle):
    """Pass everything on."""

    def transform(self, message: Message) -> Iterator[Message]:
        yield message.derive(message.value)


class Count(Middle):
    """Count and sum by key; tell both after each number."""

    def __init__(self, counts: State[int], sums: State[int], *, is_mended: bool = False) -> None:
        self._counts = counts
        self._sums = sums
        self._is_mended = is_mended

    def transform(self, message: Message) -> Iterator[Message]:
        if message.value % AILING == 3 and not self._is_mended:
            raise ValueError
        self._counts[message.key] = self._counts.get(message.key, 0) + 1
        self._sums[message.key] = self._sums.get(message.key, 0) + message.value
        yield message.derive([message.value, self._counts[message.key], self._sums[message.key]])


class Tally(Middle):
    """A `Count` whose first State has another name."""

    def __init__(self, tallies: State[int], sums: State[int], *, is_mended: bool = False) -> None:
        self._count = Count(tallies, sums, is_mended=is_mended)

    def transform(self, message: Message) -> Iterator[Message]:
        return self._count.transform(message)


class Sum(Middle):
    """A `Count` that only sums."""

    def __init__(self, sums: State[int], *, is_mended: bool = False) -> None:
        self._sums = sums
        self._is_mended = is_mended

    def transform(self, message: Message) -> Iterator[Message]:
        if message.value % AILING == 3 and not self._is_mended:
            raise ValueError
        self._sums[message.key] = self._sums.get(message.key, 0) + message.value
        yield message.derive([message.value, 0, self._sums[message.key]])


def numbers_topology(
    name: str = "numbers",
    *,
    source: str = "source",
    counter: str = "counter",
    service: str = "Count",
    topic: str = "numbers",
    reads_later: bool = True,
    has_echo: bool = True,
    later: str = "later",
    partitions: int = 2,
) -> Topology:
    """The topology, with other names or less in it."""
    place = __name__
    inputs = (Input(topic), *([Input(later, DELAY_S)] if reads_later else []))
    return Topology(
        name,
        partitions=partitions,
        external=("counted", *([later] if reads_later != has_echo else [])),
        nodes=(
            Node(source, f"{place}:Numbers", writes=topic, options={"below": 0}),
            *([Node("echo", f"{place}:Echo", reads=topic, writes=later)] if has_echo else []),
            Node(counter, f"{place}:{service}", reads=inputs, writes="counted"),
        ),
    )
