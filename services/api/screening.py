"""Whether the screening gets on: told by what its nodes have done, and not by which of them run."""

from collections.abc import Mapping
from typing import NamedTuple

from catenae import NodeFigures, Topology
from services.api.operator_answers import ScreeningAnswer, ScreeningState

# A batch may take seconds; where messages wait and nothing is handled for longer, it stands.
STANDS_AFTER_S = 10.0


class _Seen(NamedTuple):
    """What a node was past when it was last seen to get on, or to have nothing to do, and when that was."""

    handled: int
    at_s: float


class Screening:
    """How the nodes that handle messages get on. Belongs to whoever looks.

    What a node reads later on purpose is no sign of standing: nodes with a delayed input are not judged.
    """

    def __init__(self, topology: Topology) -> None:
        self._judged = frozenset(
            node.name
            for node in topology.nodes
            if node.inputs and not any(each.delay_s > 0 for each in node.inputs)
        )
        self._seen: dict[str, _Seen] = {}

    def look(self, now_s: float, figures: Mapping[str, NodeFigures]) -> None:
        """Take note of how each node stands."""
        for name in self._judged & figures.keys():
            node, before = figures[name], self._seen.get(name)
            if before is None or node.lag == 0 or node.handled != before.handled:
                self._seen[name] = _Seen(node.handled, now_s)

    def state(self, now_s: float, figures: Mapping[str, NodeFigures]) -> ScreeningAnswer:
        """Say how it stands, from the figures that were looked at last."""
        judged = {name: figures[name] for name in self._judged & figures.keys()}
        standing = {
            name: seen.at_s
            for name, seen in self._seen.items()
            if name in judged and judged[name].lag > 0 and now_s - seen.at_s >= STANDS_AFTER_S
        }
        waiting = sum(node.lag for node in judged.values())
        if not any(node.instances for node in judged.values()):
            state = ScreeningState.OFF
        elif standing:
            state = ScreeningState.STANDS
        else:
            state = ScreeningState.WORKS if waiting else ScreeningState.READY
        since_s = min(standing.values(), default=None)
        return ScreeningAnswer(
            state=state,
            waiting=waiting,
            nodes=sorted(standing),
            since_ms=None if since_s is None else int(since_s * 1000),
        )
