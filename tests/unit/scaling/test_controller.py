"""Rounds of looking, deciding and having it done."""

from collections.abc import Mapping, Sequence
from io import StringIO

import pytest

from catenae.cli.autoscale import lines
from catenae.errors import BrokerUnavailable, ConfigError
from catenae.scaling.controller import Controller, limits_of
from catenae.scaling.history import History
from catenae.scaling.limits import Limits
from catenae.scaling.local import require_scale
from catenae.scaling.need import Need
from catenae.scaling.rule import Decision
from catenae.scaling.window import InputTotals, NodeTotals, Sample
from catenae.testing import FakeClock
from catenae.topology.graph import Topology
from catenae.topology.node import Node
from catenae.topology.scale import Scale
from tests.unit.scaling.loads import figures, load

TOPOLOGY = Topology(
    "words",
    partitions=4,
    external=("texts",),
    nodes=(Node("a", "m:A", reads="texts", scale=Scale(most=8)), Node("b", "m:B", reads="texts")),
)


class Supervised:
    """A node that handles 50 messages a second an instance, of 100 that come; a realiser of it, too."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self.instances = 1
        self.handled = self.arrived = 0
        self.serials: list[int] = []
        self.is_away = False

    def look(self) -> Sample:
        if self.is_away:
            raise BrokerUnavailable("the broker is away")
        self.arrived += 500
        self.handled += min(250 * self.instances, self.arrived - self.handled)
        totals = NodeTotals(
            self.instances,
            self.instances,
            inputs={"texts": InputTotals(self.arrived - self.handled)},
            handled={"texts": self.handled},
            batches=self.handled / 50,
            handler_s=self.handled / 50,
        )
        return Sample(self._clock.now_s(), {"a": totals})

    def realise(self, history: History, decisions: Sequence[Decision], asked: Mapping[str, Need]) -> None:
        self.serials.append(history.changes[-1].serial if history.changes else 0)
        self.instances = decisions[0].replicas if decisions else self.instances


def rounds(controller: Controller, clock: FakeClock, count: int) -> None:
    for _ in range(count):
        controller.step()
        clock.advance(5)


def test_rounds_come_to_as_many_instances_as_are_needed() -> None:
    clock = FakeClock()
    node = Supervised(clock)
    rounds(Controller(TOPOLOGY, node.look, node, History(), clock), clock, 8)

    assert node.instances == 4
    # Each change is in the history that is to be kept before it is made.
    assert sorted(set(node.serials)) == [0, 1, 2]


def test_while_nothing_can_be_seen_nothing_is_changed() -> None:
    clock = FakeClock()
    node = Supervised(clock)
    controller = Controller(TOPOLOGY, node.look, node, History(), clock)
    rounds(controller, clock, 1)
    node.is_away = True
    rounds(controller, clock, 20)

    assert (node.instances, len(node.serials)) == (1, 1)


def test_nodes_are_scaled_that_say_so_and_to_no_more_than_they_have_partitions() -> None:
    assert limits_of(TOPOLOGY) == {"a": Limits(1, 4, 0.8, 4)}


def test_a_topology_of_which_no_node_may_be_scaled_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"give one Node\(\.\.\., scale=Scale\(most=4\)\)"):
        require_scale(Topology("words", external=("texts",), nodes=(Node("b", "m:B", reads="texts"),)))


@pytest.mark.parametrize(
    ("explains", "expected"),
    [(False, "a: 1 -> 2, more come\n"), (True, "a: 1 -> 2, more come\nb: 1, enough\n")],
)
def test_changes_are_told_and_if_asked_what_stays(explains: bool, expected: str) -> None:
    stream = StringIO()
    told = [Decision("a", 2, "more come"), Decision("b", 1, "enough")]
    lines(stream, explains=explains)(figures(a=load(), b=load()), told)

    assert stream.getvalue() == expected
