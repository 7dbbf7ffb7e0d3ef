from catenae.observability.multiprocess import NodeTotals
from catenae.topology.local.outages import Outages

AWAY = NodeTotals(waits_for=frozenset({"StoreUnavailable"}))


def test_an_outage_is_told_once_and_so_is_its_end() -> None:
    outages = Outages()

    told = [list(outages.look({"counter": each})) for each in (AWAY, AWAY, NodeTotals(), NodeTotals())]

    assert told == [
        ["counter waits for the store, which does not answer; its log says more"],
        [],
        ["counter goes on"],
        [],
    ]
