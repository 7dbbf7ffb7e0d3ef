"""What a node counts, for Prometheus. One `NodeMetrics` per process, told once per batch.

Counters add up over the processes of a node. So does `catenae_ready`, over those that run: to the instances
that are ready. Each instance tells the lag of the whole node, so that one that owns nothing hides nothing.
"""

from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from catenae.observability.own_metrics import OwnMetrics

MAX_REASONS = 50
OTHER_REASONS = "other"

Added = Literal["livesum", "livemax"]

_NODE = ("topology", "node")
_BATCH_BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class BatchFigures(NamedTuple):
    """One committed batch.

    received   messages handled, by topic
    sent       messages written, by topic
    handler_s  seconds in the microservice's own code
    commit_s   seconds in which state, outputs and positions were made durable
    elapsed_s  seconds from the end of the poll to the end of the commit
    poll_s     seconds of work in the polls since the batch before, without waiting
    """

    received: Mapping[str, int]
    sent: Mapping[str, int]
    handler_s: float
    commit_s: float
    elapsed_s: float
    poll_s: float = 0.0


class NodeMetrics:
    """The counters and gauges of one instance of a node. Thread-safe.

    own  what the service itself counts
    """

    def __init__(
        self,
        topology: str,
        node: str,
        registry: CollectorRegistry,
        restore: Callable[[], None] = lambda: None,
    ) -> None:
        """Count for an instance of `node`; `restore` sees now and then that there is still where to count."""

        def counter(name: str, text: str, *labels: str) -> Counter:
            return Counter(f"catenae_{name}", text, (*_NODE, *labels), registry=registry)

        def gauge(name: str, text: str, *labels: str, mode: Added = "livesum") -> Gauge:
            return Gauge(
                f"catenae_{name}", text, (*_NODE, *labels), registry=registry, multiprocess_mode=mode
            )

        self.own = OwnMetrics(topology, node, registry)
        of = (topology, node)
        self._node = of
        self._received = counter("messages_in", "Messages handled", "topic")
        self._sent = counter("messages_out", "Messages written", "topic")
        self._batches = counter("batches", "Batches committed").labels(*of)
        self._handler_s = counter("handler_seconds", "Seconds in the microservice's code").labels(*of)
        self._commit_s = counter("commit_seconds", "Seconds in commits").labels(*of)
        self._poll_s = counter("poll_seconds", "Seconds of work at polls, without waiting").labels(*of)
        self._batch_s = Histogram(
            "catenae_batch_seconds", "Seconds per batch", _NODE, registry=registry, buckets=_BATCH_BUCKETS_S
        ).labels(*of)
        self._retries = counter("retries", "Handler calls repeated after a transient error").labels(*of)
        self._fenced = counter("fenced", "Batches given up to a new owner of the partition").labels(*of)
        self._repeated = counter("repeated", "Messages handled again for State that was lost").labels(*of)
        self._dead_letters = counter("dead_letters", "Messages set aside", "reason")
        self._lost = counter("lost", "Records deleted or lost before they were handled", "topic")
        self._dropped = counter("dropped", "Messages dropped", "reason")
        self._unsealed = counter(
            "unsealed", "Messages from outside whose control headers were ignored"
        ).labels(*of)
        self._left_out = counter("left_out", "Documents a server could not show").labels(*of)
        self._lag = gauge("lag_records", "Records the node has not handled yet", "topic", mode="livemax")
        self._ready = gauge("ready", "Instances that get on with their work").labels(*of)
        self._paused = gauge("paused", "Instances that stand still because a person wants it").labels(*of)
        self._refused = counter("control_refused", "Requests to an instance that did not count", "reason")
        self._restore = restore
        self._progress = gauge("source_progress", "How much of a Source's input it has generated, 0 to 1")
        self._reasons: set[str] = set()

    def batch(self, figures: BatchFigures) -> None:
        """Count a batch that was committed."""
        for topic, messages in figures.received.items():
            self._received.labels(*self._node, topic).inc(messages)
        for topic, messages in figures.sent.items():
            self._sent.labels(*self._node, topic).inc(messages)
        self._batches.inc()
        self._handler_s.inc(figures.handler_s)
        self._commit_s.inc(figures.commit_s)
        self._poll_s.inc(figures.poll_s)
        self._batch_s.observe(figures.elapsed_s)

    def retried(self) -> None:
        """Count a handler call that is repeated."""
        self._retries.inc()

    def fenced(self) -> None:
        """Count a batch that another owner of the partition will do again."""
        self._fenced.inc()

    def repeated(self, messages: int) -> None:
        """Count messages that were handled again because the store had lost what came of them."""
        self._repeated.inc(messages)

    def dead_letter(self, reason: str, messages: int = 1) -> None:
        """Count messages set aside; `reason` is a class of error or a few fixed words."""
        self._dead_letters.labels(*self._node, self._bounded(reason)).inc(messages)

    def dropped(self, reason: str, messages: int = 1) -> None:
        """Count messages dropped; `reason` as in `dead_letter`."""
        self._dropped.labels(*self._node, self._bounded(reason)).inc(messages)

    def unsealed(self, messages: int) -> None:
        """Count messages taken without the control headers that somebody else gave them."""
        self._unsealed.inc(messages)

    def left_out(self, documents: int) -> None:
        """Count documents that a server left out of what it showed."""
        self._left_out.inc(documents)

    def lost(self, topic: str, records: int) -> None:
        """Count records that the node will never handle, because the broker has them no longer."""
        self._lost.labels(*self._node, topic).inc(records)

    def lag(self, topic: str, records: int) -> None:
        """Set how many records the node has not handled yet, whichever instance is to."""
        self._lag.labels(*self._node, topic).set(records)

    def ready(self, *, is_ready: bool) -> None:
        """Set whether this instance gets on with its work."""
        self._restore()
        self._ready.set(is_ready)

    def paused(self, *, is_paused: bool) -> None:
        """Set whether this instance stands still because a person wants it to."""
        self._paused.set(is_paused)

    def control_refused(self, reason: str) -> None:
        """Count a request on the control channel that does not count; `reason` is one of a few words."""
        self._refused.labels(*self._node, reason).inc()

    def progress(self, share: float) -> None:
        """Set how much of all there is a Source has generated."""
        self._progress.labels(*self._node).set(share)

    def _bounded(self, reason: str) -> str:
        """Return `reason`, or OTHER_REASONS once there are so many that they would fill the memory."""
        if reason not in self._reasons:
            if len(self._reasons) >= MAX_REASONS:
                return OTHER_REASONS
            self._reasons.add(reason)
        return reason
