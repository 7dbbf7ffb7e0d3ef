"""A whole topology, run in one go until nothing moves any more."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any

from catenae.message import Message
from catenae.store import Documents
from catenae.testing.stage import Stage
from catenae.topology.graph import Topology


def drain(
    topology: Topology,
    inputs: Mapping[str, Sequence[Any]] | None = None,
    options: Mapping[str, Mapping[str, Any]] | None = None,
    *,
    documents: Documents | None = None,
    for_s: float = 0.0,
    expect_errors: bool = False,
) -> dict[str, list[Message]]:
    """Run a topology in this thread until nothing moves, and return the messages of every topic.

    inputs     topic → values, Messages (value, key and headers count) or Records, as others may write
               them, that are there before it starts
    options    node → options that replace the declared ones
    documents  where the nodes keep documents; in memory unless given
    for_s      seconds of the topology's own time that pass while it runs: delayed inputs need them
    expect_errors  a message that cannot be handled is a dead letter, as in life; else it raises `Unhandled`

    Everything real but the servers: the runtime, an embedded broker and store in memory. Sources run until
    they are exhausted, Servers not at all. A topic's dead letters are those of `<topic>.dead`. Messages come
    partition by partition, in the order in which they were written; the value of one that cannot be decoded
    is its bytes.
    """
    with closing(Stage(topology, options, documents)) as stage:
        for topic, some in (inputs or {}).items():
            stage.put(topic, some)
        stage.start()
        stage.run(for_s)
        if not expect_errors:
            stage.require_no_errors()
        return {topic: stage.messages(topic) for topic in topology.topics()}
