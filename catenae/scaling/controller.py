"""Looks, decides and has it done, every few seconds."""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from catenae.clock import Clock
from catenae.errors import CatenaeError
from catenae.scaling.figures import Figures
from catenae.scaling.history import History
from catenae.scaling.limits import Limits
from catenae.scaling.need import Need, needs
from catenae.scaling.rule import Decision, decide
from catenae.scaling.window import Sample, Window
from catenae.topology.graph import Topology

logger = logging.getLogger(__name__)

LOOKS_EVERY_S = 5.0

Tell = Callable[[Figures, Sequence[Decision]], None]


class Realiser(Protocol):
    """Has a number of instances run."""

    def realise(self, history: History, decisions: Sequence[Decision], asked: Mapping[str, Need]) -> None:
        """Keep the history, then have so many instances of each node run; those there are stay untouched.

        asked  what each node needs, for whoever looks

        Killed at any point, all or some of it is done, and none of it is unknown to the history.
        """


class Controller:
    """Scales the nodes of one topology. Not thread-safe.

    look  returns how things stand; raises `CatenaeError` where that cannot be known
    tell  is told of each round
    """

    def __init__(
        self,
        topology: Topology,
        look: Callable[[], Sample],
        realiser: Realiser,
        history: History,
        clock: Clock,
        tell: Tell = lambda _figures, _decisions: None,
    ) -> None:
        self._limits = limits_of(topology)
        self._look = look
        self._realiser = realiser
        self._history = history
        self._clock = clock
        self._tell = tell
        self._window = window_of(topology)

    def run(self, stop: threading.Event) -> None:
        """Go on until `stop` is set."""
        while not stop.is_set():
            self.step()
            stop.wait(LOOKS_EVERY_S)

    def step(self) -> None:
        """Do one round; nothing while nothing can be seen."""
        try:
            self._window.look(self._look())
        except CatenaeError as error:
            logger.warning("cannot look", extra={"error": type(error).__name__, "reason": str(error)})
            return
        figures = self._window.figures(self._clock.now_s())
        decisions = decide(figures, self._history, self._limits)
        changes = [each for each in decisions if each.replicas != figures.loads[each.node].instances]
        asked = needs(figures, self._history.rates(), self._limits)
        self._history = self._history.after(figures, self._limits, decisions)
        try:
            self._realiser.realise(self._history, decisions, asked)
        except CatenaeError as error:
            logger.warning("cannot scale", extra={"error": type(error).__name__, "reason": str(error)})
            return
        for each in changes:
            logger.info(
                "scaled",
                extra={
                    "node": each.node,
                    "before": figures.loads[each.node].instances,
                    "after": each.replicas,
                    "reason": each.reason,
                },
            )
        self._tell(figures, decisions)


def limits_of(topology: Topology) -> Mapping[str, Limits]:
    """Return the limits of the nodes that may be scaled."""
    found = {}
    for node in topology.nodes:
        partitions = topology.most_instances(node)
        if node.scale is not None and partitions is not None:
            most = min(node.scale.most or partitions, partitions)
            found[node.name] = Limits(node.scale.least, most, node.scale.target, partitions)
    return found


def window_of(topology: Topology) -> Window:
    """Return an empty window on the nodes."""
    delayed = [
        (node.name, each.topic)
        for node in topology.nodes
        for each in node.inputs
        if each.delay_s or each.topic == node.timers
    ]
    return Window({node.name: node.batch_records for node in topology.nodes}, delayed)
