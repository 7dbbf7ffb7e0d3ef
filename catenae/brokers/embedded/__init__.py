"""Topics in an append-only log on this machine, shared by local processes through LMDB.

layout      what the bytes look like, and nothing else
log         topics, records and positions inside one transaction
log_time    the time that leases, delays and retention go by
membership  who owns which partitions, as plain data
session     one member of a group
chain       sessions of several groups that commit as one, and hand on what is not written yet
ahead       what they hand on, and where it will be
broker      the contract put together
"""

from catenae.broker import Replication
from catenae.brokers.embedded.broker import EmbeddedBroker
from catenae.clock import Clock

__all__ = ["EmbeddedBroker", "open_embedded"]


def open_embedded(
    address: str,
    clock: Clock | None,
    lease_s: float,
    replication: Replication,  # noqa: ARG001  there is one copy, on this machine
) -> EmbeddedBroker:
    """Open the broker at an address, the part of its URL after the colon."""
    return EmbeddedBroker(address, clock, lease_s)
