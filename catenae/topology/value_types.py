"""Which type the values of each topic are declared to have, by those who write and those who read them.

A reader says it by the annotation of its handler, `Message[Order]`. A writer by what its handler returns,
`Iterator[Message[Order]]`, or port by port, `ports = {"orders": Order, "refunds": Refund}`.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple, get_type_hints

from catenae.errors import TopologyError
from catenae.microservice import Microservice
from catenae.runtime.handled_type import handled_type, message_types
from catenae.topology.fitting import misfits
from catenae.topology.graph import Topology
from catenae.topology.loading import import_service
from catenae.topology.node import Node

_WRITING = ("transform", "transform_many", "generate")


class Declared(NamedTuple):
    """Of one topic: node → the type that it writes, node → the type that it reads; the others say none."""

    written: dict[str, Any]
    read: dict[str, Any]

    def types(self) -> list[Any]:
        """Return each type once, those of writers first."""
        found: list[Any] = []
        for each in (*self.written.values(), *self.read.values()):
            if all(each is not known for known in found):
                found.append(each)
        return found


def declared_types(topology: Topology) -> dict[str, Declared]:
    """Return what is declared of each topic; services are imported. Raises `TopologyError` as that does."""
    return _of_nodes(topology, topology.nodes)


def _of_nodes(topology: Topology, nodes: Iterable[Node]) -> dict[str, Declared]:
    found = {topic: Declared({}, {}) for topic in topology.data_topics()}
    for node in nodes:
        service = import_service(node.service)
        reads = handled_type(service)
        for each in node.inputs:
            if reads is not None and each.topic != node.timers:
                found[each.topic].read[node.name] = reads.declared
        for port, declared in written_types(service).items():
            if port in node.outputs:
                found[node.outputs[port]].written[node.name] = declared
    return found


def written_types(service: type[Microservice]) -> Mapping[str, Any]:
    """Return by port what a service says that it writes there; "" is the port of a single output."""
    if isinstance(service.ports, Mapping):
        return service.ports
    several = [each for name in _WRITING for each in _returned(getattr(service, name, None))]
    return {"": several[0]} if len(several) == 1 else {}


def type_mistakes(topology: Topology, node: Node) -> Iterator[str]:
    """Yield where a node reads what is not as its writer declares it: as where it is the older of the two."""
    usable = [each for each in topology.nodes if _is_usable(each)]
    for topic, declared in _of_nodes(topology, usable).items():
        if node.name in declared.read:
            for writer, written in declared.written.items():
                for misfit in misfits(written, declared.read[node.name]):
                    yield (
                        f"reads topic {topic!r} as {_name(declared.read[node.name])}, but {writer!r} writes "
                        f"{_name(written)}, of which {misfit}. Bring the reader up to the writer"
                    )


def _is_usable(node: Node) -> bool:
    """Say whether a node's service says its types; where it does not, that is told of the node itself."""
    try:
        handled_type(import_service(node.service))
    except TopologyError:
        return False
    return True


def _returned(handler: Any) -> Iterator[Any]:
    """Yield the types of `Message[...]` in what a handler returns."""
    try:
        returned = get_type_hints(handler, include_extras=True).get("return") if handler else None
    except NameError:
        return
    yield from message_types(returned)


def _name(declared: Any) -> str:
    return getattr(declared, "__name__", str(declared))
