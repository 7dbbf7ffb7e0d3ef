"""Topics in Apache Kafka 4 or newer, through kafka-python or confluent-kafka.

address      what the URL and the environment say
client       the few things that either client does for us; nothing above them knows which one it is
stored       what Kafka keeps of a position
group_positions  how far a group is, compared with what is there and kept once more
ownership    which partitions a member owns
patience     how long a read waits
buffer       records fetched and not yet handed over
replication  how many brokers are to hold each record
entry        what the properties say of how to get in
admission    whether Kafka lets us in, asked before a client tries, in the words of `wire`
bounded      calls that a client may let wait for ever, ended after a while
bounded_client  either client, with all its calls bounded
transaction  how outputs and positions are written: at once, or one after the other
session      one member of a group
broker       the contract put together

confluent/     confluent-kafka (librdkafka): about three times the records per CPU second
kafka_python/  kafka-python: pure Python, nothing to build

What Kafka makes of the contract:

- Offsets have gaps: each transaction leaves a marker in every partition it wrote to. A position moves past
  markers as soon as no record is left before them, so lag reaches 0.
- A member is known by its name (static membership): one that is restarted within the session time takes over
  its own partitions at once, without a rebalance. The name is also the id of its transactions, so that those
  of a killed one end when it comes back, and after `TRANSACTION_TIMEOUT_S` if it does not.
- Groups with one input rebalance cooperatively; those with several use the `range` assignor, which keeps
  equal partition numbers together and stops the group for a moment.
- `TopicSpec.retention_s` is a topic's `retention.ms`, and Kafka deletes what is older whether or not every
  group has passed it. `retention_bytes` is not passed on, because it would delete unread records in a burst.
- A topic that exists is given the retention it is declared with, unless it is another's; the number of
  partitions is checked, and fewer replicas than are asked for are told.
- Kafka removes whole segments, so that a record may stay a seventh longer than its retention.
- A member's client never decides where it goes on: `group_positions` does, and tells what is lost.
"""

import os
from collections.abc import Sequence
from contextlib import closing

from catenae.broker import AS_THE_BROKER_HAS_IT, Replication, TopicSpec
from catenae.brokers.kafka.address import Address
from catenae.brokers.kafka.admission import Admission
from catenae.brokers.kafka.bounded_client import BoundedClient
from catenae.brokers.kafka.broker import KafkaBroker
from catenae.brokers.kafka.choice import open_client
from catenae.brokers.kafka.endings import endings_at
from catenae.brokers.kafka.permission import Permission
from catenae.clock import Clock, SystemClock

__all__ = ["open_kafka", "permit"]


def open_kafka(
    address: str,
    clock: Clock | None = None,
    lease_s: float = 5.0,
    replication: Replication = AS_THE_BROKER_HAS_IT,
) -> KafkaBroker:
    """Open the broker at `//host:port,…?property=value&…`; properties come from `CATENAE_KAFKA_…` as well.

    replication  of topics that are created, where the address does not say it

    Nothing is connected before the first call. Raises ConfigError for an address that cannot be used and for
    a client that is not installed.
    """
    where = Address.parse(address, os.environ)
    # First: a client says of a property that cannot be used less.
    endings = endings_at(where)
    return KafkaBroker(
        _client(where, lease_s),
        endings,
        clock or SystemClock(),
        where.replication.or_else(replication),
    )


def permit(address: str, permissions: Sequence[Permission], topics: Sequence[TopicSpec]) -> None:
    """Have the authorizer allow all of this, and give topics that exist their retention.

    It takes a principal that may alter the cluster.
    """
    with closing(_client(Address.parse(address, os.environ), lease_s=5.0).admin()) as admin:
        admin.permit(permissions)
    with closing(open_kafka(address)) as broker:
        there = broker.topics()
        broker.create_topics([each for each in topics if each.name in there])


def _client(where: Address, lease_s: float) -> BoundedClient:
    return BoundedClient(open_client(where, lease_s), Admission.of(where).require)
