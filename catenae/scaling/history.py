"""What was changed before and what came of it: what a decision depends on beside the figures. Frozen data."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import dropwhile, pairwise

from catenae.scaling.figures import Figures, Load
from catenae.scaling.limits import Limits
from catenae.scaling.need import Need, needs

# For so long a node has to need fewer instances before it gets fewer.
LOWER_FOR_S = 300.0
# So long after they have all started, what more instances have brought can be seen; so long it is waited for.
SETTLES_S = 5.0
JUDGED_AFTER_S = 45.0
# What more instances have to bring at least, of what was asked of them.
LEAST_SHARE = 0.1
# A source that is silent may be away, and come back with what it would have brought: so long it is awaited.
SILENT_FOR_S = 900.0
# How fast the usual rate of a node follows what it is now: over about ten minutes.
_FOLLOWS_S = 600.0
_KEPT = 200


class Verdict(StrEnum):
    """What came of more instances."""

    OPEN = "open"
    KEPT = "kept"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Change:
    """One node given another number of instances.

    serial   counts all changes, from 1
    ready    instances that did the work meanwhile, `before` unless some of those were just starting
    could    messages per second that these could handle, as it was while the new ones started
    verdict  of more instances; fewer are not judged
    """

    serial: int
    at_s: float
    node: str
    before: int
    after: int
    reason: str
    ready: int = 0
    could: float = 0.0
    verdict: Verdict = Verdict.OPEN

    @property
    def is_up(self) -> bool:
        """Whether there are more instances than before."""
        return self.after > self.before


@dataclass(frozen=True, slots=True)
class Seen:
    """One node, as it was seen so far.

    needs         (at_s, instances) of the last minutes, oldest first, without a gap; while nothing arrives,
                  the highest of those before
    ready_at_s    since when all of its instances have been ready; None while they are not
    flowed_at_s   when something last arrived
    rate_per_s    what an instance was last known to handle per second; None before that
    usual_per_s   the same, as it mostly is
    """

    needs: tuple[tuple[float, float], ...] = ()
    ready_at_s: float | None = None
    flowed_at_s: float = 0.0
    rate_per_s: float | None = None
    usual_per_s: float | None = None


@dataclass(frozen=True, slots=True)
class History:
    """Everything so far."""

    at_s: float = 0.0
    changes: tuple[Change, ...] = ()
    seen: Mapping[str, Seen] = field(default_factory=dict)

    def of(self, node: str) -> Seen:
        """Return what was seen of a node."""
        return self.seen.get(node, Seen())

    def last(self, node: str) -> Change | None:
        """Return a node's last change."""
        return next((each for each in reversed(self.changes) if each.node == node), None)

    def rates(self) -> Mapping[str, float]:
        """Return what an instance of each node was last known to handle."""
        return {node: each.rate_per_s for node, each in self.seen.items() if each.rate_per_s}

    def after(
        self,
        figures: Figures,
        limits: Mapping[str, Limits],
        decisions: Iterable[tuple[str, int, str]] = (),
    ) -> "History":
        """Return it with what the figures show and what was then decided."""
        asked = needs(figures, self.rates(), limits)
        has_gap = figures.at_s - self.at_s > LOWER_FOR_S / 10
        seen = {
            node: _seen(self.of(node), load, figures, asked.get(node), has_gap=has_gap)
            for node, load in figures.loads.items()
        }
        seen = {**self.seen, **seen}
        changes = [
            _judged(each, figures, seen[each.node]) if each.node in figures.loads else each
            for each in self.changes
        ]
        for node, replicas, reason in decisions:
            load = figures.loads.get(node)
            if load is not None and replicas != load.instances:
                serial = changes[-1].serial + 1 if changes else 1
                ready = min(load.ready, load.instances)
                could = ready * (seen[node].rate_per_s or 0.0)
                changes.append(
                    Change(serial, figures.at_s, node, load.instances, replicas, reason, ready, could)
                )
                seen[node] = replace(seen[node], ready_at_s=None)
        return History(figures.at_s, tuple(changes[-_KEPT:]), seen)


def verdict(change: Change, load: Load, figures: Figures, seen: Seen) -> Verdict:
    """Judge more instances by what the node can do with them, whatever its load is.

    It is enough that they have brought something once: what becomes slow later has another reason.
    """
    is_open = change.verdict is Verdict.OPEN and change.is_up
    if not is_open or seen.ready_at_s is None or load.ready < load.instances or not load.rate_per_s:
        return change.verdict
    ready_for_s = figures.at_s - max(seen.ready_at_s, change.at_s)
    if ready_for_s >= SETTLES_S and _brought(change, load, load.rate_per_s) >= LEAST_SHARE:
        return Verdict.KEPT
    return Verdict.FAILED if ready_for_s >= JUDGED_AFTER_S else Verdict.OPEN


def _brought(change: Change, load: Load, rate_per_s: float) -> float:
    """Return what more instances have brought, as a share of what was asked; 1 where that is unknown."""
    asked = change.could * (change.after / max(1, change.ready) - 1)
    return (load.instances * rate_per_s - change.could) / asked if asked > 0 else 1.0


def _judged(change: Change, figures: Figures, seen: Seen) -> Change:
    load = figures.loads[change.node]
    if change.verdict is not Verdict.OPEN or not change.is_up:
        return change
    if load.instances != change.after:
        # Overtaken by another one, which is judged in its place.
        return replace(change, verdict=Verdict.KEPT)
    if load.ready < load.instances and load.rate_per_s:
        # What it is compared with is as things are now: something else may have become slow meanwhile.
        return replace(change, could=change.ready * load.rate_per_s)
    return replace(change, verdict=verdict(change, load, figures, seen))


def _seen(before: Seen, load: Load, figures: Figures, asked: Need | None, *, has_gap: bool) -> Seen:
    need = None if asked is None else asked.instances
    is_ready = load.ready >= load.instances
    rate_per_s = load.rate_per_s or before.rate_per_s
    is_silent = load.arrives_per_s == 0 and figures.at_s - before.flowed_at_s < SILENT_FOR_S
    if need is not None and is_silent:
        need = max(need, *(instances for _, instances in before.needs), 0.0)
    return Seen(
        needs=_lately(() if has_gap else before.needs, need, figures.at_s),
        ready_at_s=(figures.at_s if before.ready_at_s is None else before.ready_at_s) if is_ready else None,
        flowed_at_s=figures.at_s if load.arrives_per_s or not before.flowed_at_s else before.flowed_at_s,
        rate_per_s=rate_per_s,
        usual_per_s=_usual(before.usual_per_s, load.rate_per_s),
    )


def _lately(
    needs_before: Sequence[tuple[float, float]], need: float | None, now_s: float
) -> tuple[tuple[float, float], ...]:
    """Return the needs of the last minutes; none where it is not known: there is a gap then."""
    if need is None:
        return ()
    recent = [*needs_before, (now_s, need)]
    # One that is older than that stays: it says that they reach so far back.
    reaching = dropwhile(lambda pair: pair[1][0] <= now_s - LOWER_FOR_S, pairwise(recent))
    return (*(older for older, _ in reaching), recent[-1])


def _usual(before: float | None, now: float | None) -> float | None:
    if before is None or now is None:
        return before or now
    return before + (now - before) * min(1.0, 5.0 / _FOLLOWS_S)
