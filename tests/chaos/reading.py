"""What there is after a trial: records, dead letters and documents, and where Sources say they are."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any

from catenae.broker import Broker
from catenae.codec.packing import unpack
from catenae.deployment.reading import read_spans
from catenae.message import Record
from catenae.runtime.dead_letters import GROUP, REASON, TOPIC, dead_topic
from catenae.store import Documents
from tests.chaos.declared import Declared
from tests.chaos.feeder import Feeder
from tests.chaos.verdict import Dead, Found, Seen

# A broker that was killed may still have transactions to end.
READS_WITHIN_S = 90.0


def found_in(
    declared: Declared, broker: Broker, documents: Documents, feeder: Feeder, bootstrap: str
) -> Found:
    """Read everything.

    bootstrap  of Kafka, which is read by a client that is none of ours; "" for a broker that only we read
    """
    topology = declared.topology
    letters = {dead_topic(topic) for topic in topology.data_topics()}
    letters &= {spec.name for spec in topology.topic_specs()}
    names = [*topology.data_topics(), *letters]
    if bootstrap:
        records = committed(bootstrap, names, topology.partitions)
    else:
        records = {name: list(read_spans(broker, name, broker.spans(name))) for name in names}
    return Found(
        topics={topic: [_seen(record) for record in records[topic]] for topic in topology.data_topics()},
        dead=[_letter(record, declared.groups) for topic in letters for record in records[topic]],
        documents={
            mark: {str(document["id"]): document for document in all_documents(documents, mark)}
            for mark in (str(node.options["mark"]) for node in topology.nodes if node.kind == "leaf")
        },
        acknowledged=feeder.acknowledged,
        generated={
            next(iter(node.outputs.values())): generated(broker, topology.group(node))
            for node in topology.nodes
            if node.is_source
        },
    )


def generated(broker: Broker, group: str) -> int:
    """Return how many messages a Source has generated, by what it would go on from."""
    positions = broker.positions(group).values()
    return max((int(unpack(each.note)) + 1 for each in positions if each.note), default=0)


def all_documents(documents: Documents, collection: str) -> Iterator[dict[str, Any]]:
    cursor = None
    while True:
        page = documents.find(collection, limit=1000, cursor=cursor)
        yield from (dict(each) for each in page.documents)
        cursor = page.cursor
        if cursor is None:
            return


def committed(bootstrap: str, topics: Sequence[str], partitions: int) -> dict[str, list[Record]]:
    """Return the records of each topic that a reader of committed records sees, partition by partition."""
    from confluent_kafka import Consumer, TopicPartition  # noqa: PLC0415  it may be missing where no Kafka is

    settings = {
        "bootstrap.servers": bootstrap,
        "group.id": "nobody",
        "isolation.level": "read_committed",
        "enable.partition.eof": True,
    }
    found: dict[tuple[str, int], list[Record]] = {
        (topic, number): [] for topic in topics for number in range(partitions)
    }
    with closing(Consumer(settings)) as consumer:
        consumer.assign([TopicPartition(topic, number, 0) for topic, number in found])
        unread = set(found)
        while unread:
            message = consumer.poll(READS_WITHIN_S)
            if message is None:
                raise TimeoutError(f"{sorted(unread)} do not come to an end")
            place = message.topic(), message.partition()
            if message.error() is not None:
                unread.discard(place)
            else:
                headers = dict(message.headers() or ())
                record = Record(place[0], message.key(), message.value(), headers, place[1], message.offset())
                found[place].append(record)
    return {
        topic: [each for number in range(partitions) for each in found[topic, number]] for topic in topics
    }


def _seen(record: Record) -> Seen:
    return Seen(record.partition, record.offset, (record.key or b"").decode(), _value(record))


def _letter(record: Record, groups: Mapping[str, str]) -> Dead:
    topic, group, reason = (record.headers[each].decode() for each in (TOPIC, GROUP, REASON))
    return Dead(topic, groups[group], _value(record)["path"], reason)


def _value(record: Record) -> dict[str, Any]:
    value: dict[str, Any] = unpack(record.value or b"")
    return value
