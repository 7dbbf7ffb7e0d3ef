"""The microservice of a node, built with all that is its own, before its group is joined."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from catenae.broker import Broker, Input
from catenae.clock import Clock
from catenae.codec import Codec
from catenae.deployment.operations import Operations
from catenae.deployment.sealing import seal_of
from catenae.microservice import Leaf, Microservice, Middle
from catenae.observability.metrics import NodeMetrics
from catenae.running.injection import build, kind_of, of_roles
from catenae.running.kept import Kept
from catenae.running.permitted import permitted
from catenae.runtime.encoder import Encoder
from catenae.runtime.forgetting import Personal
from catenae.runtime.handler import Handler
from catenae.runtime.history import History
from catenae.runtime.losses import OnLost, tell_of_losses
from catenae.runtime.node_state import NodeState
from catenae.runtime.plan import Plan
from catenae.service_log import Handling, Log
from catenae.store import Documents, Store
from catenae.topology.graph import Topology
from catenae.topology.loading import import_service, input_mode_of
from catenae.topology.node import Node


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


class Built:
    """A node's microservice, on its platform.

    Raises `TopologyError` or `ConfigError` for a service that cannot be built.
    """

    def __init__(self, place: Place, platform: Platform, metrics: NodeMetrics) -> None:
        service_type = import_service(place.node.service)
        kind_of(service_type)
        self.plan = place.plan()
        self.platform = platform
        self.metrics = metrics
        self._codec = Codec(place.topology.formats)
        self._kept = Kept.of(service_type, place.topology, place.node, platform.store, platform.clock)
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
        self.service: Microservice = build(service_type, place.options, {**given, **self._kept.given()})
        self._handling = handling if log in given.values() else None
        self._personal = Personal(documents, place.node.personal)

    def encoder(self) -> Encoder:
        """Return what makes records of what a Source yields."""
        broker = self.platform.broker
        seal = seal_of(broker, self.platform.clock)
        return Encoder(self.plan, self._codec, broker.max_record_bytes, seal)

    def handler(self) -> Handler:
        """Return what hands records to a Middle or Leaf."""
        handled = cast("Middle | Leaf", self.service)
        return Handler(
            handled,
            self.plan,
            self._codec,
            list(self._kept.states.values()),
            self.platform.clock,
            self.platform.broker.max_record_bytes,
            seal_of(self.platform.broker, self.platform.clock),
            self._kept.waking(handled, self._codec),
            self._handling,
            self._personal,
        )

    def state(self) -> NodeState:
        """Return what a Middle or Leaf keeps."""
        return self._kept.state(History(self.platform.broker, self.plan), self._codec)

    def on_lost(self) -> OnLost:
        """Return who is told of records that the broker has no longer."""
        return tell_of_losses(self.metrics, self._kept.journal if self._kept.states else None)
