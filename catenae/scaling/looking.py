"""Totals of every node: what its processes counted on this machine, and how far the broker says it is."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping

from prometheus_client import Metric

from catenae.broker import Broker, Input, Position, Span
from catenae.clock import Clock
from catenae.deployment.lag import reached_in
from catenae.message import TopicPartition
from catenae.running.local.scaling import Standing
from catenae.scaling.window import InputTotals, NodeTotals, Sample
from catenae.topology.graph import Topology
from catenae.topology.node import Node

Counted = Mapping[str, Mapping[str, float]]


class Looks:
    """Takes samples. Not thread-safe.

    counted    returns every metric of the instances
    standing   returns how many are wanted
    waits_for  says what an instance of a node cannot go on without; "" if there is nothing
    """

    def __init__(
        self,
        topology: Topology,
        broker: Broker,
        clock: Clock,
        counted: Callable[[], Iterable[Metric]],
        standing: Callable[[], Standing],
        waits_for: Callable[[str, int], str] = lambda _node, _instances: "",
    ) -> None:
        self._topology = topology
        self._broker = broker
        self._clock = clock
        self._counted = counted
        self._standing = standing
        self._waits_for = waits_for
        # Up to where each partition of a delayed input was due the last time.
        self._due: dict[tuple[str, TopicPartition], int] = {}

    def look(self) -> Sample:
        """Return how things stand. Raises as the broker does while it is away."""
        totals, by_topic = added_up(self._counted())
        wanted, pinned = self._standing()
        spans = {
            each.topic: self._broker.spans(each.topic) for n in self._topology.nodes for each in n.inputs
        }
        at_s = self._clock.now_s()
        nodes = {}
        for node in self._topology.nodes:
            of_node, instances = totals[node.name], wanted[node.name]
            nodes[node.name] = NodeTotals(
                instances=instances,
                ready=min(instances, int(of_node["catenae_ready"])),
                inputs=self._inputs(node, spans, at_s),
                handled=by_topic["catenae_messages_in_total"][node.name],
                written=by_topic["catenae_messages_out_total"][node.name],
                batches=of_node["catenae_batches_total"],
                handler_s=of_node["catenae_handler_seconds_total"],
                rest_s=of_node["catenae_commit_seconds_total"] + of_node["catenae_poll_seconds_total"],
                dead=of_node["catenae_dead_letters_total"],
                waits_for=self._waits_for(node.name, instances),
                is_pinned=node.name in pinned,
            )
        return Sample(at_s, nodes)

    def _inputs(
        self, node: Node, spans: Mapping[str, Iterable[Span]], at_s: float
    ) -> Mapping[str, InputTotals]:
        if not node.inputs:
            return {}
        positions = self._broker.positions(self._topology.group(node))
        return {
            each.topic: self._input(node.name, each, list(spans[each.topic]), positions, at_s)
            for each in node.inputs
        }

    def _input(
        self,
        node: str,
        read: Input,
        spans: list[Span],
        positions: Mapping[TopicPartition, Position],
        at_s: float,
    ) -> InputTotals:
        places = [TopicPartition(read.topic, number) for number in range(len(spans))]
        reached = [reached_in(span, positions.get(place)) for place, span in zip(places, spans, strict=True)]
        ends = [span.end for span in spans]
        if read.delay_s:
            before_ms = int((at_s - read.delay_s) * 1000)
            for number, place in enumerate(places):
                known = max(self._due.get((node, place), 0), reached[number])
                ends[number] = due_end(self._broker, place, known, ends[number], before_ms)
                self._due[node, place] = ends[number]
        due = [max(0, end - offset) for end, offset in zip(ends, reached, strict=True)]
        longest = max(range(len(due)), key=due.__getitem__, default=0)
        waits_s = 0.0
        if due and due[longest]:
            oldest = self._broker.read(read.topic, longest, reached[longest], 1)
            waits_s = max((at_s - read.delay_s - each.timestamp_ms / 1000 for each in oldest), default=0.0)
        return InputTotals(sum(due), max(0.0, waits_s), tuple(ends))


def due_end(broker: Broker, place: TopicPartition, start: int, end: int, before_ms: int) -> int:
    """Return the first offset from `start` on that was not written before that time; `end` if none."""
    step = 1
    while start < end:
        probe = min(start + step - 1, end - 1)
        found = broker.read(place.topic, place.partition, probe, 1)
        if found and found[0].timestamp_ms < before_ms:
            start = min(end, found[0].offset + 1)
            step *= 2
        else:
            end, step = probe, max(1, step // 4)
    return start


def added_up(metrics: Iterable[Metric]) -> tuple[Counted, Mapping[str, Mapping[str, Mapping[str, float]]]]:
    """Return node → metric → its sum, and metric → node → topic → its value."""
    totals: dict[str, defaultdict[str, float]] = defaultdict(lambda: defaultdict(float))
    by_topic: dict[str, defaultdict[str, dict[str, float]]] = defaultdict(lambda: defaultdict(dict))
    for metric in metrics:
        for sample in metric.samples:
            node = sample.labels.get("node")
            if node is not None:
                totals[node][sample.name] += sample.value
                if "topic" in sample.labels:
                    by_topic[sample.name][node][sample.labels["topic"]] = sample.value
    return totals, by_topic
