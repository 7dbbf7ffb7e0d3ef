"""Faust: one agent over a topic of JSON, each message acknowledged when the agent asks for the next."""

import faust
from meter import METER, TASK

application = faust.App(
    TASK.group,
    broker=f"kafka://{TASK.kafka}",
    processing_guarantee="exactly_once" if TASK.mode == "exactly-once" else "at_least_once",
    value_serializer="json",
    key_serializer="raw",
    consumer_auto_offset_reset="earliest",
    topic_partitions=TASK.partitions,
    topic_replication_factor=1,
    topic_disable_leader=True,
    topic_allow_declare=False,
    stream_wait_empty=False,
    stream_buffer_maxsize=16384,
    producer_acks=-1,
    producer_linger=0.005,
    producer_max_batch_size=256 << 10,
    producer_compression_type="lz4",
    web_enabled=False,
)
source = application.topic(TASK.source, value_serializer="json", key_serializer="raw")
output = application.topic(TASK.output, value_serializer="json", key_serializer="raw")


if TASK.passes_on:

    @application.agent(source)
    async def pass_on(stream: faust.StreamT) -> None:
        """Pass every message on."""
        async for key, value in stream.items():
            METER.note(value["number"])
            await output.send(key=key, value=value)

else:

    @application.agent(source)
    async def take(stream: faust.StreamT) -> None:
        """Take every message."""
        async for value in stream:
            METER.note(value["number"])


if __name__ == "__main__":
    faust.Worker(application, loglevel="WARNING").execute_from_commandline()
