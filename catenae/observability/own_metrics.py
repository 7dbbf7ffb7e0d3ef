"""`Metrics` of a service, in the registry of its node."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from catenae.meters import Level, Meter, Spread

_NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")
RESERVED = "catenae_"
_LABELS = ("topology", "node")


class _Meter:
    def __init__(self, counter: Counter) -> None:
        self._counter = counter

    def add(self, amount: float = 1.0) -> None:
        self._counter.inc(amount)


class OwnMetrics:
    """What a service of this topology and node counts."""

    def __init__(self, topology: str, node: str, registry: CollectorRegistry) -> None:
        self._of = (topology, node)
        self._registry = registry
        self._made: dict[str, tuple[str, Any]] = {}

    def counter(self, name: str, text: str) -> Meter:
        def make() -> Meter:
            return _Meter(Counter(name, text, _LABELS, registry=self._registry).labels(*self._of))

        found: Meter = self._once("counter", name, make)
        return found

    def gauge(self, name: str, text: str) -> Level:
        def make() -> Level:
            gauge = Gauge(name, text, _LABELS, registry=self._registry, multiprocess_mode="livesum")
            return gauge.labels(*self._of)

        found: Level = self._once("gauge", name, make)
        return found

    def histogram(self, name: str, text: str, buckets: Sequence[float]) -> Spread:
        def make() -> Spread:
            histogram = Histogram(name, text, _LABELS, registry=self._registry, buckets=tuple(buckets))
            return histogram.labels(*self._of)

        found: Spread = self._once("histogram", name, make)
        return found

    def _once(self, kind: str, name: str, make: Callable[[], Any]) -> Any:
        if not _NAME.fullmatch(name) or name.startswith(RESERVED):
            raise ValueError(
                f"a {kind} is called {name!r}; give it a name of lower-case letters, digits and _, a letter "
                f"first, that does not begin with {RESERVED!r}"
            )
        known, made = self._made.get(name) or (kind, None)
        if known != kind:
            raise TypeError(f"{name!r} is a {known} already; give the {kind} another name")
        if made is None:
            made = make()
            self._made[name] = (kind, made)
        return made
