"""Chains: nodes that run in one process, where that is no other thing than running them apart.

What a node of a chain writes, the next is handed before it is on a topic; there it is written all the same.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise

from catenae.topology.node import NAME_RULE, Node, is_name

PartitionsOf = Callable[[str], int]


def chains(nodes: Sequence[Node]) -> Mapping[str, tuple[Node, ...]]:
    """Return the nodes of each chain by its name, those that write ahead of those that read what they write.

    Of nodes in which `chain_mistakes` finds nothing.
    """
    names = dict.fromkeys(node.chain for node in nodes if node.chain)
    return {name: _in_order([node for node in nodes if node.chain == name]) for name in names}


def processes(nodes: Sequence[Node], *, chained: bool) -> Mapping[str, tuple[Node, ...]]:
    """Return the nodes of each process by its name: that of its chain, if such are made, or of its node."""
    if not chained:
        return {node.name: (node,) for node in nodes}
    of_chain = chains(nodes)
    return {node.chain or node.name: of_chain.get(node.chain, (node,)) for node in nodes}


def chain_mistakes(nodes: Sequence[Node], partitions_of: PartitionsOf) -> Iterator[str]:
    """Yield what keeps nodes of one chain from running in one process as they would apart.

    partitions_of  topic → partitions
    """
    taken = {node.name for node in nodes}
    for name in dict.fromkeys(node.chain for node in nodes if node.chain):
        members = [node for node in nodes if node.chain == name]
        if not is_name(name):
            yield f"has a chain {name!r}, which needs another name: {NAME_RULE}"
        if name in taken:
            yield f"has a chain and a node named {name!r}; give the chain a name of its own"
        if len(members) == 1:
            yield f"has chain {name!r} of node {members[0].name!r} alone; give its neighbour the same chain="
        alone = [mistake for node in members for mistake in _mistakes_of(node)]
        together = alone or list(_mistakes_between(members, partitions_of))
        yield from (f"has chain {name!r} with {each}" for each in together)


def _mistakes_of(node: Node) -> Iterator[str]:
    if not node.inputs:
        yield f"node {node.name!r}, which reads nothing: it has nobody to wait for; remove its chain="
    if node.scale is not None:
        yield (
            f"node {node.name!r}, which has scale=: what load there is of it alone nobody sees in a chain; "
            f"remove one of them"
        )
    if node.concurrency > 1:
        yield (
            f"node {node.name!r}, whose concurrency={node.concurrency} says that it waits for others: all of "
            f"the chain would wait with it; remove its chain="
        )


def _mistakes_between(members: Sequence[Node], partitions_of: PartitionsOf) -> Iterator[str]:
    for one, other in pairwise(members):
        if one.replicas != other.replicas:
            yield (
                f"nodes {one.name!r} and {other.name!r}, of {one.replicas} and {other.replicas} replicas; a "
                f"process has one instance of each: give them the same replicas="
            )
    counts = {each.topic: partitions_of(each.topic) for node in members for each in node.inputs}
    if len(set(counts.values())) > 1:
        said = ", ".join(f"{count} of {topic!r}" for topic, count in counts.items())
        yield f"inputs of unequal partitions: {said}; take out the node that reads what differs"
    ordered = _in_order(members)
    for node in members:
        if node not in ordered:
            yield f"node {node.name!r}, which reads what comes of its own output; take it out of the chain"
    for node in ordered[1:]:
        if not _writers(node, members):
            yield (
                f"node {node.name!r}, which reads without a delay nothing that another of the chain writes; "
                f"take it out, or name the chain of its neighbours"
            )
        if node.input_mode != "parity" and len(node.inputs) > 1:
            yield (
                f"node {node.name!r}, whose input_mode={node.input_mode!r} would not weigh what it is "
                f"handed; take it out of the chain"
            )


def _in_order(members: Sequence[Node]) -> tuple[Node, ...]:
    """Return the nodes, each after those of which it reads, in the order declared; none of a cycle."""
    ordered: list[Node] = []
    while found := [
        node
        for node in members
        if node not in ordered and all(each in ordered for each in _writers(node, members))
    ]:
        ordered.append(found[0])
    return tuple(ordered)


def _writers(node: Node, members: Sequence[Node]) -> list[Node]:
    """Return which of the members write what a node reads without a delay."""
    read = {each.topic for each in node.inputs if each.delay_s == 0}
    return [each for each in members if not read.isdisjoint(each.outputs.values())]
