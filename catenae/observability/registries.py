"""The metrics of several nodes in one process: each has a registry, and they are shown as one."""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Metric
from prometheus_client.registry import Collector


class Registries(Collector):
    """Registries, of which the metrics of equal names are one. Samples tell nodes apart by their labels."""

    def __init__(self) -> None:
        self._registries: list[CollectorRegistry] = []

    def new(self) -> CollectorRegistry:
        """Return a registry that is shown with the others."""
        self._registries.append(CollectorRegistry())
        return self._registries[-1]

    def collect(self) -> Iterable[Metric]:
        """Return every metric."""
        found: dict[str, Metric] = {}
        for each in (metric for registry in self._registries for metric in registry.collect()):
            known = found.setdefault(each.name, each)
            if known is not each:
                known.samples.extend(each.samples)
        return found.values()
