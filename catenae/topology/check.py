"""Whether a topology agrees with the code it names. Unlike building the graph, this imports every service."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from catenae.errors import ConfigError, TopologyError
from catenae.microservice import Leaf, Microservice, Middle, Server, Source
from catenae.topology.graph import Topology
from catenae.topology.injection import (
    Kind,
    declared_ports,
    kind_of,
    option_mistakes,
    options_from_text,
    state_parameters,
)
from catenae.topology.loading import import_service
from catenae.topology.node import Node

Severity = Literal["error", "warning"]

_VERBS: Sequence[tuple[type[Microservice], str]] = (
    (Source, "generate"),
    (Middle, "transform"),
    (Middle, "transform_many"),
    (Leaf, "consume"),
    (Leaf, "consume_many"),
)


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong (error) or looks wrong (warning); `text` says who, what and what to do."""

    severity: Severity
    text: str

    def __str__(self) -> str:
        return f"{self.severity}: {self.text}"


def check(topology: Topology, options: Mapping[str, Mapping[str, str]] | None = None) -> list[Finding]:
    """Return everything that was found, errors first, in the order of the nodes; a mistake raises nothing.

    options  node → option → text, above what the topology declares
    """
    errors = [
        Finding("error", f"node {node.name!r} {mistake}")
        for node in topology.nodes
        for mistake in _mistakes(node, (options or {}).get(node.name, {}))
    ]
    warnings = [
        Finding(
            "warning",
            f"topic {topic!r} is written by {', '.join(node.name for node in topology.writers(topic))} and "
            f"read by nobody; fix the name, or list it in Topology(external=...)",
        )
        for topic in topology.unread_topics()
    ]
    return errors + warnings


def _mistakes(node: Node, texts: Mapping[str, str]) -> Iterator[str]:
    try:
        service = import_service(node.service)
        kind = kind_of(service)
        states = state_parameters(service)
    except TopologyError as error:
        yield f"cannot use its service: {error}"
        return
    yield from _kind_mistakes(node, service, kind)
    yield from _port_mistakes(node, service)
    try:
        yield from option_mistakes(service, {**node.options, **options_from_text(service, texts)})
    except ConfigError as error:
        yield f"has an option that cannot be used: {error}"
    if states and kind == "source":
        yield (
            f"is a Source with State ({', '.join(states)}), but State goes by the keys of what is read; "
            f"keep it in the position, or take a Store"
        )


def _kind_mistakes(node: Node, service: type[Microservice], kind: Kind) -> Iterator[str]:
    name = service.__qualname__
    reads = ", ".join(each.topic for each in node.inputs)
    writes = ", ".join(node.outputs.values())
    if kind == "source" and reads:
        yield f"reads {reads}, but {name} is a Source, which reads nothing; remove reads="
    if kind != "source" and not reads:
        yield f"reads nothing, but {name} is a {kind.capitalize()}; give it reads="
    if kind == "leaf" and writes:
        yield f"writes {writes}, but {name} is a Leaf and cannot; remove writes=, or make it a Middle"
    if issubclass(service, Server):
        if writes:
            yield f"writes {writes}, but {name} is a Server, which writes nothing; remove writes="
    elif kind != "leaf" and not writes:
        yield f"writes nothing, but {name} is a {kind.capitalize()}; give it writes=, or make it a Leaf"
    if not _overrides_its_verb(service):
        verb = {"source": "generate", "middle": "transform", "leaf": "consume"}[kind]
        yield f"would do nothing: {name} has no method {verb!r}; write one"


def _overrides_its_verb(service: type[Microservice]) -> bool:
    return any(
        issubclass(service, parent) and getattr(service, verb) is not getattr(parent, verb)
        for parent, verb in _VERBS
    )


def _port_mistakes(node: Node, service: type[Microservice]) -> Iterator[str]:
    declared = set(declared_ports(service))
    written = set(node.outputs)
    if not declared or declared == written:
        return
    shown = ", ".join(repr(port) for port in sorted(declared))
    if written == {""}:
        yield f"writes one topic, but {service.__qualname__} has ports {shown}; give writes={{port: topic}}"
        return
    for port in sorted(written - declared):
        yield f"writes port {port!r}, which {service.__qualname__} does not have; its ports: {shown}"
    for port in sorted(declared - written):
        yield f"leaves out port {port!r} of {service.__qualname__}; its ports: {shown}"
