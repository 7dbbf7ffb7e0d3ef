"""From a node of a topology to an instance: the microservice built, its State opened, its group joined."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from catenae.broker import Broker, Input, Session
from catenae.clock import Clock
from catenae.codec import Codec
from catenae.deployment.operations import Operations
from catenae.deployment.sealing import seal_of
from catenae.microservice import Leaf, Middle, Server, Source
from catenae.observability.health import Health
from catenae.observability.metrics import NodeMetrics
from catenae.running.backlog import Backlog
from catenae.running.injection import build, kind_of, of_roles
from catenae.running.kept import Kept
from catenae.running.permitted import permitted
from catenae.runtime.encoder import Encoder
from catenae.runtime.forgetting import Personal
from catenae.runtime.handler import Handler
from catenae.runtime.history import History
from catenae.runtime.loop import Loop
from catenae.runtime.losses import tell_of_losses
from catenae.runtime.plan import Plan
from catenae.runtime.run import Instance
from catenae.runtime.serving import Serving
from catenae.runtime.source_loop import SourceLoop
from catenae.service_log import Handling, Log
from catenae.store import Documents, Store
from catenae.topology.graph import Topology
from catenae.topology.loading import import_service, input_mode_of
from catenae.topology.node import Node

Join = Callable[[], Session]


@dataclass(frozen=True, slots=True)
class Platform:
    """What the instances of one process stand on. `documents` may be missing where no service asks for it.

    has_store  whether `store` is the one of the settings, not one in memory for services that keep nothing
    """

    broker: Broker
    store: Store
    documents: Documents | None
    clock: Clock
    has_store: bool = True


@dataclass(frozen=True, slots=True)
class Place:
    """Where an instance stands.

    member   its name in the group, the same when it is restarted; a new one under it replaces the old
    options  the node's options with what flags and environment have changed
    former_groups  what its group was called before the node or its topology had another name
    """

    topology: Topology
    node: Node
    member: str
    options: Mapping[str, Any]
    max_backlog_records: int = 10_000
    former_groups: tuple[str, ...] = ()

    def plan(self) -> Plan:
        """Return what the runtime needs to know of the declaration."""
        topology, node = self.topology, self.node
        inputs = node.inputs or (Input(topology.position_topic(node), is_read=False),)
        return Plan(
            topology=topology.name,
            node=node.name,
            instance=self.member,
            inputs=inputs,
            outputs=node.outputs,
            input_mode=input_mode_of(node.input_mode),
            concurrency=node.concurrency,
            on_error=node.on_error,
            batch_records=node.batch_records,
            is_traced=topology.is_traced,
            retry=node.retry,
            max_backlog=self.max_backlog_records,
            former_groups=self.former_groups,
            external=frozenset(topology.external),
            exported=frozenset(topology.exported),
            passes=topology.passes(node),
            returns=topology.returns(node),
            timers=node.timers,
        )


def assemble(
    place: Place,
    platform: Platform,
    metrics: NodeMetrics,
    health: Health,
    insist: Callable[[Join], Session] = lambda join: join(),
) -> Instance:
    """Build the node's microservice and join its group, if it is no Server; the topics must exist.

    insist  calls what joins the group; again, for one who waits, while the broker does not answer

    Raises `TopologyError` or `ConfigError` for a service that cannot be built, before anything is joined.
    """
    service_type = import_service(place.node.service)
    kind_of(service_type)
    kept = Kept.of(service_type, place.topology, place.node, platform.store, platform.clock)
    log = Log(service_type.__module__, place.node.name, handling := Handling())
    documents = permitted(platform.documents, place.node)
    given = of_roles(
        service_type,
        {
            "store": platform.store,
            "documents": documents,
            "operations": Operations(place.topology, platform.broker, metrics.left_out),
            "clock": platform.clock,
            "metrics": metrics.own,
            "log": log,
        },
    )
    service = build(service_type, place.options, {**given, **kept.given()})
    if isinstance(service, Server):
        return Instance(service, Serving(platform.clock), health, platform.clock)
    plan = place.plan()
    delivery = place.topology.delivery
    session = insist(
        lambda: platform.broker.join(plan.group, place.member, plan.inputs, delivery, plan.written)
    )
    codec = Codec(place.topology.formats)
    seal = seal_of(platform.broker, platform.clock)
    if isinstance(service, Source):
        backlog = Backlog(platform.broker, place.topology, place.node)
        encoder = Encoder(plan, codec, platform.broker.max_record_bytes, seal)
        loop = SourceLoop(service, plan, session, encoder, backlog.records, metrics, platform.clock)
        return Instance(
            service,
            loop,
            health,
            platform.clock,
            plan.retry,
            on_lost=tell_of_losses(metrics, None),
        )
    handled = cast("Middle | Leaf", service)
    handler = Handler(
        handled,
        plan,
        codec,
        list(kept.states.values()),
        platform.clock,
        platform.broker.max_record_bytes,
        seal,
        kept.waking(handled, codec),
        handling if log in given.values() else None,
        Personal(documents, place.node.personal),
    )
    state = kept.state(History(platform.broker, plan), codec)
    return Instance(
        service,
        Loop(plan, session, handler, state, metrics, platform.clock),
        health,
        platform.clock,
        # What fails transiently here is input handled once more for State, which nothing can set aside.
        replace(plan.retry, attempts=None),
        tell_of_losses(metrics, kept.journal if kept.states else None),
    )
