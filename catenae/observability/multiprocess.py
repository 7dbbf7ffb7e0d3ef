"""The metrics of all processes of one machine, added up: one port shows them all.

Each process keeps its figures in files of its own, which outlive it, in the folder that the environment
variable FOLDER_VARIABLE names; prometheus_client reads it when imported, so it must be set before a process
starts. What a process counted stays counted after its death, also by `kill -9`; its gauges go with `forget`.
A process that is restarted under the same name goes on counting in the same files.

The files are for looking at. Where they are removed they are made anew, beginning at 0, and one that is
damaged is left out.
"""

import os
from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from prometheus_client import Metric, values
from prometheus_client.multiprocess import MultiProcessCollector

from catenae.private_files import private_folder

FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"


class Figures:
    """The files in which this process counts."""

    def __init__(self, member: str, folder: Path) -> None:
        """Name them after `member`; call before the first metric of the process is made.

        By process id, as prometheus_client does unless told, every restart would leave files behind for good.
        Where there can be no folder, the process counts for itself.
        """
        self._member = _file_name(member)
        self._folder = folder
        self._name = self._member
        self._made = 0
        self._rounds = 0
        try:
            private_folder(folder)
        except OSError:
            values.ValueClass = values.MutexValue
        else:
            values.ValueClass = values.MultiProcessValue(lambda: self._name)  # type: ignore[no-untyped-call]

    def restore(self) -> None:
        """Go on in new files if one has been removed; call it every now and then."""
        found = len(list(self._folder.glob(f"*_{self._name}.db")))
        if found >= self._made:
            self._made = found
            return
        with suppress(OSError):
            private_folder(self._folder)
            self._rounds += 1
            self._made = 0
            # prometheus_client takes another name for a fork, and opens files of that name for every metric.
            self._name = f"{self._member}.{self._rounds}"


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
        private_folder(path)
        # Of what runs here only this object removes files: the lock keeps them in place while they are read.
        self._lock = Lock()

    def clear(self) -> None:
        """Begin to count from 0. Call before the first process starts."""
        with self._lock:
            for file in self._path.glob("*.db"):
                file.unlink(missing_ok=True)

    def forget(self, member: str) -> None:
        """Drop the gauges of a process that has ended; its counters stay."""
        with self._lock:
            for name in (_file_name(member), f"{_file_name(member)}.*"):
                for file in self._path.glob(f"gauge_live*_{name}.db"):
                    file.unlink(missing_ok=True)

    def collect(self) -> Iterable[Metric]:
        """Return every metric, added up over the processes."""
        with self._lock:
            files = [str(file) for file in self._path.glob("*.db")]
            try:
                return _merged(files)
            except Exception:  # noqa: BLE001  whatever a file that is not whole makes of its reader
                return _merged([file for file in files if _is_readable(file)])

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


def _merged(files: list[str]) -> Iterable[Metric]:
    # A file is empty for the moment between being created and being given its size.
    filled = [file for file in files if os.stat(file).st_size]  # noqa: PTH116
    merged: Iterable[Metric] = MultiProcessCollector.merge(filled)  # type: ignore[no-untyped-call]
    return merged


def _is_readable(file: str) -> bool:
    try:
        _merged([file])
    except Exception:  # noqa: BLE001  as in `collect`
        return False
    return True


def _file_name(member: str) -> str:
    """prometheus_client cuts the names of its files at underscores."""
    return member.replace("_", "-")
