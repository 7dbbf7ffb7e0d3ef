import logging

import pytest
from prometheus_client import CollectorRegistry

from catenae.errors import Loss, RecordsLost, StateLost
from catenae.observability.metrics import NodeMetrics
from catenae.runtime.losses import tell_of_losses

LOST = RecordsLost("shop.sum", [Loss("orders", 2, 10, 89, 79, "they were deleted")])
UNKNOWN = RecordsLost("shop.sum", [Loss("orders", 2, 10, 0, 0, "it was made again")])


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


def counted(registry: CollectorRegistry) -> float | None:
    labels = {"topology": "shop", "node": "sum", "topic": "orders"}
    return registry.get_sample_value("catenae_lost_total", labels)


def test_a_node_without_state_goes_on_and_says_how_many_are_lost(
    registry: CollectorRegistry, caplog: pytest.LogCaptureFixture
) -> None:
    tell_of_losses(NodeMetrics("shop", "sum", registry), None)(LOST)

    (record,) = caplog.records
    assert (record.levelno, vars(record)["records"], counted(registry)) == (logging.ERROR, 79, 79)


def test_a_node_with_state_refuses_and_names_where_it_was(registry: CollectorRegistry) -> None:
    tell = tell_of_losses(NodeMetrics("shop", "sum", registry), "shop.sum")

    with pytest.raises(StateLost, match=r"partition 2, it was at orders@10 and they were deleted.*reset"):
        tell(LOST)


def test_a_number_that_nobody_knows_is_seen_in_the_figures_all_the_same(registry: CollectorRegistry) -> None:
    tell_of_losses(NodeMetrics("shop", "sum", registry), None)(UNKNOWN)

    assert counted(registry) == 1
