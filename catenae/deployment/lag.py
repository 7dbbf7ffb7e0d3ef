"""How far every node of a topology is behind the topics it reads."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from catenae.broker import Broker, Position, Span
from catenae.message import TopicPartition
from catenae.topology.graph import Topology


class Lag(NamedTuple):
    """One input of one node, added up over its partitions.

    end       records ever written
    position  records handled, or gone by retention
    records   still to be handled
    """

    node: str
    topic: str
    end: int
    position: int
    records: int


def lags(broker: Broker, topology: Topology) -> list[Lag]:
    """Return the lag of every input of every node, in the topology's order.

    All positions are read before the first end is. So if nothing lags in the result, there was a moment in
    between at which nothing lagged at all: positions and ends only grow, so a position that equals an end
    read later equalled it then. A message on its way downstream is never missed: it leaves one topic's lag
    in the commit in which it enters the next one's.
    """
    positions = {node.name: broker.positions(topology.group(node)) for node in topology.nodes}
    spans = {topic: broker.spans(topic) for topic in {i.topic for n in topology.nodes for i in n.inputs}}
    found = []
    for node in topology.nodes:
        for each in node.inputs:
            held = spans[each.topic]
            reached = [
                reached_in(span, positions[node.name].get(TopicPartition(each.topic, partition)))
                for partition, span in enumerate(held)
            ]
            end, position = sum(span.end for span in held), sum(reached)
            found.append(Lag(node.name, each.topic, end, position, end - position))
    return found


def behind(broker: Broker, topic: str, group: str) -> int:
    """Return how many records of a topic a group has not yet handled; all of them where it never was."""
    positions = broker.positions(group)
    return left(broker.spans(topic), topic, positions)


def left(spans: Sequence[Span], topic: str, positions: Mapping[TopicPartition, Position]) -> int:
    """Return how many records of a topic's spans are after a group's positions."""
    return sum(
        span.end - reached_in(span, positions.get(TopicPartition(topic, partition)))
        for partition, span in enumerate(spans)
    )


def reached_in(span: Span, position: Position | None) -> int:
    """Return the offset of the next record to be handled in a partition, where a group has this position."""
    return min(span.end, max(span.start, position.offset if position is not None else span.start))
