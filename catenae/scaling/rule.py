"""The decision: how many instances each node is to have now, and why. Pure: no clock, no I/O, no state."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from catenae.scaling.figures import Figures, Load
from catenae.scaling.history import LOWER_FOR_S, History, Verdict, verdict
from catenae.scaling.limits import Limits
from catenae.scaling.need import Need, needs

# Figures older than this, or of a shorter time, say nothing.
OLD_AFTER_S = 15.0
LEAST_COVERED_S = 4.0
# One way and back again within that time is going round in circles.
REVERSED_AFTER_S = 120.0
# So long after it was decided upon, a change to more may still turn out to be too small, and be added to.
ADDED_TO_S = 15.0
# So long after more instances that brought nothing, more are tried again; then after twice as long.
TRIED_AGAIN_AFTER_S = 300.0
FORGOTTEN_AFTER_S = 3600.0
# A need is met by this much less than it asks for: the target leaves room for that.
TOLERATED = 1.1
# Fewer instances are worth a change where no more than this share of them is left.
WORTH_WHILE = 0.8
# So busy, of the time of its instances, is a node at least that is the limit itself.
LEAST_BUSY = 0.5
# More of what is handled than that is set aside: something else is wrong.
MOST_DEAD = 0.01
# So much slower than usual, and all alike within so much, are nodes that wait for the same thing.
ALL_SLOWER = 1.5
ALIKE = 1.25


class Decision(NamedTuple):
    """One node: as many as there are is to leave it as it is."""

    node: str
    replicas: int
    reason: str


def decide(figures: Figures, history: History, limits: Mapping[str, Limits]) -> list[Decision]:
    """Return for each node of `limits` how many instances it is to have, and why, in a line.

    history  everything before these figures; they become part of it by `History.after`

    Up at once, to at most twice as many, and further only once those run and have brought something; undone
    if they turn out to have brought less than a tenth of what was asked: then something else is the limit.
    Down after five minutes in which nothing was changed and less was needed. Never beyond the limits, never
    to a count whose fullest instance has as many partitions as that of a smaller one, never back within two
    minutes. A node that is pinned, not known enough, or hindered by what no instances mend stays as it is.
    """
    asked = needs(figures, history.rates(), limits)
    slowness = _slowness(figures, history)
    found = []
    for node, limit in limits.items():
        load = figures.loads.get(node)
        if load is None:
            found.append(Decision(node, 0, "there are no figures of it"))
            continue
        of_node = _OfNode(node, load, limit, figures, history)
        replicas, reason = of_node.decide(asked.get(node), slowness)
        found.append(Decision(node, replicas, reason))
    return [each for each in found if each.node in figures.loads]


class _OfNode:
    """The decision of one node."""

    def __init__(self, node: str, load: Load, limits: Limits, figures: Figures, history: History) -> None:
        self._load = load
        self._limits = limits
        self._figures = figures
        self._history = history
        self._node = node
        self._seen = history.of(node)
        self._last = history.last(node)

    def decide(self, need: Need | None, slowness: str) -> tuple[int, str]:  # noqa: PLR0911  a reason each
        """Return the instances, and why."""
        now = self._load.instances
        if obstacle := self._obstacle(slowness):
            return now, obstacle
        if not self._limits.hold(now):
            bounded = max(self._limits.least, min(now, self._limits.most))
            return self._unless_reversed(bounded, f"{self._limits.least} to {self._limits.most} are allowed")
        if self._verdict is Verdict.FAILED:
            return self._undo()
        if need is None:
            return now, "it has handled too little to know what an instance can do"
        if need.instances > TOLERATED * self._limits.worth(now):
            return self._up(need)
        if self._load.ready < now:
            return now, f"{self._load.ready} of {now} instances are ready"
        return self._down(need)

    def _obstacle(self, slowness: str) -> str:
        """Return why nothing is to be changed, whatever is needed; "" if there is no reason."""
        load, figures = self._load, self._figures
        reasons = (
            (load.is_pinned, "a person has said how many, until it is released"),
            (figures.age_s > OLD_AFTER_S, f"the figures are {figures.age_s:.0f} s old"),
            (figures.covers_s < LEAST_COVERED_S, f"the figures cover only {figures.covers_s:.0f} s"),
            (bool(load.waits_for), f"it waits: {load.waits_for}"),
            (
                load.ready < load.instances and not self._may_be_added_to,
                f"{load.ready} of {load.instances} instances are ready",
            ),
            (
                load.dead_per_s > MOST_DEAD * load.handled_per_s,
                f"it sets {load.dead_per_s:.2g} messages a second aside",
            ),
            (bool(slowness), slowness),
        )
        return next((reason for holds, reason in reasons if holds), "")

    def _up(self, need: Need) -> tuple[int, str]:
        load, now_s = self._load, self._figures.at_s
        most = 2 * min(load.ready, load.instances)
        wanted = self._limits.useful(min(self._limits.count(need.instances, load.fullest), most))
        if wanted <= load.instances:
            return load.instances, f"{need}, and there are as many as are of use"
        if load.busy < LEAST_BUSY:
            return load.instances, f"{need}, but they are {load.busy:.0%} busy: it waits for something else"
        if now_s < (again_s := self._tried_again_at_s()):
            return load.instances, f"{need}, but more brought nothing: tried again in {again_s - now_s:.0f} s"
        if self._verdict is Verdict.OPEN and not self._may_be_added_to:
            return load.instances, f"{need}, but those of before have brought nothing so far"
        return self._unless_reversed(wanted, str(need))

    def _down(self, need: Need) -> tuple[int, str]:
        now, now_s = self._load.instances, self._figures.at_s
        recent = [*self._seen.needs, (now_s, need.instances)]
        highest = max(instances for _, instances in recent)
        wanted = self._limits.count(highest, self._load.fullest)
        lower_for_s = now_s - max(recent[0][0], self._last.at_s if self._last is not None else 0.0)
        if wanted > now * WORTH_WHILE:
            return now, str(need)
        if lower_for_s < LOWER_FOR_S:
            return now, f"{need}, for {lower_for_s:.0f} s so far"
        return self._unless_reversed(wanted, f"{need}, {highest:.1f} at most in five minutes")

    @property
    def _may_be_added_to(self) -> bool:
        """Whether more are just being started, and how many it takes may only now be seen."""
        change = self._last
        return (
            change is not None
            and change.is_up
            and change.after == self._load.instances
            and self._load.ready < self._load.instances
            and self._figures.at_s - change.at_s <= ADDED_TO_S
        )

    def _undo(self) -> tuple[int, str]:
        change = self._last
        before = change.before if change is not None else self._load.instances
        bounded = max(self._limits.least, min(before, self._limits.most))
        return self._unless_reversed(bounded, "more have brought nothing: something else is the limit")

    def _unless_reversed(self, wanted: int, reason: str) -> tuple[int, str]:
        """Return the wanted number, unless that is back where it came from a moment ago."""
        now, change = self._load.instances, self._last
        if change is not None and wanted != now and change.is_up != (wanted > now):
            left_s = change.at_s + REVERSED_AFTER_S - self._figures.at_s
            if left_s > 0:
                return now, f"{reason}, but it was changed a moment ago: {left_s:.0f} s more"
        return wanted, reason

    @property
    def _verdict(self) -> Verdict | None:
        """What is to be thought of the last change; None if it stands no more, or was to fewer."""
        change = self._last
        if change is None or not change.is_up or change.after != self._load.instances:
            return None
        return verdict(change, self._load, self._figures, self._seen)

    def _tried_again_at_s(self) -> float:
        """Return from when on more may be tried, after those that brought nothing."""
        since_s = self._figures.at_s - FORGOTTEN_AFTER_S
        failed = [
            each
            for each in self._history.changes
            if each.node == self._node and each.verdict is Verdict.FAILED and each.at_s > since_s
        ]
        return failed[-1].at_s + TRIED_AGAIN_AFTER_S * 2 ** (len(failed) - 1) if failed else 0.0


def _slowness(figures: Figures, history: History) -> str:
    """Return that all nodes have become slower alike; "" if they have not, or there is only one."""
    slower = sorted(_slower(figures, history))
    if len(slower) < 2 or slower[0] < ALL_SLOWER or slower[-1] > slower[0] * ALIKE:
        return ""
    return f"all nodes are {slower[0]:.1f} times as slow as usual: the machine or a server is the limit"


def _slower(figures: Figures, history: History) -> Iterator[float]:
    for node, load in figures.loads.items():
        usual_per_s = history.of(node).usual_per_s
        if usual_per_s and load.rate_per_s:
            yield usual_per_s / load.rate_per_s
