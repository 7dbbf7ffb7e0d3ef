"""Quix Streams: an application of one streaming data frame, JSON in and out."""

from typing import Any

from meter import METER, TASK
from quixstreams import Application


def main() -> None:
    """Run until told to stop."""
    application = Application(
        broker_address=TASK.kafka,
        consumer_group=TASK.group,
        auto_offset_reset="earliest",
        processing_guarantee="exactly-once" if TASK.mode == "exactly-once" else "at-least-once",
        consumer_extra_config={"isolation.level": "read_committed"},
        producer_extra_config={"linger.ms": 5, "compression.type": "lz4"},
        auto_create_topics=False,
        loglevel="WARNING",
    )
    source = application.topic(TASK.source, value_deserializer="json", key_deserializer="bytes")
    frame = application.dataframe(source).update(note)
    if TASK.passes_on:
        output = application.topic(TASK.output, value_serializer="json", key_serializer="bytes")
        frame.to_topic(output)
    application.run()


def note(value: dict[str, Any]) -> None:
    """Tell the meter."""
    METER.note(value["number"])


if __name__ == "__main__":
    main()
