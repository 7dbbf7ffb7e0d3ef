"""Statistics: how much there is and how fast it comes, looked at every few seconds, kept for minutes."""

from collections import deque
from collections.abc import Mapping, Sequence
from threading import Lock
from typing import NamedTuple

from catenae import Documents, NodeFigures, Operations
from services.api.alerts import Alerts
from services.api.operator_answers import NodeFigures as NodeAnswer
from services.api.operator_answers import NodeHistory, ScreeningAnswer, StatisticsAnswer, StatisticsHistory
from services.api.restarts import Restarts
from services.api.screening import Screening
from services.api.users import POSTS, USERS

STEP_S = 2.0
KEPT = 300
# Rates are those of about so long.
WINDOW_S = 10.0


class Look(NamedTuple):
    """How things stood at a moment."""

    at_s: float
    posts: int
    users: int
    nodes: Mapping[str, NodeFigures]


class Statistics:
    """What was seen of late, by this process. Thread-safe."""

    def __init__(self, documents: Documents, operations: Operations, alerts: Alerts) -> None:
        self._documents = documents
        self._operations = operations
        self._alerts = alerts
        self._lock = Lock()
        self._screening = Screening(operations.topology)
        self._restarts = Restarts()
        self._readers = frozenset(node.name for node in operations.topology.nodes if node.inputs)
        self._looks: deque[Look] = deque(maxlen=KEPT + int(WINDOW_S / STEP_S))

    def look(self, now_s: float) -> None:
        """Take note of how things stand; to be called about every STEP_S seconds."""
        figures = self._operations.figures()
        seen = Look(now_s, self._documents.count(POSTS), self._documents.count(USERS), figures)
        with self._lock:
            self._screening.look(now_s, figures)
            self._restarts.look(now_s, figures)
            self._looks.append(seen)

    def now(self) -> StatisticsAnswer:
        """Return how things stood at the last look, with the alerts as they are."""
        looks = self._seen()
        if not looks:
            alerts = self._alerts.counts()
            return StatisticsAnswer(
                at_ms=0,
                posts=0,
                users=0,
                alerts=alerts,
                posts_per_s=0,
                users_per_min=0,
                screening=self._screening.state(0, {}),
                nodes=[],
            )
        last, before = looks[-1], _before(looks, len(looks) - 1)
        return StatisticsAnswer(
            at_ms=int(last.at_s * 1000),
            posts=last.posts,
            users=last.users,
            alerts=self._alerts.counts(),
            posts_per_s=_rate(before.posts, last.posts, before, last),
            users_per_min=60 * _rate(before.users, last.users, before, last),
            screening=self._state(last),
            nodes=self.nodes(),
        )

    def nodes(self) -> list[NodeAnswer]:
        """Return how each node stood at the last look."""
        looks = self._seen()
        if not looks:
            return []
        last, before = looks[-1], _before(looks, len(looks) - 1)
        return [self._node(name, figures, before, last) for name, figures in last.nodes.items()]

    def errors(self) -> dict[str, str]:
        """Return why each node set the newest of its dead letters aside, where it has some."""
        looks = self._seen()
        return {name: each.last_error for name, each in looks[-1].nodes.items()} if looks else {}

    def history(self) -> StatisticsHistory:
        """Return the last minutes."""
        looks = self._seen()
        pairs = [(_before(looks, index), look) for index, look in enumerate(looks)][-KEPT:]
        names = list(looks[-1].nodes) if looks else []
        return StatisticsHistory(
            step_s=STEP_S,
            at_ms=[int(look.at_s * 1000) for _, look in pairs],
            posts_per_s=[_rate(before.posts, look.posts, before, look) for before, look in pairs],
            users_per_min=[60 * _rate(before.users, look.users, before, look) for before, look in pairs],
            nodes=[self._node_history(name, pairs) for name in names],
        )

    def _state(self, last: Look) -> ScreeningAnswer:
        with self._lock:
            return self._screening.state(last.at_s, last.nodes)

    def _node(self, name: str, figures: NodeFigures, before: Look, after: Look) -> NodeAnswer:
        earlier = before.nodes.get(name, figures)
        reads = name in self._readers
        restarted = self._restarts.of(name)
        return NodeAnswer(
            name=name,
            running=figures.instances,
            in_per_s=_rate(earlier.handled, figures.handled, before, after) if reads else None,
            out_per_s=_rate(earlier.written, figures.written, before, after),
            lag=figures.lag if reads else None,
            dead_letters=figures.dead_letters,
            restarts=restarted.times,
            restarted_ms=None if restarted.last_s is None else int(restarted.last_s * 1000),
        )

    def _node_history(self, name: str, pairs: Sequence[tuple[Look, Look]]) -> NodeHistory:
        found = [
            self._node(name, look.nodes[name], before, look) if name in look.nodes else None
            for before, look in pairs
        ]
        return NodeHistory(
            name=name,
            in_per_s=[None if each is None else each.in_per_s for each in found],
            out_per_s=[None if each is None else each.out_per_s for each in found],
            lag=[None if each is None else each.lag for each in found],
        )

    def _seen(self) -> list[Look]:
        with self._lock:
            return list(self._looks)


def _before(looks: Sequence[Look], index: int) -> Look:
    """Return the look that the rates of another one are taken from."""
    return looks[max(0, index - int(WINDOW_S / STEP_S))]


def _rate(earlier: int, later: int, before: Look, after: Look) -> float:
    """Return what came per second; nothing where records were removed or begun anew."""
    elapsed_s = after.at_s - before.at_s
    return round(max(0, later - earlier) / elapsed_s, 3) if elapsed_s > 0 else 0.0
