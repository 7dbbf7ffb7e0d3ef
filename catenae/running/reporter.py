"""What an instance tells about itself while it runs: lag and readiness as gauges, a line a minute."""

import logging
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

from prometheus_client.registry import Collector

from catenae.deployment.lag import left
from catenae.errors import CatenaeError
from catenae.observability.metrics import NodeMetrics
from catenae.observability.multiprocess import NodeTotals, node_totals
from catenae.running.assembly import Platform
from catenae.runtime.run import Instance
from catenae.topology.node import Node

logger = logging.getLogger(__name__)

FIRST_GAUGES_AFTER_S = 0.2
GAUGES_EVERY_S = 2.0
LINE_EVERY_S = 60.0
# A report that waits for a broker which is away holds up nobody who stops.
ENDS_WITHIN_S = 1.0


class Reporter:
    """Reports from a thread of its own, so that an instance that is stuck is reported as stuck.

    arrived  is called once, when the group has its first positions
    """

    def __init__(  # noqa: PLR0913, PLR0917  what is to be known of an instance to tell of it
        self,
        node: Node,
        group: str,
        platform: Platform,
        instance: Instance,
        metrics: NodeMetrics,
        registry: Collector,
        arrived: Callable[[], None] = lambda: None,
    ) -> None:
        self._node = node
        self._group = group
        self._broker = platform.broker
        self._clock = platform.clock
        self._instance = instance
        self._metrics = metrics
        self._registry = registry
        self._arrived = arrived
        self._has_arrived = False
        self._line_at_s = platform.clock.monotonic_s() + LINE_EVERY_S
        self._before = NodeTotals()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="reporter", daemon=True)

    def report(self) -> None:
        """Set the gauges, and log a line if a minute has passed since the last one.

        Lag is counted by what is committed: an instance that owns nothing, or is stuck, tells of it too.
        """
        self._metrics.ready(is_ready=self._instance.health.ready.is_ok)
        positions = self._broker.positions(self._group)
        for each in self._node.inputs:
            self._metrics.lag(each.topic, left(self._broker.spans(each.topic), each.topic, positions))
        if positions and not self._has_arrived:
            self._arrived()
            self._has_arrived = True
        now_s = self._clock.monotonic_s()
        if now_s >= self._line_at_s:
            self._line_at_s = now_s + LINE_EVERY_S
            self._log_rates()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self._thread.join(ENDS_WITHIN_S)

    def _run(self) -> None:
        pause_s = FIRST_GAUGES_AFTER_S
        while not self._closing.wait(pause_s):
            pause_s = GAUGES_EVERY_S
            try:
                self.report()
            except CatenaeError as error:
                if self._closing.is_set():
                    return
                logger.warning("report failed", extra={"error": type(error).__name__, "reason": str(error)})

    def _log_rates(self) -> None:
        totals = node_totals(self._registry.collect()).get(self._node.name, NodeTotals())
        logger.info(
            "running",
            extra={
                "in_per_s": round((totals.messages_in - self._before.messages_in) / LINE_EVERY_S, 1),
                "out_per_s": round((totals.messages_out - self._before.messages_out) / LINE_EVERY_S, 1),
                "lag": totals.lag_records,
                "retries": totals.retries,
                "dead_letters": totals.dead_letters,
            },
        )
        self._before = totals
