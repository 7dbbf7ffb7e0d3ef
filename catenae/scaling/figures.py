"""What is known of the load of every node at a moment, as frozen data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

_NOTHING: Mapping[str, float] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Inflow:
    """One topic that a node reads. A record of a delayed input is there from when it is due.

    arrives_per_s   over the last half minute
    recently_per_s  over the last five seconds
    due             records that wait
    waits_s         for how long the oldest of them has
    fullest         the share, 0 to 1, of what arrives that the fullest partition has; 0 if not known
    is_delayed      whether what is written now is no load yet: a delayed input's, or timers
    """

    topic: str
    arrives_per_s: float
    recently_per_s: float
    due: int = 0
    waits_s: float = 0.0
    fullest: float = 0.0
    is_delayed: bool = False


@dataclass(frozen=True, slots=True)
class Load:
    """One node.

    instances      those that were asked for; `ready` of them get on with their work
    inflows        one for each topic that it reads
    handled_per_s  over the last half minute, of all inputs together
    written_per_s  by topic, over the same
    rate_per_s     messages one instance handles per second while it is never without any: of full batches, so
                   that the commits of small ones do not count as load; None while it is not known
    busy           the share, 0 to 1, of its instances' time that went into handling, commits and polling
    dead_per_s     messages set aside
    waits_for      what an instance cannot go on without, in a sentence; "" if there is nothing
    is_pinned      whether a person has said how many there are to be
    """

    instances: int
    ready: int
    inflows: tuple[Inflow, ...] = ()
    handled_per_s: float = 0.0
    written_per_s: Mapping[str, float] = field(default_factory=lambda: _NOTHING)
    rate_per_s: float | None = None
    busy: float = 0.0
    dead_per_s: float = 0.0
    waits_for: str = ""
    is_pinned: bool = False

    @property
    def arrives_per_s(self) -> float:
        """What arrives, of all inputs together: of late, where that is more."""
        return sum(max(each.arrives_per_s, each.recently_per_s) for each in self.inflows)

    @property
    def due(self) -> int:
        """How many records wait."""
        return sum(each.due for each in self.inflows)

    @property
    def waits_s(self) -> float:
        """For how long the oldest of them has."""
        return max((each.waits_s for each in self.inflows), default=0.0)

    @property
    def fullest(self) -> float:
        """The share of what arrives that the fullest partition has."""
        return max((each.fullest for each in self.inflows), default=0.0)


@dataclass(frozen=True, slots=True)
class Figures:
    """All nodes.

    at_s      seconds since 1970 UTC at which they are decided upon
    age_s     for how long nothing newer has been seen
    covers_s  over how long they were observed, half a minute if they are complete
    """

    at_s: float
    loads: Mapping[str, Load]
    age_s: float = 0.0
    covers_s: float = 30.0
