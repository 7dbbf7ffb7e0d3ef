"""A Source that is exhausted at once."""

from collections.abc import Iterator
from typing import Any

from catenae import Message, Node, Source, Topology

# Not so long that a test waits.
PROGRESS_TIMEOUT_S = 1.5


class Numbers(Source):
    """Gives three numbers."""

    def generate(self, position: Any) -> Iterator[Message]:
        for number in range(position or 0, 3):
            yield Message(str(number), number, position=number + 1)


topology = Topology(
    "ending",
    (Node("numbers", "tests.acceptance.ending_topology:Numbers", writes="given"),),
    settings={"progress_timeout_s": PROGRESS_TIMEOUT_S},
)
