from typing import Any

from prometheus_client import CollectorRegistry, Counter, generate_latest

from catenae.running.local import NodeStatus, Status
from catenae.running.local.figures import SupervisedFigures

NODE = NodeStatus("replay", running=0, wanted=1, out_per_s=12.5, restarts=4, failures=3)


def test_metrics_tell_what_an_autoscaler_has_done_and_sees() -> None:
    told: dict[str, dict[str, Any]] = {
        "replay": {"changes": 2, "need": 3.5},
        "other": {"changes": 0, "need": None},
    }
    figures = SupervisedFigures(CollectorRegistry(), lambda: Status("words", 1.0, ()), lambda: told)
    shown = generate_latest(figures).decode()

    assert 'catenae_scalings_total{node="replay",topology="words"} 2.0\n' in shown
    assert 'catenae_instances_needed{node="replay",topology="words"} 3.5\n' in shown
    assert 'catenae_instances_needed{node="other"' not in shown


def test_metrics_tell_a_source_s_rate_and_a_crash_loop_beside_the_instances_figures() -> None:
    registry = CollectorRegistry()
    Counter("catenae_batches", "Batches", registry=registry).inc(3)
    shown = generate_latest(SupervisedFigures(registry, lambda: Status("words", 1.0, (NODE,)))).decode()

    labels = '{node="replay",topology="words"}'
    assert "catenae_batches_total 3.0\n" in shown
    for name, value in (
        ("instances", 0), ("instances_wanted", 1), ("failures_in_a_row", 3), ("out_per_second", 12.5),
        ("restarts_total", 4),
    ):  # fmt: skip
        assert f"catenae_{name}{labels} {float(value)}\n" in shown
