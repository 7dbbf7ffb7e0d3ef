"""What a node counts, in one process and added up over many."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from catenae.observability.metrics import MAX_REASONS, BatchFigures, NodeMetrics
from catenae.observability.multiprocess import FOLDER_VARIABLE, MetricsFolder, NodeTotals

BATCH = BatchFigures(
    received={"texts": 3},
    sent={"counts": 2, "users": 1},
    handler_s=0.5,
    commit_s=0.25,
    elapsed_s=1,
    poll_s=0.125,
)
OF_NODE = {"topology": "depression", "node": "vectoriser"}

PROCESS = f"""
import os, signal
from prometheus_client import CollectorRegistry
from catenae.observability.metrics import BatchFigures, NodeMetrics

metrics = NodeMetrics("depression", "vectoriser", CollectorRegistry())
metrics.batch({BATCH!r})
metrics.dead_letter("ValueError")
metrics.lag("texts", 5)
metrics.ready(is_ready=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def metrics(registry: CollectorRegistry) -> NodeMetrics:
    return NodeMetrics("depression", "vectoriser", registry)


@pytest.mark.parametrize(
    ("name", "labels", "expected"),
    [
        ("messages_in_total", {"topic": "texts"}, 6),
        ("messages_out_total", {"topic": "counts"}, 4),
        ("messages_out_total", {"topic": "users"}, 2),
        ("batches_total", {}, 2),
        ("handler_seconds_total", {}, 1),
        ("commit_seconds_total", {}, 0.5),
        ("poll_seconds_total", {}, 0.25),
        ("batch_seconds_sum", {}, 2),
        ("batch_seconds_bucket", {"le": "0.5"}, 0),
        ("batch_seconds_bucket", {"le": "1.0"}, 2),
    ],
)
def test_batches_are_counted(
    metrics: NodeMetrics, registry: CollectorRegistry, name: str, labels: dict[str, str], expected: float
) -> None:
    metrics.batch(BATCH)
    metrics.batch(BATCH)

    assert registry.get_sample_value(f"catenae_{name}", OF_NODE | labels) == expected


@pytest.mark.parametrize(
    ("name", "labels", "expected"),
    [
        ("retries_total", {}, 1),
        ("fenced_total", {}, 1),
        ("dead_letters_total", {"reason": "ValueError"}, 1),
        ("dropped_total", {"reason": "too old"}, 7),
        ("lag_records", {"topic": "texts"}, 41),
        ("ready", {}, 1),
    ],
)
def test_events_are_counted(
    metrics: NodeMetrics, registry: CollectorRegistry, name: str, labels: dict[str, str], expected: float
) -> None:
    metrics.retried()
    metrics.fenced()
    metrics.dead_letter("ValueError")
    metrics.dropped("too old", 7)
    metrics.lag("texts", 41)
    metrics.ready(is_ready=True)

    assert registry.get_sample_value(f"catenae_{name}", OF_NODE | labels) == expected


def test_reasons_are_bounded(metrics: NodeMetrics, registry: CollectorRegistry) -> None:
    for number in range(MAX_REASONS + 10):
        metrics.dead_letter(f"reason {number}")
    metrics.dead_letter("reason 0")

    assert registry.get_sample_value("catenae_dead_letters_total", OF_NODE | {"reason": "other"}) == 10
    assert registry.get_sample_value("catenae_dead_letters_total", OF_NODE | {"reason": "reason 0"}) == 2


def start_and_kill(folder: Path) -> int:
    """Run a process that counts a batch and is killed; return its pid."""
    environment = os.environ | {FOLDER_VARIABLE: str(folder)}
    process = subprocess.Popen([sys.executable, "-c", PROCESS], env=environment)
    assert process.wait() == -signal.SIGKILL
    return process.pid


@pytest.mark.lengthy
def test_what_killed_processes_counted_is_added_up(tmp_path: Path) -> None:
    folder = MetricsFolder(tmp_path)
    pids = [start_and_kill(tmp_path), start_and_kill(tmp_path)]
    folder.forget(str(pids[0]))

    assert folder.totals() == {
        "vectoriser": NodeTotals(
            messages_in=6,
            messages_out=6,
            dead_letters=2,
            handler_s=1.0,
            commit_s=0.5,
            lag_records=5,
            ready_instances=1,
        )
    }
    exposition = generate_latest(folder).decode()
    assert (
        'catenae_messages_in_total{node="vectoriser",topic="texts",topology="depression"} 6.0' in exposition
    )
    assert "pid" not in exposition

    folder.clear()
    assert folder.totals() == {}


def test_a_file_just_created_is_no_obstacle(tmp_path: Path) -> None:
    folder = MetricsFolder(tmp_path / "metrics")
    (tmp_path / "metrics" / "counter_1.db").touch()

    assert folder.totals() == {}


COUNTING = """
import sys
from pathlib import Path
from prometheus_client import CollectorRegistry
from catenae.observability.metrics import NodeMetrics
from catenae.observability.multiprocess import Figures

folder = Path(sys.argv[1])
restore = Figures("vectoriser-0", folder).restore
metrics = NodeMetrics("depression", "vectoriser", CollectorRegistry(), restore)
for line in sys.stdin:
    metrics.retried()
    metrics.ready(is_ready=True)
    print(flush=True)
"""


@pytest.mark.lengthy
def test_figures_whose_files_were_removed_are_counted_anew(tmp_path: Path) -> None:
    folder = MetricsFolder(tmp_path / "metrics")
    command = [sys.executable, "-c", COUNTING, str(tmp_path / "metrics")]
    environment = os.environ | {FOLDER_VARIABLE: str(tmp_path / "metrics")}

    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdin is not None
        assert process.stdout is not None

        def count() -> NodeTotals:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(b"\n")
            process.stdin.flush()
            process.stdout.readline()
            return folder.totals()["vectoriser"]

        assert [count().retries, count().retries] == [1, 2]
        for _ in range(2):
            shutil.rmtree(tmp_path / "metrics")
            found = [count(), count()][1]
        process.stdin.close()

    assert found == NodeTotals(retries=1, ready_instances=1)
    folder.forget("vectoriser-0")
    assert folder.totals()["vectoriser"] == NodeTotals(retries=1)


@pytest.mark.lengthy
def test_a_file_that_is_damaged_is_left_out(tmp_path: Path) -> None:
    start_and_kill(tmp_path)
    (tmp_path / "counter_7.db").write_bytes(b"\xff" * 64)

    assert MetricsFolder(tmp_path).totals()["vectoriser"].dead_letters == 1
