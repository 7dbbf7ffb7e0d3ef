"""Sums what each key brings in State, and keeps the sums as documents; topics keep records for seconds."""

from collections.abc import Iterator

from catenae import Documents, Leaf, Message, Middle, Node, State, Topology
from catenae.topology.graph import Retention


class Sum(Middle):
    """Write the sum of a key so far."""

    def __init__(self, sums: State[int]) -> None:
        self._sums = sums

    def transform(self, message: Message) -> Iterator[Message]:
        total = self._sums.get(message.key, 0) + message.value
        self._sums[message.key] = total
        yield message.derive(total)


class Keep(Leaf):
    """Keep the last sum of a key."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    def consume(self, message: Message) -> None:
        self._documents.upsert("sums", [{"id": message.key, "who": message.key, "sum": message.value}])


topology = Topology(
    "sums",
    nodes=(
        Node("sum", "tests.acceptance.forget_topology:Sum", reads="numbers", writes="totals"),
        Node("keep", "tests.acceptance.forget_topology:Keep", reads="totals", personal={"sums": "who"}),
    ),
    partitions=2,
    external=("numbers",),
    retention={topic: Retention(age_s=7) for topic in ("numbers", "totals")},
)
