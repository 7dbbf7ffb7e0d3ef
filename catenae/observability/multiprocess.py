"""The metrics of all processes of one machine, added up: one port shows them all.

Each process keeps its figures in files of its own, which outlive it, in the folder that the environment
variable FOLDER_VARIABLE names; prometheus_client reads it when imported, so it must be set before a process
starts. What a process counted stays counted after its death, also by `kill -9`; its gauges go with `forget`.
A process that is restarted under the same name goes on counting in the same files.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from prometheus_client import Metric, values
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"


def keep_figures_as(member: str) -> None:
    """Name this process's files after `member`; call before its first metric is made.

    By process id, as prometheus_client does unless told, every restart would leave files behind for good.
    """
    name = _file_name(member)
    values.ValueClass = values.MultiProcessValue(lambda: name)  # type: ignore[no-untyped-call]


@dataclass(frozen=True, slots=True)
class NodeTotals:
    """What the processes of a node counted since the folder was cleared; from lag on, as of now."""

    messages_in: int = 0
    messages_out: int = 0
    retries: int = 0
    dead_letters: int = 0
    dropped: int = 0
    handler_s: float = 0.0
    commit_s: float = 0.0
    lag_records: int = 0
    ready_instances: int = 0
    progress: float | None = None


class MetricsFolder:
    """The folder of a topology's figures, for the process that shows them. A Prometheus collector."""

    def __init__(self, path: Path) -> None:
        """Create the folder where it is missing."""
        self._path = path
        path.mkdir(parents=True, exist_ok=True)
        # Only this object removes files: the lock keeps them in place while they are read.
        self._lock = Lock()

    def clear(self) -> None:
        """Begin to count from 0. Call before the first process starts."""
        with self._lock:
            for file in self._path.glob("*.db"):
                file.unlink()

    def forget(self, member: str) -> None:
        """Drop the gauges of a process that has ended; its counters stay."""
        with self._lock:
            mark_process_dead(_file_name(member), str(self._path))  # type: ignore[no-untyped-call]

    def collect(self) -> Iterable[Metric]:
        """Return every metric, added up over the processes."""
        with self._lock:
            # A file is empty for the moment between being created and being given its size.
            files = [str(file) for file in self._path.glob("*.db") if file.stat().st_size]
            metrics: Iterable[Metric] = MultiProcessCollector.merge(files)  # type: ignore[no-untyped-call]
        return metrics

    def totals(self) -> Mapping[str, NodeTotals]:
        """Return the totals of every node that has counted anything."""
        return node_totals(self.collect())


def node_totals(metrics: Iterable[Metric]) -> Mapping[str, NodeTotals]:
    """Return the totals of every node that has counted anything in `metrics`."""
    sums: dict[str, defaultdict[str, float]] = defaultdict(lambda: defaultdict(float))
    for metric in metrics:
        for sample in metric.samples:
            if "node" in sample.labels:
                sums[sample.labels["node"]][sample.name] += sample.value
    return {node: _totals(samples) for node, samples in sums.items()}


def _totals(samples: defaultdict[str, float]) -> NodeTotals:
    return NodeTotals(
        messages_in=int(samples["catenae_messages_in_total"]),
        messages_out=int(samples["catenae_messages_out_total"]),
        retries=int(samples["catenae_retries_total"]),
        dead_letters=int(samples["catenae_dead_letters_total"]),
        dropped=int(samples["catenae_dropped_total"]),
        handler_s=samples["catenae_handler_seconds_total"],
        commit_s=samples["catenae_commit_seconds_total"],
        lag_records=int(samples["catenae_lag_records"]),
        ready_instances=int(samples["catenae_ready"]),
        progress=samples.get("catenae_source_progress"),
    )


def _file_name(member: str) -> str:
    """prometheus_client cuts the names of its files at underscores."""
    return member.replace("_", "-")
