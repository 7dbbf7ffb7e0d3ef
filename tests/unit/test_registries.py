"""The metrics of several nodes of one process."""

from prometheus_client import generate_latest

from catenae.observability.metrics import NodeMetrics
from catenae.observability.registries import Registries


def test_each_metric_is_there_once_with_the_samples_of_every_node() -> None:
    registries = Registries()
    for node in ("split", "count"):
        metrics = NodeMetrics("words", node, registries.new())
        metrics.retried()
        metrics.own.counter("tries", "Tries").add(2)
    shown = generate_latest(registries).decode()

    assert shown.count("# TYPE catenae_retries_total counter") == 1
    assert shown.count("# TYPE tries_total counter") == 1
    for node in ("split", "count"):
        assert f'catenae_retries_total{{node="{node}",topology="words"}} 1.0' in shown
        assert f'tries_total{{node="{node}",topology="words"}} 2.0' in shown
