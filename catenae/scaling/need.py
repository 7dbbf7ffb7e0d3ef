"""How many instances the load of each node asks for.

Source: Kalavri et al., "Three steps is all you need" (DS2), OSDI 2018: true rates, walked from the sources,
so that a bottleneck and what lies behind it are changed at once, not one after the other as the load arrives.
What waits is added: it is to be caught up with in a minute.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from catenae.scaling.figures import Figures, Inflow, Load
from catenae.scaling.limits import Limits

CATCH_UP_S = 60.0


@dataclass(frozen=True, slots=True)
class Need:
    """What a node has to do.

    flow_per_s  what arrives, once the nodes before it have the instances that they need
    due         what waits beside it
    rate_per_s  what one instance can do
    instances   how many that takes, in parts of one, each of them busy for its target share of the time
    """

    flow_per_s: float
    due: int
    rate_per_s: float
    instances: float

    def __str__(self) -> str:
        waiting = f" and {self.due:,} that wait" if self.due else ""
        return (
            f"{self.flow_per_s:,.3g}/s{waiting}, at {self.rate_per_s:,.3g}/s an instance, "
            f"need {self.instances:.1f} instances"
        )


def needs(figures: Figures, rates: Mapping[str, float], limits: Mapping[str, Limits]) -> Mapping[str, Need]:
    """Return what each node of `limits` has to do; without those of which nobody knows what they can do.

    rates  what an instance of a node can do a second, where that was found out before
    """
    found: dict[str, Need] = {}
    written: dict[str, Mapping[str, float]] = {}
    for node, load in _from_the_sources(figures.loads):
        flow_per_s = sum(_arrives(each, figures.loads, written) for each in load.inflows)
        rate_per_s = load.rate_per_s or rates.get(node)
        limit = limits.get(node)
        if limit is not None and (rate_per_s or not (flow_per_s or load.due)):
            worth = rate_per_s or 0.0
            asked = flow_per_s + load.due / CATCH_UP_S
            instances = asked / (worth * limit.target) if worth else 0.0
            found[node] = Need(flow_per_s, load.due, worth, instances)
        written[node] = _written(load, flow_per_s, rate_per_s, found.get(node), limit)
    return found


def _arrives(inflow: Inflow, loads: Mapping[str, Load], written: Mapping[str, Mapping[str, float]]) -> float:
    """Return what will arrive at a topic: as much more than now as its writers will write more."""
    arrives = max(inflow.arrives_per_s, inflow.recently_per_s)
    if inflow.is_delayed:
        return arrives
    now = sum(loads[node].written_per_s.get(inflow.topic, 0.0) for node in written)
    then = sum(each.get(inflow.topic, 0.0) for each in written.values())
    return arrives + max(0.0, then - now)


def _written(
    load: Load, flow_per_s: float, rate_per_s: float | None, need: Need | None, limit: Limits | None
) -> Mapping[str, float]:
    """Return what a node will write to each topic once it has the instances that it needs."""
    if not load.handled_per_s or not rate_per_s:
        return load.written_per_s
    instances = float(load.instances)
    if need is not None and limit is not None:
        instances = max(instances, limit.worth(limit.count(need.instances, load.fullest)))
    will_handle = min(flow_per_s + load.due / CATCH_UP_S, instances * rate_per_s)
    growth = max(1.0, will_handle / load.handled_per_s)
    return {topic: per_s * growth for topic, per_s in load.written_per_s.items()}


def _from_the_sources(loads: Mapping[str, Load]) -> Iterator[tuple[str, Load]]:
    """Yield every node after those that write what it reads, as far as they do not go round in a circle."""
    left = dict(loads)
    while left:
        written = {topic for load in left.values() for topic in load.written_per_s}
        ready = [node for node, load in left.items() if written.isdisjoint(_topics(load))]
        for node in ready or [next(iter(left))]:
            yield node, left.pop(node)


def _topics(load: Load) -> set[str]:
    return {each.topic for each in load.inflows if not each.is_delayed}
