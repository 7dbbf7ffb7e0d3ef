"""How a topology on one machine stands, as frozen data for whoever shows it."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from catenae.observability.multiprocess import NodeTotals

# Rates are those of about so many seconds.
WINDOW_S = 3.0


@dataclass(frozen=True, slots=True)
class NodeStatus:
    """One node.

    running       processes that are up; `wanted` are to be
    is_finished   a Source with nothing left to generate
    in_per_s, out_per_s   messages handled and written, of late
    lag           records its inputs hold for it
    handler_ms    milliseconds in the microservice's code per message, of late; None while nothing moves
    restarts, retries, dead_letters   since the start
    waits_for     what an instance cannot go on without, in a sentence; "" if there is nothing
    progress      how much of all there is a Source has generated, 0 to 1; None where that is not known
    failures      how often in a row an instance has failed of late; 0 once it has run for a while
    """

    name: str
    running: int
    wanted: int
    is_finished: bool = False
    is_ready: bool = False
    in_per_s: float = 0.0
    out_per_s: float = 0.0
    messages_in: int = 0
    messages_out: int = 0
    lag: int = 0
    handler_ms: float | None = None
    restarts: int = 0
    retries: int = 0
    dead_letters: int = 0
    progress: float | None = None
    failures: int = 0
    waits_for: str = ""

    @property
    def standing(self) -> str:
        """The node, and what it waits for."""
        return f"{self.name}: {self.waits_for}" if self.waits_for else self.name


@dataclass(frozen=True, slots=True)
class Status:
    """The whole topology.

    elapsed_s  seconds since the start
    notices    the last few things an operator should know, oldest first
    noticed    how many there have been since the start
    """

    topology: str
    elapsed_s: float
    nodes: tuple[NodeStatus, ...]
    notices: tuple[str, ...] = ()
    noticed: int = 0


@dataclass(frozen=True, slots=True)
class Rate:
    """What a node did per second over the last moments; `handler_ms` as in NodeStatus."""

    in_per_s: float = 0.0
    out_per_s: float = 0.0
    handler_ms: float | None = None


class Rates:
    """Turns totals, looked at every now and then, into what happens per second."""

    def __init__(self) -> None:
        self._looks: deque[tuple[float, Mapping[str, NodeTotals]]] = deque()

    def look(self, now_s: float, totals: Mapping[str, NodeTotals]) -> Mapping[str, Rate]:
        """Note the totals as of now and return the rate of each node since about WINDOW_S ago."""
        self._looks.append((now_s, totals))
        while len(self._looks) > 2 and now_s - self._looks[1][0] >= WINDOW_S:
            self._looks.popleft()
        then_s, before = self._looks[0]
        if now_s <= then_s:
            return {}
        return {
            node: _rate(before.get(node, NodeTotals()), after, now_s - then_s)
            for node, after in totals.items()
        }


def _rate(before: NodeTotals, after: NodeTotals, elapsed_s: float) -> Rate:
    received = after.messages_in - before.messages_in
    sent = after.messages_out - before.messages_out
    # A Source receives nothing: what it writes is what its code was busy with.
    handled = received or sent
    handler_s = after.handler_s - before.handler_s
    return Rate(received / elapsed_s, sent / elapsed_s, handler_s * 1000 / handled if handled else None)
