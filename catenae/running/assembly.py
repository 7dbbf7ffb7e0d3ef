"""From nodes of a topology to an instance: microservices built, their State opened, their groups joined."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from catenae.broker import Session
from catenae.chain import Chain, ChainBroker, Seat
from catenae.errors import ConfigError, RecordsLost
from catenae.microservice import Server, Source
from catenae.observability.health import Health
from catenae.observability.metrics import NodeMetrics
from catenae.running.backlog import Backlog
from catenae.running.built import Built, Place, Platform
from catenae.runtime.link import Link
from catenae.runtime.loop import Loop
from catenae.runtime.losses import OnLost, tell_of_losses
from catenae.runtime.run import Instance
from catenae.runtime.serving import Serving
from catenae.runtime.several import Several
from catenae.runtime.source_loop import SourceLoop
from catenae.runtime.together import Together

__all__ = ["Place", "Platform", "assemble", "assemble_chain"]

Join = Callable[[], Session]


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
    built = Built(place, platform, metrics)
    plan, service = built.plan, built.service
    if isinstance(service, Server):
        return Instance(service, Serving(platform.clock), health, platform.clock)
    delivery = place.topology.delivery
    session = insist(
        lambda: platform.broker.join(plan.group, place.member, plan.inputs, delivery, plan.written)
    )
    if isinstance(service, Source):
        backlog = Backlog(platform.broker, place.topology, place.node)
        loop = SourceLoop(service, plan, session, built.encoder(), backlog.records, metrics, platform.clock)
        return Instance(service, loop, health, platform.clock, plan.retry, tell_of_losses(metrics, None))
    return Instance(
        service,
        Loop(plan, session, built.handler(), built.state(), metrics, platform.clock),
        health,
        platform.clock,
        # What fails transiently here is input handled once more for State, which nothing can set aside.
        replace(plan.retry, attempts=None),
        built.on_lost(),
    )


def assemble_chain(
    places: Sequence[Place],
    platform: Platform,
    metrics: Mapping[str, NodeMetrics],
    health: Health,
    insist: Callable[[Callable[[], Chain]], Chain] = lambda join: join(),
) -> Instance:
    """Build the microservices of a chain's nodes, and join their groups as one.

    places   in the order of the chain
    metrics  by node; `insist` and what is raised as in `assemble`

    Raises `ConfigError` where the broker cannot hand on what is not written yet.
    """
    broker = platform.broker
    if not isinstance(broker, ChainBroker):
        raise ConfigError(
            f"{' and '.join(each.node.name for each in places)} make a chain, which this broker cannot have; "
            f"run each of them alone, or all on the embedded broker"
        )
    links = [Built(place, platform, metrics[place.node.name]) for place in places]
    seats = [
        Seat(built.plan.group, place.member, built.plan.inputs)
        for built, place in zip(links, places, strict=True)
    ]
    chain = insist(lambda: broker.join_chain(seats))
    loop = Together(
        chain,
        [
            Link(each.plan, session, each.handler(), each.state(), each.metrics, platform.clock)
            for each, session in zip(links, chain.sessions, strict=True)
        ],
        platform.clock,
    )
    return Instance(
        Several([each.service for each in links]),
        loop,
        health,
        platform.clock,
        replace(links[0].plan.retry, attempts=None),
        _by_group({each.plan.group: each.on_lost() for each in links}),
    )


def _by_group(tellers: Mapping[str, OnLost]) -> OnLost:
    def tell(error: RecordsLost) -> None:
        tellers[error.group](error)

    return tell
