"""What an instance keeps between messages: the States that its service asks for, and its timers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from catenae.clock import Clock
from catenae.codec import Codec
from catenae.errors import TopologyError
from catenae.microservice import Leaf, Microservice, Middle
from catenae.running.injection import parameters, state_parameters, timers_parameter
from catenae.running.ready_made import ready_made_mistakes
from catenae.runtime.history import History
from catenae.runtime.lifetime import Lifetime
from catenae.runtime.node_state import NodeState
from catenae.runtime.state import FencedState
from catenae.runtime.timed_state import TimedState
from catenae.runtime.timers import StateTimers
from catenae.runtime.wake_ups import WakeUps
from catenae.runtime.waking import Waking
from catenae.store import State, Store
from catenae.suggestion import suggestion
from catenae.timers import Timers
from catenae.topology.graph import Topology
from catenae.topology.joined import unequal_inputs
from catenae.topology.node import Node


@dataclass(frozen=True, slots=True)
class Kept:
    """Of one instance.

    journal  namespace of the journal
    states   by the parameter that asks for them, with that of the timers
    timers   of one that asks for `Timers`: the parameter, what it is given, and the topic of its wake-ups
    """

    store: Store
    clock: Clock
    journal: str
    states: Mapping[str, FencedState[Any]]
    timers: tuple[str, StateTimers, str] | None

    @classmethod
    def of(
        cls, service: type[Microservice], topology: Topology, node: Node, store: Store, clock: Clock
    ) -> "Kept":
        """Return what a node's service asks for; raise `TopologyError` where the node cannot keep it."""
        states = {
            name: FencedState[Any](
                store, state_namespace(topology, node, name), lifetime=_lifetime(node, name, clock)
            )
            for name in state_parameters(service)
        }
        for mistake in (
            *(unequal_inputs(topology, node) if states else ()),
            *ready_made_mistakes(node, service),
            *timers_mistakes(node, service),
            *lifetime_mistakes(node, service),
        ):
            raise TopologyError(f"node {node.name!r} {mistake}")
        parameter = timers_parameter(service)
        timers = None
        if parameter is not None:
            timers = (parameter, StateTimers(states[parameter], clock), node.timers)
        return cls(store, clock, journal_namespace(topology, node), states, timers)

    def given(self) -> dict[str, State[Any] | Timers]:
        """Return what the constructor of the service is given, by parameter."""
        given: dict[str, State[Any] | Timers] = dict(self.states)
        if self.timers is not None:
            parameter, timers, _ = self.timers
            given[parameter] = timers
        return given

    def waking(self, service: Middle | Leaf, codec: Codec) -> Waking | None:
        """Return how the service is woken, None if it has no timers."""
        if self.timers is None:
            return None
        _, timers, topic = self.timers
        return Waking(service, timers, WakeUps(topic, codec))

    def state(self, history: History, codec: Codec) -> NodeState:
        """Return all of it as the loop needs it."""
        if self.timers is None:
            return NodeState(self.store, self.journal, self.states, history, self.clock)
        parameter, _, topic = self.timers
        timers, wake_ups = self.states[parameter], WakeUps(topic, codec)
        return TimedState(
            self.store, self.journal, self.states, history, self.clock, timers=timers, wake_ups=wake_ups
        )


def timers_mistakes(node: Node, service: type[Microservice]) -> Iterator[str]:
    """Yield what keeps the timers of a service from waking it."""
    name, parameter = service.__qualname__, timers_parameter(service)
    if parameter is None and node.timers:
        yield f"has timers={node.timers!r}, but {name} asks for no Timers; remove it"
    if parameter is None:
        return
    if not node.timers:
        yield (
            f"has no topic for the Timers that {name} asks for; name one that nobody else has, such as "
            f"timers='{node.name}_timers'"
        )
    if any(service.wake is each.wake for each in (Middle, Leaf) if issubclass(service, each)):
        yield f"would never hear of its Timers: {name} has no method 'wake'; write one"


def lifetime_mistakes(node: Node, service: type[Microservice]) -> Iterator[str]:
    """Yield what is wrong with the lifetimes that a node gives to State."""
    states = [each.name for each in parameters(service) if each.role == "state"]
    for name in node.ttl_s:
        if name not in states:
            yield (
                f"has ttl_s={{{name!r}: ...}}, but {service.__qualname__} asks for no State of that name; "
                f"{suggestion(name, states)}"
            )


def _lifetime(node: Node, parameter: str, clock: Clock) -> Lifetime | None:
    return Lifetime(node.ttl_s[parameter], clock) if parameter in node.ttl_s else None


def state_namespace(topology: Topology, node: Node, parameter: str) -> str:
    """Return where in the store a node keeps the State of a constructor parameter."""
    return f"{topology.name}.{node.name}.{parameter}"


def journal_namespace(topology: Topology, node: Node) -> str:
    """Return where in the store a node keeps the journal of its State."""
    return f"{topology.name}.{node.name}"
