"""A node under a load, second by second: what a rule can see of it, and what its decisions come to."""

import math
import random
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Protocol

from benchmarks.autoscaling.load import Hours

PARTITIONS = 120
RATE_PER_S = 60.0
STARTS_WITHIN_S = (10, 20)
LATE_S = 10.0
REVERSED_S = 120


class Rule(Protocol):
    """Chooses the number of instances."""

    def choose(self, world: "World") -> int:
        """Return how many are wanted; asked every second."""


class World:
    """The node as it is seen, in totals.

    stall_s  for how long nothing is handled after each change
    """

    def __init__(self, hours: Hours, seed: int, instances: int, stall_s: float = 1.0) -> None:
        self.hours = hours
        self.second = 0
        self.wanted = self.ready = instances
        self.arrived = self.handled = self.busy_s = 0.0
        self.stall_s = stall_s
        self._drawn = random.Random(seed)
        self._starting: list[int] = []
        self._stalled_until = 0.0

    @property
    def waiting(self) -> float:
        """Posts that wait."""
        return self.arrived - self.handled

    @property
    def worth(self) -> float:
        """How many instances' work those do that are ready: the fullest is the limit."""
        return PARTITIONS / math.ceil(PARTITIONS / self.ready)

    def scale(self, wanted: int) -> None:
        """Have so many; new ones take some seconds to start, others end at once."""
        started = self.second + self._drawn.randint(*STARTS_WITHIN_S)
        self._starting += [started] * (wanted - self.wanted)
        if wanted < self.wanted:
            self._starting = sorted(self._starting)[: max(0, wanted - self.ready)]
            self.ready = min(self.ready, wanted)
            self._stalled_until = self.second + self.stall_s
        self.wanted = wanted

    def step(self) -> None:
        """Let a second pass."""
        started = [each for each in self._starting if each <= self.second]
        if started:
            self._starting = [each for each in self._starting if each > self.second]
            self.ready += len(started)
            self._stalled_until = self.second + self.stall_s
        rate_per_s = self.worth * RATE_PER_S / self.hours.slower[self.second]
        self.arrived += self.hours.arrives[self.second]
        handles = 0.0 if self.second < self._stalled_until else min(self.waiting, rate_per_s)
        self.handled += handles
        self.busy_s += self.ready * handles / rate_per_s
        self.second += 1


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the hours.

    late       the share of posts that waited for longer than LATE_S
    p99_s      how long the slowest hundredth waited at least
    reversals  changes back within REVERSED_S
    instances  by the second
    waiting    posts that wait, by the second
    """

    instance_hours: float
    changes: int
    reversals: int
    late: float
    p99_s: float
    instances: Sequence[int]
    waiting: Sequence[float]


def run(rule: Rule, world: World) -> Outcome:
    """Let a rule scale a world for as long as there is load."""
    instances, waiting, handled = [], [], []
    for _ in world.hours.arrives:
        wanted = rule.choose(world)
        if wanted != world.wanted:
            world.scale(wanted)
        world.step()
        instances.append(world.wanted)
        waiting.append(world.waiting)
        handled.append(world.handled)
    waits = _waits(list(accumulate(world.hours.arrives)), handled)
    moves = [
        (second, after - before)
        for second, (before, after) in enumerate(pairwise(instances))
        if after != before
    ]
    return Outcome(
        instance_hours=sum(instances) / 3600,
        changes=len(moves),
        reversals=sum(
            (first > 0) != (second > 0) and then - at < REVERSED_S
            for (at, first), (then, second) in pairwise(moves)
        ),
        late=sum(posts for wait, posts in waits if wait > LATE_S) / world.arrived,
        p99_s=_quantile(waits, 0.99),
        instances=instances,
        waiting=waiting,
    )


def _waits(arrived: Sequence[float], handled: Sequence[float]) -> list[tuple[float, float]]:
    """Return (seconds, posts) for the posts of each second: until as many were handled as had come."""
    found = []
    before = 0.0
    for second, after in enumerate(arrived):
        if after > before:
            middle = (before + after) / 2
            place = bisect_left(handled, middle, lo=second)
            done = handled[place - 1] if place else 0.0
            part = (middle - done) / (handled[place] - done) if place < len(handled) else 0.0
            found.append((max(0.0, place + part - (second + 0.5)), after - before))
        before = after
    return found


def _quantile(waits: Sequence[tuple[float, float]], share: float) -> float:
    left = share * sum(posts for _, posts in waits)
    for wait, posts in sorted(waits):
        left -= posts
        if left <= 0:
            return wait
    return 0.0
