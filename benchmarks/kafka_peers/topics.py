"""The topics of the benchmark: filled before it, and looked through after each run."""

import json
import random
import string
from collections.abc import Iterator
from typing import NamedTuple

from confluent_kafka import Consumer, KafkaError, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic, OffsetSpec

PARTITIONS = 4
SIZE_BYTES = 260
USERS = 997
LOOK_S = 10.0


class Written(NamedTuple):
    """What an output topic holds: messages, how many different ones, and their numbers added up.

    broken        messages whose text is not the one that was given in
    last_at_s     when Kafka took the last one
    """

    messages: int
    different: int
    sum: int
    broken: int
    last_at_s: float


class Topics:
    """Creates, fills, reads and deletes topics of one Kafka."""

    def __init__(self, kafka: str) -> None:
        self._kafka = kafka
        self._admin = AdminClient({"bootstrap.servers": kafka})

    def create(self, name: str) -> None:
        """Create an empty topic, whose records have the time at which Kafka took them."""
        topic = NewTopic(name, PARTITIONS, 1, config={"message.timestamp.type": "LogAppendTime"})
        self._admin.create_topics([topic])[name].result()

    def delete(self, name: str) -> None:
        """Delete a topic."""
        self._admin.delete_topics([name])[name].result()

    def fill(self, name: str, messages: int) -> None:
        """Write messages numbered from 0, each JSON of SIZE_BYTES, keyed by user."""
        producer = Producer({"bootstrap.servers": self._kafka, "linger.ms": 50, "compression.type": "lz4"})
        for number, value in enumerate(values(messages)):
            producer.produce(name, value, f"u{number % USERS}")
            if number % 10_000 == 0:
                producer.flush()
        producer.flush()

    def end(self, name: str) -> int:
        """Return how many offsets a topic has used: its messages, and the markers of transactions."""
        asked = {TopicPartition(name, number): OffsetSpec.latest() for number in range(PARTITIONS)}
        return sum(each.result().offset for each in self._admin.list_offsets(asked).values())

    def written(self, name: str, messages: int) -> Written:
        """Look through a topic to the end of every partition, as a reader of committed records does."""
        consumer = Consumer(
            {
                "bootstrap.servers": self._kafka,
                "group.id": "look",
                "enable.auto.commit": False,
                "enable.partition.eof": True,
                "isolation.level": "read_committed",
            }
        )
        consumer.assign([TopicPartition(name, partition, 0) for partition in range(PARTITIONS)])
        seen = bytearray(messages)
        count = total = broken = last_ms = ended = 0
        while ended < PARTITIONS:
            found = consumer.consume(1, LOOK_S)
            if not found:
                raise SystemExit(f"{name} cannot be read to its end: a transaction is open")
            for message in found + consumer.consume(10_000, 0.0):
                error = message.error()
                if error is not None and error.code() == KafkaError._PARTITION_EOF:
                    ended += 1
                    continue
                value = json.loads(message.value())
                number = value["number"]
                count, total, last_ms = count + 1, total + number, max(last_ms, message.timestamp()[1])
                seen[number] = 1
                broken += value["text"][-1:] != letter(number)
        consumer.close()
        return Written(count, sum(seen), total, broken, last_ms / 1000)


def values(messages: int) -> Iterator[bytes]:
    """Yield JSON of SIZE_BYTES each: a number, a user, a time and a text of made-up words."""
    chance = random.Random(1)
    words = ["".join(chance.choices(string.ascii_lowercase, k=chance.randint(2, 9))) for _ in range(2000)]
    for number in range(messages):
        value = {"number": number, "user": f"u{number % USERS}", "at": 1.7e9 + number / 8, "text": ""}
        room = SIZE_BYTES - len(json.dumps(value, separators=(",", ":")))
        value["text"] = " ".join(chance.choices(words, k=60))[: room - 1] + letter(number)
        yield json.dumps(value, separators=(",", ":")).encode()


def letter(number: int) -> str:
    """Return the letter that the text of a message ends with."""
    return string.ascii_uppercase[number % 26]
