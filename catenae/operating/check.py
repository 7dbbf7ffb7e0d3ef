"""Whether a topology agrees with the code it names, and with what of it has run.

Unlike building the graph, this imports every service.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from inspect import isasyncgenfunction, iscoroutinefunction
from pathlib import Path
from typing import Literal

from catenae.brokers import open_broker
from catenae.clock import SystemClock
from catenae.config import Settings
from catenae.deployment.ledger import Ledger
from catenae.errors import BrokerError, ConfigError, StoreError, TopologyError, TransientError
from catenae.microservice import Leaf, Microservice, Middle, Source
from catenae.operating.kept_late import kept_late
from catenae.operating.ports import port_mistakes
from catenae.running.injection import (
    Kind,
    kind_of,
    option_mistakes,
    options_from_text,
    parameters,
    state_parameters,
    timers_parameter,
)
from catenae.running.kept import lifetime_mistakes, timers_mistakes
from catenae.running.ready_made import ready_made_mistakes
from catenae.store import Store
from catenae.stores import open_store
from catenae.topology.graph import Topology
from catenae.topology.joined import unequal_inputs
from catenae.topology.loading import import_service, input_mode_of
from catenae.topology.node import Node
from catenae.topology.packable import unpackable
from catenae.topology.value_types import type_mistakes

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
        for mistake in _mistakes(topology, node, (options or {}).get(node.name, {}))
    ]
    warnings = [
        Finding(
            "warning",
            f"topic {topic!r} is written by {', '.join(node.name for node in topology.writers(topic))} and "
            f"read by nobody; fix the name, or list it in Topology(exported=...), for readers outside",
        )
        for topic in topology.unread_topics()
    ]
    idle = [
        Finding("warning", each) for node in topology.nodes for each in _replicas_of_no_use(topology, node)
    ]
    late = [Finding("warning", each) for each in kept_late(topology)] if not errors else []
    return errors + warnings + idle + late


def _replicas_of_no_use(topology: Topology, node: Node) -> Iterator[str]:
    """Yield that fewer instances do as much: the fullest has as many partitions, and it is the limit."""
    counts = {topology.partitions_of(each.topic) for each in node.inputs}
    if len(counts) != 1:
        return
    (partitions,) = counts
    fullest = math.ceil(partitions / node.replicas)
    fewest = math.ceil(partitions / fullest)
    if fewest < node.replicas:
        more = f", or {math.ceil(partitions / (fullest - 1))}" if fullest > 1 else ""
        yield (
            f"node {node.name!r} has {node.replicas} replicas for {partitions} partitions, of which one has "
            f"{fullest} either way: {fewest} do as much; take {fewest}{more}"
        )


def compare(topology: Topology, settings: Settings) -> list[Finding]:
    """Return what would be lost of what has run, if the topology were started as it is declared now.

    Only looks. Where no topics are there yet, nothing has run; a broker or store that does not answer is a
    warning, and so is one that lets nobody look. The services must be without mistakes.
    """
    if not _is_there(settings.broker):
        return []
    states = {node.name: state_parameters(import_service(node.service)) for node in topology.nodes}
    try:
        with ExitStack() as stack:
            broker = stack.enter_context(closing(open_broker(settings.broker, lease_s=settings.lease_s)))

            def store() -> Store:
                url = settings.store if _is_there(settings.store) else "embedded:"
                return stack.enter_context(closing(open_store(url)))

            found = Ledger(topology, broker, store, SystemClock()).refusals(states)
    except (TransientError, BrokerError, StoreError) as error:
        return [Finding("warning", f"not compared with what has run: {error}")]
    return [Finding("error", each) for each in found]


def _is_there(url: str) -> bool:
    """Say whether a broker or store is a server, or in files that exist: to look is not to create."""
    path = url.removeprefix("embedded:").partition("?")[0]
    return not url.startswith("embedded:") or (Path(path) / "data.mdb").exists()


def _mistakes(topology: Topology, node: Node, texts: Mapping[str, str]) -> Iterator[str]:
    try:
        service = import_service(node.service)
        kind = kind_of(service)
        states = state_parameters(service)
        timers_parameter(service)
    except TopologyError as error:
        yield f"cannot use its service: {error}"
        return
    try:
        input_mode_of(node.input_mode)
    except TopologyError as error:
        yield f"cannot use its input_mode: {error}"
    yield from _kind_mistakes(node, service, kind)
    yield from port_mistakes(node, service)
    yield from _state_mistakes(service)
    lacking = list(ready_made_mistakes(node, service))
    yield from lacking or timers_mistakes(node, service)
    yield from lifetime_mistakes(node, service)
    yield from type_mistakes(topology, node)
    try:
        yield from option_mistakes(service, {**node.options, **options_from_text(service, texts)})
    except ConfigError as error:
        yield f"has an option that cannot be used: {error}"
    if node.scale is not None and service.shared_limit:
        yield (
            f"has scale=, but all instances of {service.__qualname__} share {service.shared_limit}: more of "
            f"them do no more; remove it"
        )
    if node.documents is not None and not node.documents and _takes_documents(service):
        yield f"says documents={{}}, but {service.__qualname__} takes Documents; say what it does with which"
    if states and kind in ("source", "server"):
        instead = "keep it in the position, or take a Store" if kind == "source" else "take a Store"
        yield (
            f"is a {kind.capitalize()} with State ({', '.join(states)}), but State goes by the keys of what "
            f"is read; {instead}"
        )
    if states:
        yield from unequal_inputs(topology, node)


def _takes_documents(service: type[Microservice]) -> bool:
    return any(each.role == "documents" for each in parameters(service))


def _kind_mistakes(node: Node, service: type[Microservice], kind: Kind) -> Iterator[str]:
    name = service.__qualname__
    reads = ", ".join(each.topic for each in node.inputs)
    writes = ", ".join(node.outputs.values())
    if kind in ("source", "server") and reads:
        yield f"reads {reads}, but {name} is a {kind.capitalize()}, which reads nothing; remove reads="
    if kind in ("middle", "leaf") and not reads:
        yield f"reads nothing, but {name} is a {kind.capitalize()}; give it reads="
    if kind == "leaf" and writes:
        yield f"writes {writes}, but {name} is a Leaf and cannot; remove writes=, or make it a Middle"
    if kind == "server" and writes:
        yield f"writes {writes}, but {name} is a Server, which writes nothing; remove writes="
    if kind in ("source", "middle") and not writes:
        yield f"writes nothing, but {name} is a {kind.capitalize()}; give it writes=, or make it a Leaf"
    for verb in _asynchronous_verbs(service):
        yield (
            f"would do nothing: {verb} of {name} is an async def, but handlers are synchronous; remove "
            f"async, and set concurrency= for what waits on the network"
        )
    if kind != "server" and not _overrides_its_verb(service):
        verb = {"source": "generate", "middle": "transform", "leaf": "consume"}[kind]
        yield f"would do nothing: {name} has no method {verb!r}; write one"


def _overrides_its_verb(service: type[Microservice]) -> bool:
    return any(
        issubclass(service, parent) and getattr(service, verb) is not getattr(parent, verb)
        for parent, verb in _VERBS
    )


def _asynchronous_verbs(service: type[Microservice]) -> list[str]:
    return [
        verb
        for parent, verb in _VERBS
        if issubclass(service, parent)
        and (iscoroutinefunction(getattr(service, verb)) or isasyncgenfunction(getattr(service, verb)))
    ]


def _state_mistakes(service: type[Microservice]) -> Iterator[str]:
    for each in parameters(service):
        for kind in unpackable(each.accepts) if each.role == "state" else ():
            yield (
                f"keeps {kind} in State {each.name!r}, which cannot be packed; keep a dict, list, tuple or "
                f"another plain value of it"
            )
