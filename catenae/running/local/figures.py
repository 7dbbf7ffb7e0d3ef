"""What `/metrics` shows under `catenae up`: the figures of all instances, and the supervisor's own."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from catenae.running.local.status import NodeStatus, Status

_LABELS = ("topology", "node")
_GAUGES: tuple[tuple[str, str, Callable[[NodeStatus], float]], ...] = (
    ("instances", "Processes that are up", lambda node: node.running),
    ("instances_wanted", "Processes that are to be up", lambda node: node.wanted),
    ("failures_in_a_row", "How often an instance has failed in a row of late", lambda node: node.failures),
    ("in_per_second", "Messages handled per second, of late", lambda node: node.in_per_s),
    ("out_per_second", "Messages written per second, of late", lambda node: node.out_per_s),
)


class SupervisedFigures:
    """Adds the supervisor's figures to those of the instances. A Prometheus collector.

    told  returns what an autoscaler says of each node
    """

    def __init__(
        self,
        figures: Collector,
        status: Callable[[], Status],
        told: Callable[[], Mapping[str, Mapping[str, Any]]] = dict,
    ) -> None:
        self._figures = figures
        self._status = status
        self._told = told

    def collect(self) -> Iterable[Metric]:
        """Return every metric."""
        yield from self._figures.collect()
        status = self._status()
        for name, text, value in _GAUGES:
            gauge = GaugeMetricFamily(f"catenae_{name}", text, labels=_LABELS)
            for node in status.nodes:
                gauge.add_metric((status.topology, node.name), value(node))
            yield gauge
        restarts = CounterMetricFamily(
            "catenae_restarts", "Processes started after a failure", labels=_LABELS
        )
        for node in status.nodes:
            restarts.add_metric((status.topology, node.name), node.restarts)
        yield restarts
        yield from self._scalings(status.topology)

    def _scalings(self, topology: str) -> Iterable[Metric]:
        needed = GaugeMetricFamily(
            "catenae_instances_needed",
            "Instances that the load asks for, as the autoscaler sees it",
            labels=_LABELS,
        )
        scalings = CounterMetricFamily(
            "catenae_scalings", "Times that the autoscaler changed how many there are", labels=_LABELS
        )
        for node, told in self._told().items():
            scalings.add_metric((topology, node), told["changes"])
            if told["need"] is not None:
                needed.add_metric((topology, node), told["need"])
        yield needed
        yield scalings
