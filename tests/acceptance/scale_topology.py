"""What the autoscaler is tried with: numbers at a rate that steps up, and a node that is slow with each."""

import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from catenae import Message, Middle, Node, Scale, Source, State, Topology

KEYS = 24


class Steps(Source):
    """Generate 0, 1, 2 …: `before_per_s` of them a second until a file is there, and then `after_per_s`.

    Until another file is there, at which it ends.
    """

    def __init__(self, step: Path, end: Path, before_per_s: float = 40.0, after_per_s: float = 160.0) -> None:
        self._step, self._end = step, end
        self._before_per_s, self._after_per_s = before_per_s, after_per_s

    def generate(self, position: Any) -> Iterator[Message | None]:
        number = 0 if position is None else position
        next_s = time.monotonic()
        while not self._end.exists():
            if time.monotonic() < next_s:
                yield None
                continue
            rate_per_s = self._after_per_s if self._step.exists() else self._before_per_s
            # At least once in a while it is looked whether the files are there.
            for _ in range(max(1, int(rate_per_s / 20))):
                number += 1
                next_s += 1 / rate_per_s
                yield Message(number, f"key {number % KEYS}", position=number)


class Slow(Middle):
    """Count the numbers of each key, and take a sixtieth of a second for each."""

    def __init__(self, counted: State[int]) -> None:
        self._counted = counted

    def transform(self, message: Message) -> Iterable[Message]:
        time.sleep(1 / 60)
        count = self._counted.get(message.key, 0) + 1
        self._counted[message.key] = count
        yield message.derive([message.value, count])


topology = Topology(
    "steps",
    partitions=12,
    exported=("counts",),
    nodes=(
        Node(
            "steps",
            "tests.acceptance.scale_topology:Steps",
            writes="numbers",
            options={"step": "{data}/step", "end": "{data}/end"},
        ),
        Node(
            "slow",
            "tests.acceptance.scale_topology:Slow",
            reads="numbers",
            writes="counts",
            scale=Scale(most=6),
        ),
    ),
)
