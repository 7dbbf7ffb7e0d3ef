"""From librdkafka's messages to records: the hottest lines of the adapter."""

from collections.abc import Sequence

from confluent_kafka import Message

from catenae.message import NO_HEADERS, Headers, Record, TopicPartition, record_of


def records_of(messages: Sequence[Message], ends: dict[TopicPartition, int]) -> list[Record]:
    """Return the records among `messages`; errors and ends of partitions are left out.

    ends  is told, for each partition with a record, the offset after its last one

    Neighbours with equal headers share one mapping, and neighbours of one topic its name.
    """
    records: list[Record] = []
    append = records.append
    topic, partition, offset = "", -1, 0
    last_given: object = None
    headers: Headers = NO_HEADERS
    for message in messages:
        if message.error() is not None:
            continue
        if message.partition() != partition or message.topic() != topic:
            if topic:
                ends[TopicPartition(topic, partition)] = offset + 1
            topic, partition = message.topic(), message.partition()
        given = message.headers()
        if given != last_given:
            last_given = given
            headers = {name: value or b"" for name, value in given} if given else NO_HEADERS
        offset = message.offset()
        append(
            record_of(
                (topic, message.key(), message.value(), headers, partition, offset, message.timestamp()[1])
            )
        )
    if topic:
        ends[TopicPartition(topic, partition)] = offset + 1
    return records
