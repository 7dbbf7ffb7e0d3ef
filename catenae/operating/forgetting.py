"""A key forgotten by a whole topology: asked for where messages come in, then looked for in what is kept."""

from collections.abc import Iterator

from catenae.broker import Broker, Position
from catenae.clock import Clock
from catenae.codec import Codec, encode_key
from catenae.deployment.sealing import seal_of
from catenae.message import Record, TopicPartition, forget_request
from catenae.operating.kept_by_key import KeptByKey
from catenae.running.injection import state_parameters
from catenae.store import Documents, Store
from catenae.topology.graph import Topology
from catenae.topology.loading import import_service

LOOK_EVERY_S = 0.1


def ways_in(topology: Topology) -> list[str]:
    """Return the topics from which a request reaches every node: those that only Sources or others write."""
    read = dict.fromkeys(each.topic for node in topology.nodes for each in node.inputs)
    inner = {
        topic for node in topology.nodes if node.inputs for topic in (*node.outputs.values(), node.timers)
    }
    return [topic for topic in read if topic not in inner]


def ask_to_forget(topology: Topology, broker: Broker, clock: Clock, key: str, why: str = "") -> None:
    """Write a request to forget a key wherever messages of it may come in; it counts from our own hand."""
    request = forget_request(key, why=why)
    seal = seal_of(broker, clock)
    records = []
    for topic in ways_in(topology):
        value, headers = Codec(topology.formats).encode(topic, request.value, request.headers)
        records.append(seal.sealed(Record(topic, encode_key(key), value, headers)))
    broker.append(records)


def has_gone_through(topology: Topology, broker: Broker, clock: Clock, within_s: float) -> bool:
    """Say whether what is written now, and all that comes of it, has been handled after so long at most.

    What waits in delayed inputs is not waited for.
    """
    until_s = clock.monotonic_s() + within_s
    # What comes of it is one topic further each time, and was written before the one before was done. It may
    # come back to where it was from the last one.
    for _ in range(len(topology.nodes) + 1):
        ends = {topic: broker.spans(topic) for topic in topology.data_topics()}
        for node in topology.nodes:
            wanted = {
                TopicPartition(each.topic, number): span.end
                for each in node.inputs
                if each.delay_s == 0
                for number, span in enumerate(ends[each.topic])
                if span.end > span.start
            }
            while not _is_past(broker, topology.group(node), wanted):
                if clock.monotonic_s() >= until_s:
                    return False
                clock.sleep(LOOK_EVERY_S)
    return True


def left_of(
    topology: Topology, broker: Broker, store: Store, documents: Documents | None, clock: Clock, key: str
) -> Iterator[str]:
    """Yield where something is left of a key, in words without it: State, timers, personal documents."""
    for node in topology.nodes:
        for state in state_parameters(import_service(node.service)):
            if KeptByKey(topology, node, state, broker, store, clock).has(key):
                yield f"State {state!r} of node {node.name!r}"
        for collection, field in node.personal.items():
            if documents is not None and documents.count(collection, {field: key}):
                yield f"documents {collection!r} of node {node.name!r}"


def _is_past(broker: Broker, group: str, wanted: dict[TopicPartition, int]) -> bool:
    there = broker.positions(group)
    return all(there.get(place, Position(0)).offset >= end for place, end in wanted.items())
