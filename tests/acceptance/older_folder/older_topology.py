"""What the older folder was left by: numbers counted by key twice, when they come and a minute later."""

from collections.abc import Iterator
from typing import Any

from catenae import Input, Message, Middle, Node, Source, State, Topology

KEYS = 5
DELAY_S = 60.0


class Numbers(Source):
    """Generate numbers from where it is up to, not including, `below`."""

    def __init__(self, below: int = 200) -> None:
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

    def __init__(self, counts: State[int], sums: State[int]) -> None:
        self._counts = counts
        self._sums = sums

    def transform(self, message: Message) -> Iterator[Message]:
        count = self._counts[message.key] = self._counts.get(message.key, 0) + 1
        total = self._sums[message.key] = self._sums.get(message.key, 0) + message.value
        yield message.derive([message.value, count, total])


def declared(name: str = "older", counter: str = "counter", topic: str = "numbers") -> Topology:
    """The topology, under these names."""
    return Topology(
        name,
        partitions=2,
        external=("counted",),
        nodes=(
            Node("source", "older_topology:Numbers", writes=topic),
            Node("echo", "older_topology:Echo", reads=topic, writes="later"),
            Node(counter, "older_topology:Count", reads=(topic, Input("later", DELAY_S)), writes="counted"),
        ),
    )


topology = declared()
renamed = declared("newer", "tally", "ciphers")
