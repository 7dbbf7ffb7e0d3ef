"""The rules: ours, and those of others as their documentation and sources have them, with their defaults."""

import math
from collections import deque

from benchmarks.autoscaling.world import PARTITIONS, World
from catenae.scaling.history import History
from catenae.scaling.limits import Limits
from catenae.scaling.rule import decide
from catenae.scaling.window import InputTotals, NodeTotals, Sample, Window

NODE, TOPIC = "classifier", "texts"
LOOKS_EVERY_S = 5
EPOCH_S = 1_700_000_000.0


class Static:
    """As many as the peak needs, all the time."""

    def __init__(self, instances: int) -> None:
        self._instances = instances

    def choose(self, world: World) -> int:
        return self._instances if world.wanted else 1


class Ours:
    """`catenae.scaling` as it runs: every five seconds, from totals."""

    def __init__(self, target: float) -> None:
        self._limits = {NODE: Limits(least=1, most=PARTITIONS, target=target, partitions=PARTITIONS)}
        self._window = Window({NODE: 1000})
        self._history = History()

    def choose(self, world: World) -> int:
        if world.second % LOOKS_EVERY_S:
            return world.wanted
        now_s = EPOCH_S + world.second
        totals = NodeTotals(
            world.wanted,
            world.ready,
            inputs={TOPIC: InputTotals(int(world.waiting))},
            handled={TOPIC: world.handled},
            batches=world.second,
            handler_s=world.busy_s,
        )
        self._window.look(Sample(now_s, {NODE: totals}))
        figures = self._window.figures(now_s)
        decisions = decide(figures, self._history, self._limits)
        self._history = self._history.after(figures, self._limits, decisions)
        return decisions[0].replicas if decisions else world.wanted


class Keda:
    """KEDA's Kafka scaler behind a HorizontalPodAutoscaler, as of KEDA 2.17 and Kubernetes 1.33.

    Wanted: lag over threshold, at most one per partition, looked at every 30 s by KEDA and every 15 s by the
    other; nothing within a tenth; up by the double or four in 15 s, down to the highest of the last 300 s.
    """

    def __init__(self, threshold: int) -> None:
        self._threshold = threshold
        self._lag = 0.0
        self._recommended: deque[int] = deque(maxlen=20)

    def choose(self, world: World) -> int:
        now = world.wanted
        if world.second % 30 == 0:
            self._lag = world.waiting
        if world.second % 15:
            return now
        ratio = self._lag / self._threshold / now
        wanted = now if abs(ratio - 1) <= 0.1 else math.ceil(self._lag / self._threshold)
        wanted = max(1, min(wanted, PARTITIONS))
        self._recommended.append(wanted)
        if wanted > now:
            return min(wanted, max(2 * now, now + 4))
        return min(now, max(self._recommended))


class Numaflow:
    """Numaflow's for what reads, as of 1.4: what waits is to be handled in 20 s, at the rate of late.

    One change in 90 s, by two at most; nothing that waits is the least.
    """

    def __init__(self) -> None:
        self._handled: deque[float] = deque(maxlen=121)
        self._changed_at = -90

    def choose(self, world: World) -> int:
        self._handled.append(world.handled)
        now = world.wanted
        if world.second - self._changed_at < 90 or len(self._handled) < 60:
            return now
        rate_per_s = (self._handled[-1] - self._handled[0]) / (len(self._handled) - 1)
        if world.waiting < 1 or rate_per_s <= 0:
            wanted = 1
        else:
            wanted = max(1, min(PARTITIONS, round(world.waiting / 20 / rate_per_s * now)))
        wanted = max(now - 2, min(now + 2, wanted))
        if wanted != now:
            self._changed_at = world.second
        return wanted


class Flink:
    """The autoscaler of Flink's Kubernetes operator, as of 1.12, with shorter defaults: true rates, .7 busy.

    Metrics of five minutes instead of fifteen, settled after one instead of five; within .3 of its target
    nothing changes, what waits is caught up with in ten minutes instead of thirty, less after five instead of
    sixty; a change restarts the job, which takes half a minute.
    """

    def __init__(self) -> None:
        self._looks: deque[tuple[float, float, float]] = deque(maxlen=301)
        self._changed_at = 0
        self._lower_since: int | None = None

    def choose(self, world: World) -> int:
        self._looks.append((world.arrived, world.handled, world.busy_s))
        now = world.wanted
        if world.second % 60 or world.second - self._changed_at < 60 + len(self._looks) // 301:
            return now
        arrived, handled, busy_s = (
            after - before for after, before in zip(self._looks[-1], self._looks[0], strict=True)
        )
        elapsed_s = max(1, len(self._looks) - 1)
        if handled <= 0 or busy_s <= 0 or elapsed_s < 60:
            return now
        rate_per_s = handled / busy_s
        asked_per_s = arrived / elapsed_s + world.waiting / 600
        is_within = asked_per_s / 1.0 <= now * rate_per_s and asked_per_s / 0.4 >= now * rate_per_s
        if is_within:
            self._lower_since = None
            return now
        wanted = max(1, min(PARTITIONS, math.ceil(asked_per_s / (rate_per_s * 0.7))))
        if wanted < now:
            self._lower_since = world.second if self._lower_since is None else self._lower_since
            if world.second - self._lower_since < 300:
                return now
        self._lower_since = None
        self._changed_at = world.second
        self._looks.clear()
        return wanted
