from contextlib import closing

from prometheus_client import CollectorRegistry

from catenae import Node, Operations, Server, Topology
from catenae.brokers import open_broker
from catenae.observability.health import Health
from catenae.observability.metrics import NodeMetrics
from catenae.running.assembly import Place, Platform, assemble
from catenae.stores import open_store
from catenae.testing import FakeClock


class Reader(Server):
    """A server that cannot show some of what it has read."""

    def __init__(self, operations: Operations) -> None:
        operations.left_out(3)


def test_what_a_service_leaves_out_is_counted_for_its_node() -> None:
    node = Node("reader", f"{__name__}:Reader")
    topology = Topology("reading", nodes=(node,))
    clock, registry = FakeClock(), CollectorRegistry()
    with closing(open_broker("embedded:", clock)) as broker:
        broker.create_topics(topology.topic_specs())
        platform = Platform(broker, open_store("embedded:"), None, clock)
        metrics = NodeMetrics("reading", "reader", registry)
        assemble(
            Place(topology, node, "reader-0", {}), platform, metrics, Health(clock, progress_timeout_s=30)
        )

    of_it = {"topology": "reading", "node": "reader"}
    assert registry.get_sample_value("catenae_left_out_total", of_it) == 3
