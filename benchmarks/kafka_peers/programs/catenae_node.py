"""Catenae: one node, run as `catenae work` runs it. Variants: the client, confluent or kafka-python."""

import threading
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from meter import METER, TASK

from catenae import Leaf, Message, Middle, Node, Topology
from catenae.cli.stopping import stop_on_signal
from catenae.config import Settings
from catenae.running.work import Job, work


class Take(Leaf):
    """Take every message."""

    def consume(self, message: Message) -> None:
        METER.note(message.value["number"])


class PassOn(Middle):
    """Pass every message on."""

    def transform(self, message: Message) -> Iterator[Message]:
        METER.note(message.value["number"])
        yield message.derive(message.value)


def main(stop: threading.Event) -> None:
    """Work until told to stop."""
    node = (
        Node("node", "catenae_node:PassOn", reads=TASK.source, writes=TASK.output)
        if TASK.passes_on
        else Node("node", "catenae_node:Take", reads=TASK.source)
    )
    topology = Topology(
        TASK.group,
        (node,),
        partitions=TASK.partitions,
        external=(TASK.source, TASK.output) if TASK.passes_on else (TASK.source,),
        formats={TASK.output: "json"} if TASK.passes_on else {},
        delivery="exactly-once" if TASK.mode == "exactly-once" else "at-least-once",
    )
    with TemporaryDirectory() as data:
        broker = f"kafka://{TASK.kafka}?client={TASK.variant}"
        work(Job(topology, node, "node-0", {}), Settings(broker=broker, data=Path(data), http_port=0), stop)


if __name__ == "__main__":
    main(stop_on_signal())
