"""The raw client: confluent-kafka in batches, with orjson; no retries, dead letters or orderly stop."""

import signal
from collections.abc import Callable, Sequence

import orjson
from confluent_kafka import Consumer, Message, Producer
from meter import METER, TASK

BATCH = 10_000
COMMON = {"bootstrap.servers": TASK.kafka}
WRITING = COMMON | {"enable.idempotence": True, "linger.ms": 5, "compression.type": "lz4"}
# Without it a client that has fetched its fill fetches nothing for a second.
TUNED = {"fetch.queue.backoff.ms": 5} if TASK.variant == "tuned" else {}
Handler = Callable[[Sequence[Message]], None]


def main() -> None:
    """Hand batches over until all has been handled and committed."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    consumer = Consumer(
        COMMON
        | {
            "group.id": TASK.group,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            "isolation.level": "read_committed",
            **TUNED,
        }
    )
    consumer.subscribe([TASK.source])
    handle = {"consume": taker, "at-least-once": passer, "exactly-once": transactor}[TASK.mode](consumer)
    while not TASK.report.exists():
        messages = consumer.consume(1, 0.5)
        if messages:
            handle(messages + consumer.consume(BATCH - 1, 0.0))
    consumer.close()


def taker(consumer: Consumer) -> Handler:
    """Take messages, then commit."""

    def take(messages: Sequence[Message]) -> None:
        for message in messages:
            METER.note(orjson.loads(message.value())["number"])
        consumer.commit(asynchronous=False)

    return take


def passer(consumer: Consumer) -> Handler:
    """Pass messages on, wait until they are written, then commit."""
    producer = Producer(WRITING)

    def pass_on(messages: Sequence[Message]) -> None:
        write(producer, messages)
        producer.flush()
        consumer.commit(asynchronous=False)

    return pass_on


def transactor(consumer: Consumer) -> Handler:
    """Pass messages on and move the group in one transaction."""
    producer = Producer(WRITING | {"transactional.id": TASK.group})
    producer.init_transactions()

    def pass_on(messages: Sequence[Message]) -> None:
        producer.begin_transaction()
        write(producer, messages)
        positions = consumer.position(consumer.assignment())
        producer.send_offsets_to_transaction(positions, consumer.consumer_group_metadata())
        producer.commit_transaction()

    return pass_on


def write(producer: Producer, messages: Sequence[Message]) -> None:
    """Decode, encode and queue each message."""
    for message in messages:
        value = orjson.loads(message.value())
        METER.note(value["number"])
        produced = orjson.dumps(value)
        try:
            producer.produce(TASK.output, produced, message.key())
        except BufferError:
            producer.flush()
            producer.produce(TASK.output, produced, message.key())


if __name__ == "__main__":
    main()
