"""Every kind of migration, as it is asked for, with the declaration that it is meant for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from catenae import Topology
from catenae.operating.migrations.changes import Change
from catenae.operating.migrations.drops import DropInput, DropNode, DropState, DropTopic
from catenae.operating.migrations.ground import Ground
from catenae.operating.migrations.moves import MoveInput
from catenae.operating.migrations.renames import RenameNode, RenameState, RenameTopic
from catenae.operating.migrations.request import Proposal, Request
from tests.unit.migrations.numbers import numbers_topology

BEFORE = numbers_topology()


@dataclass(frozen=True)
class Kind:
    """One kind.

    keeps_all  whether every count and sum is as if nothing had happened
    """

    name: str
    after: Topology
    ask: Callable[[Request], Proposal]
    keeps_all: bool = True

    def propose(self, ground: Ground) -> Proposal:
        return self.ask(Request(self.after, ground))


def changed(name: str, after: Topology, changes: Sequence[Change], *, keeps_all: bool = True) -> Kind:
    return Kind(name, after, lambda request: request.changes(changes), keeps_all)


RENAMED = numbers_topology("renamed", counter="tally", service="Tally", topic="ciphers")

KINDS = [
    changed("rename node", numbers_topology(counter="tally"), [RenameNode("counter", "tally")]),
    changed("rename source", numbers_topology(source="origin"), [RenameNode("source", "origin")]),
    changed("rename state", numbers_topology(service="Tally"), [RenameState("counter", "counts", "tallies")]),
    changed("rename topic", numbers_topology(topic="ciphers"), [RenameTopic("numbers", "ciphers")]),
    Kind("rename topology", numbers_topology("renamed"), lambda request: request.rename_from("numbers", [])),
    Kind(
        "rename all",
        RENAMED,
        lambda request: request.rename_from(
            "numbers",
            [
                RenameNode("counter", "tally"),
                RenameState("tally", "counts", "tallies"),
                RenameTopic("numbers", "ciphers"),
            ],
        ),
    ),
    Kind("partitions", numbers_topology(partitions=6), lambda request: request.grow()),
    changed("drop node", numbers_topology(has_echo=False), [DropNode("echo")], keeps_all=False),
    changed("drop state", numbers_topology(service="Sum"), [DropState("counter", "counts")], keeps_all=False),
    changed(
        "drop input",
        numbers_topology(reads_later=False),
        [DropInput("counter", "later")],
        keeps_all=False,
    ),
    changed(
        "move input",
        numbers_topology(later="afterwards"),
        [MoveInput("counter", "later", "afterwards")],
        keeps_all=False,
    ),
    changed("drop topic", BEFORE, [DropTopic("later")], keeps_all=False),
    Kind("drop topology", BEFORE, lambda request: request.drop("numbers"), keeps_all=False),
]
