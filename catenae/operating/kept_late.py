"""Where a topology that forgets keys has messages of them wait: what comes of these is kept, for a moment."""

from collections.abc import Iterator

from catenae.microservice import Leaf, Middle
from catenae.running.injection import state_parameters
from catenae.topology.graph import Topology
from catenae.topology.loading import import_service
from catenae.topology.node import Node


def kept_late(topology: Topology) -> Iterator[str]:
    """Yield where messages of a forgotten key wait, in a topology that says what it has of people."""
    if not any(node.personal or _forgets_itself(node) for node in topology.nodes):
        return
    for node in topology.nodes:
        waiting = [each for each in node.inputs if each.delay_s > 0]
        keeping = [each.name for each in _reached(topology, node) if _keeps(each)]
        for each in waiting if keeping else ():
            yield (
                f"node {node.name!r} reads {each.topic!r} {each.delay_s:g} s late: what waits there of a key "
                f"that is forgotten is handled all the same, kept in {', '.join(sorted(set(keeping)))}, and "
                f"forgotten right after; catenae forget does not wait for that. Let a timer wait instead"
            )


def _forgets_itself(node: Node) -> bool:
    service = import_service(node.service)
    return any(issubclass(service, each) and service.forget is not each.forget for each in (Middle, Leaf))


def _keeps(node: Node) -> bool:
    return bool(node.personal or state_parameters(import_service(node.service)))


def _reached(topology: Topology, node: Node) -> list[Node]:
    """Return a node and all that its messages reach."""
    found = [node]
    for each in found:
        for reader in (reader for topic in each.outputs.values() for reader in topology.readers(topic)):
            if reader not in found:
                found.append(reader)
    return found
