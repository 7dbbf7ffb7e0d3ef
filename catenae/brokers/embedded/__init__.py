"""Topics in an append-only log on this machine, shared by local processes through LMDB.

layout      what the bytes look like, and nothing else
log         topics, records and positions inside one transaction
log_time    the time that leases, delays and retention go by
membership  who owns which partitions, as plain data
session     one member of a group
broker      the contract put together
"""

from catenae.brokers.embedded.broker import EmbeddedBroker

__all__ = ["EmbeddedBroker"]
