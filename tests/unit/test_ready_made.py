"""A window or a join that lacks something is told of when it is checked or started, not later."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from catenae import (
    Hopping,
    IntervalJoin,
    LatestJoin,
    Message,
    Node,
    Session,
    State,
    Timers,
    Topology,
    Tumbling,
    Window,
    Windowed,
)
from catenae.errors import TopologyError
from catenae.operating.check import check
from catenae.testing import drain, message

HERE = "tests.unit.test_ready_made"


class Whole(Windowed[int]):
    shape = Hopping(20, 10)

    def __init__(self, windows: State[list[Any]], timers: Timers, least: int = 1) -> None:
        super().__init__(windows, timers)
        self._least = least

    def add(self, gathered: int | None, message: Message) -> int:
        return (gathered or 0) + 1

    def closed(self, window: Window, gathered: int, message: Message) -> Iterator[Message]:
        if gathered >= self._least:
            yield message.derive(gathered)


class Shapeless(Windowed[int]):
    add, closed = Whole.add, Whole.closed


class Unmerged(Shapeless):
    shape = Session(10)


class Unwritten(Windowed[int]):
    shape = Tumbling(10)


class Alone(Shapeless):
    shape = Tumbling(10)

    def __init__(self, least: int = 1) -> None:
        self._least = least


class Pairs(IntervalJoin):
    left = "order"
    within_s = 10

    def both(self, left: Any, right: Any, message: Message) -> Iterator[Message]:
        yield message.derive([left, right])


class Timeless(IntervalJoin):
    left = "orders"
    both = Pairs.both


class Latest(LatestJoin):
    left = "orders"


JOINED = ("orders", "payments")


@pytest.mark.parametrize(
    ("service", "reads", "said"),
    [
        (
            "Shapeless",
            "a",
            "Shapeless, a Windowed that does not say its 'shape': such as shape =",
        ),
        ("Unmerged", "a", "Unmerged, a Windowed that has no method 'merge'; write one"),
        ("Unwritten", "a", "Unwritten, a Windowed that has no method 'add'; write one"),
        ("Alone", "a", "Alone, whose constructor does not ask for 'timers' and 'windows' as Windowed does"),
        ("Pairs", JOINED, "reads orders, payments, but Pairs has left = 'order'; did you mean 'orders'"),
        ("Timeless", JOINED, "Timeless, an IntervalJoin that does not say its 'within_s'"),
        ("Latest", JOINED, "Latest, a LatestJoin that has no method 'both'; write one"),
        ("Latest", (*JOINED, "a"), "reads orders, payments, a, but Latest joins two topics; read two"),
    ],
)
def test_what_a_window_or_a_join_lacks_is_told(service: str, reads: str | Sequence[str], said: str) -> None:
    timers = "" if service == "Latest" else "timers"
    node = Node("n", f"{HERE}:{service}", reads, "out", timers=timers)
    topics = (reads,) if isinstance(reads, str) else reads
    topology = Topology("t", (node,), external=(*topics,), exported=("out",))

    findings = check(topology)

    assert any(each.severity == "error" and said in each.text for each in findings), findings
    with pytest.raises(TopologyError, match="node 'n'"):
        drain(topology)


def test_one_that_is_whole_is_fine_also_with_options_of_its_own() -> None:
    node = Node("n", f"{HERE}:Whole", "a", "out", timers="timers", options={"least": 2})
    topology = Topology("t", (node,), external=("a",), exported=("out",))

    assert check(topology) == []
    assert [
        each.value for each in drain(topology, {"a": [message(1, "k"), message(1, "k")]}, for_s=60)["out"]
    ] == [2, 2]
