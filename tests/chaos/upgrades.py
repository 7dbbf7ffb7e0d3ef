"""A topology that gets other names in the middle of its work, and what `catenae migrate` is told then."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from catenae import Input, Node, Topology
from tests.chaos import rules

# Two services that do the same, and call what they keep by other names.
TWINS = {"Sum": "Tally", "Tally": "Sum"}
STATES = {"Sum": ("counts", "totals"), "Tally": ("tallies", "amounts")}
MARK = "_v"


@dataclass(frozen=True)
class Upgrade:
    """A topology as it is declared next.

    options  of `catenae migrate`, which carry over what there is
    """

    topology: Topology
    options: tuple[str, ...]


def upgraded(topology: Topology, number: int, share: float) -> Upgrade:
    """Give another name to one thing of a topology.

    number  makes the name, and is another one each time
    share   from 0 to 1: which of all that can be renamed
    """
    possible = list(_upgrades(topology, number))
    return possible[int(share * len(possible))]


def _upgrades(topology: Topology, number: int) -> Iterator[Upgrade]:
    for node in topology.nodes:
        name = _renamed(node.name, number)
        yield Upgrade(
            _with(topology, node, replace(node, name=name)), ("--rename-node", f"{node.name}={name}")
        )
        twin = TWINS.get(rules.service_of(node))
        if twin is not None:
            pairs = zip(STATES[rules.service_of(node)], STATES[twin], strict=True)
            options = [f"{node.name}.{old}={new}" for old, new in pairs]
            service = node.service.replace(rules.service_of(node), twin)
            yield Upgrade(
                _with(topology, node, replace(node, service=service)),
                tuple(word for each in options for word in ("--rename-state", each)),
            )
        for topic in node.outputs.values():
            name = _renamed(topic, number)
            yield Upgrade(_with_topic(topology, {topic: name}), ("--rename-topic", f"{topic}={name}"))


def _renamed(name: str, number: int) -> str:
    return f"{name.partition(MARK)[0]}{MARK}{number}"


def _with(topology: Topology, old: Node, new: Node) -> Topology:
    return replace(topology, nodes=tuple(new if each is old else each for each in topology.nodes))


def _with_topic(topology: Topology, names: Mapping[str, str]) -> Topology:
    return replace(
        topology,
        external=tuple(names.get(each, each) for each in topology.external),
        nodes=tuple(
            replace(
                node,
                reads=tuple(_with_name(each, names) for each in node.inputs),
                writes={port: names.get(topic, topic) for port, topic in node.outputs.items()},
            )
            for node in topology.nodes
        ),
    )


def _with_name(read: Input, names: Mapping[str, str]) -> Input:
    return replace(read, topic=names.get(read.topic, read.topic))


def all_of(topology: Topology, upgrades: Sequence[tuple[int, float]]) -> Topology:
    """Return what a topology is after these upgrades, each a number and a share."""
    for number, share in upgrades:
        topology = upgraded(topology, number, share).topology
    return topology
