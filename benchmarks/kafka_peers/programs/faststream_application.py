"""FastStream, acknowledging after the handler. Variants: either of its brokers, one by one or in batches."""

import asyncio
from typing import Any

from faststream import AckPolicy, FastStream
from meter import METER, TASK

CLIENT, _, GRAIN = TASK.variant.partition(" ")

if CLIENT == "confluent":
    from faststream.confluent import KafkaBroker, KafkaPublishMessage
    from faststream.confluent.annotations import KafkaMessage

    WRITING = {}
else:
    from faststream.kafka import KafkaBroker, KafkaPublishMessage
    from faststream.kafka.annotations import KafkaMessage

    # A batch goes out as one: it must fit.
    WRITING = {"max_batch_size": 1 << 20}

BROKER = KafkaBroker(
    TASK.kafka,
    acks="all",
    enable_idempotence=True,
    compression_type="lz4",
    logger=None,  # it would write two lines for each message
    linger_ms=0 if GRAIN == "one by one" else 5,
    **WRITING,
)

READING = {"group_id": TASK.group, "auto_offset_reset": "earliest", "ack_policy": AckPolicy.ACK}


def take_one() -> None:
    """Take message by message."""

    @BROKER.subscriber(TASK.source, **READING)
    async def take(value: dict[str, Any]) -> None:
        METER.note(value["number"])


def take_many() -> None:
    """Take batches."""

    @BROKER.subscriber(TASK.source, batch=True, max_records=1000, **READING)
    async def take(values: list[dict[str, Any]]) -> None:
        for value in values:
            METER.note(value["number"])


def pass_one_on() -> None:
    """Pass message by message on, each written before it is acknowledged."""
    publisher = BROKER.publisher(TASK.output)

    @BROKER.subscriber(TASK.source, **READING)
    async def pass_on(value: dict[str, Any], message: KafkaMessage) -> None:
        METER.note(value["number"])
        await publisher.publish(value, key=key_of(message.raw_message))


def pass_many_on() -> None:
    """Pass batches on, each written before it is acknowledged."""

    @BROKER.subscriber(TASK.source, batch=True, max_records=1000, **READING)
    async def pass_on(values: list[dict[str, Any]], message: KafkaMessage) -> None:
        for value in values:
            METER.note(value["number"])
        keyed = zip(values, message.raw_message, strict=True)
        await BROKER.publish_batch(
            *(KafkaPublishMessage(value, key=key_of(raw)) for value, raw in keyed), topic=TASK.output
        )


def key_of(raw: Any) -> bytes:
    """Return the key of a message of either client."""
    return raw.key() if CLIENT == "confluent" else raw.key


if __name__ == "__main__":
    if GRAIN == "one by one":
        (pass_one_on if TASK.passes_on else take_one)()
    else:
        (pass_many_on if TASK.passes_on else take_many)()
    asyncio.run(FastStream(BROKER, logger=None).run())
