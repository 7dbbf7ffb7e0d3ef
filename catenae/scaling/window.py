"""Figures out of totals that are looked at every few seconds: what happened a second over half a minute."""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from catenae.scaling.figures import Figures, Inflow, Load

COVERED_S = 30.0
RECENT_S = 5.0
# What was not looked at for longer is not known well enough: a process may have been suspended meanwhile.
LONGEST_GAP_S = 15.0
# So many messages in a window say how long one takes.
LEAST_HANDLED = 20
# About how long the runtime lets a batch take: in that time as many are handled as fit.
FULL_BATCH_S = 1.0


@dataclass(frozen=True, slots=True)
class InputTotals:
    """One topic that a node reads.

    due      records that are due and not handled
    waits_s  for how long the oldest of them has been
    ends     how many records are due, ever, by partition
    """

    due: int = 0
    waits_s: float = 0.0
    ends: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class NodeTotals:
    """One node: what its instances did since they began to count, and how it stands.

    handled, written  messages, by topic
    handler_s, rest_s seconds in handlers; in commits and at polls, without waiting
    others            as in `Load`
    """

    instances: int
    ready: int
    inputs: Mapping[str, InputTotals] = field(default_factory=dict)
    handled: Mapping[str, float] = field(default_factory=dict)
    written: Mapping[str, float] = field(default_factory=dict)
    batches: float = 0.0
    handler_s: float = 0.0
    rest_s: float = 0.0
    dead: float = 0.0
    waits_for: str = ""
    is_pinned: bool = False


@dataclass(frozen=True, slots=True)
class Sample:
    """All nodes at a moment, `at_s` seconds since 1970 UTC."""

    at_s: float
    nodes: Mapping[str, NodeTotals]


class Window:
    """The samples of the last half minute.

    batch_records  the most records of a batch, by node
    delayed        the inputs, as (node, topic), for which what is written now is no load yet
    """

    def __init__(self, batch_records: Mapping[str, int], delayed: Iterable[tuple[str, str]] = ()) -> None:
        self._batch_records = batch_records
        self._delayed = frozenset(delayed)
        self._samples: deque[Sample] = deque()

    def look(self, sample: Sample) -> None:
        """Take a sample; where the counting began anew, or nobody looked for a while, it is the first."""
        if self._samples and _begins_anew(self._samples[-1], sample):
            self._samples.clear()
        self._samples.append(sample)
        while len(self._samples) > 2 and sample.at_s - self._samples[1].at_s >= COVERED_S:
            self._samples.popleft()

    def figures(self, now_s: float) -> Figures:
        """Return what the samples come to."""
        if not self._samples:
            return Figures(now_s, {}, age_s=float("inf"), covers_s=0.0)
        first, last = self._samples[0], self._samples[-1]
        recent = next(
            each for each in reversed(self._samples) if each is first or last.at_s - each.at_s >= RECENT_S
        )
        loads = {
            node: self._load(node, totals, first, recent, last.at_s)
            for node, totals in last.nodes.items()
            if node in first.nodes and node in recent.nodes
        }
        return Figures(now_s, loads, max(0.0, now_s - last.at_s), last.at_s - first.at_s)

    def _load(self, node: str, totals: NodeTotals, first: Sample, recent: Sample, now_s: float) -> Load:
        long, short = _Span(first, node, totals, now_s), _Span(recent, node, totals, now_s)
        records = self._batch_records.get(node, 1)
        return Load(
            instances=totals.instances,
            ready=totals.ready,
            inflows=tuple(
                Inflow(
                    topic=topic,
                    arrives_per_s=long.arrived(topic),
                    recently_per_s=short.arrived(topic),
                    due=each.due,
                    waits_s=each.waits_s,
                    fullest=long.fullest(topic),
                    is_delayed=(node, topic) in self._delayed,
                )
                for topic, each in totals.inputs.items()
            ),
            handled_per_s=long.handled / long.elapsed_s,
            written_per_s=long.written(),
            rate_per_s=short.rate_per_s(records) or long.rate_per_s(records),
            busy=short.busy,
            dead_per_s=(totals.dead - long.before.dead) / long.elapsed_s,
            waits_for=totals.waits_for,
            is_pinned=totals.is_pinned,
        )


class _Span:
    """What a node did between two samples."""

    def __init__(self, then: Sample, node: str, now: NodeTotals, now_s: float) -> None:
        self.before = then.nodes[node]
        self.now = now
        self.elapsed_s = max(now_s - then.at_s, 1e-3)

    @property
    def handled(self) -> float:
        return sum(self.now.handled.values()) - sum(self.before.handled.values())

    @property
    def busy(self) -> float:
        """The share of the time of those that were there."""
        worked_s = self.now.handler_s + self.now.rest_s - self.before.handler_s - self.before.rest_s
        there = max(1.0, (self.now.ready + self.before.ready) / 2)
        return min(1.0, worked_s / self.elapsed_s / there)

    def arrived(self, topic: str) -> float:
        """Return what came a second: what was handled, and what waits now and did not then."""
        due = self.now.inputs[topic].due - self.before.inputs.get(topic, InputTotals()).due
        handled = self.now.handled.get(topic, 0.0) - self.before.handled.get(topic, 0.0)
        return max(0.0, (due + handled) / self.elapsed_s)

    def written(self) -> Mapping[str, float]:
        return {
            topic: (count - self.before.written.get(topic, 0.0)) / self.elapsed_s
            for topic, count in self.now.written.items()
        }

    def fullest(self, topic: str) -> float:
        """Return the largest partition's share of what came; 0 where so little came that it says nothing."""
        now, before = self.now.inputs[topic].ends, self.before.inputs.get(topic, InputTotals()).ends
        came = [after - former for after, former in zip(now, before, strict=False)]
        return max(came) / sum(came) if sum(came) >= 10 * LEAST_HANDLED else 0.0

    def rate_per_s(self, batch_records: int) -> float | None:
        """Return what an instance does that is never without records; None where too few were handled.

        A commit takes about as long whatever is in it. So with little to do, when each message has a commit
        of its own, there seems to be no time for more: what counts is a commit's share of a full batch.
        """
        handled, batches = self.handled, self.now.batches - self.before.batches
        handler_s = self.now.handler_s - self.before.handler_s
        rest_s = self.now.rest_s - self.before.rest_s
        if handled < LEAST_HANDLED or batches < 1 or handler_s <= 0:
            return None
        each_s = handler_s / handled
        full = max(handled / batches, min(batch_records, FULL_BATCH_S / each_s), 1.0)
        return 1.0 / (each_s + rest_s / batches / full)


def _begins_anew(before: Sample, now: Sample) -> bool:
    return not 0 < now.at_s - before.at_s <= LONGEST_GAP_S or any(
        sum(totals.handled.values()) < sum(before.nodes[node].handled.values())
        for node, totals in now.nodes.items()
        if node in before.nodes
    )
