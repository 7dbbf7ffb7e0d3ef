"""A topology as a Mermaid flow chart: boxes are nodes, rounded ones topics, dashed ones meet the outside.

A frame is a chain.
"""

from collections.abc import Iterator

from catenae.runtime.dead_letters import dead_topic
from catenae.topology.chains import processes
from catenae.topology.graph import Topology
from catenae.topology.node import Node

_UNITS_S = (("day", 86_400), ("hour", 3_600), ("minute", 60))


def mermaid(topology: Topology) -> str:
    """Return the drawing as text; equal topologies give equal text."""
    # Numbered: "a.b" and "a-b" would become one identifier, and "end" is a word of Mermaid's.
    topics = {topic: f"topic{number}" for number, topic in enumerate(topology.data_topics(), start=1)}
    lines = ["flowchart LR"]
    for name, nodes in processes(topology.nodes, chained=True).items():
        boxes = [f'node_{node.name}["{_caption(node)}"]' for node in nodes]
        if len(boxes) == 1:
            lines.append(f"    {boxes[0]}")
        else:
            lines += [f'    subgraph chain_{name}["{name}"]', *(f"        {box}" for box in boxes), "    end"]
    for topic, identifier in topics.items():
        style = ":::external" if topic in topology.shared else ""
        lines.append(f'    {identifier}(["{topic}"]){style}')
    for node in topology.nodes:
        lines.extend(_edges(node, topics))
    for topic, identifier in topics.items():
        if dead_topic(topic) in topics:
            lines.append(f'    {identifier} -. "set aside" .-> {topics[dead_topic(topic)]}')
    lines.append("    classDef external stroke-dasharray: 5 5")
    return "\n".join(lines) + "\n"


def _caption(node: Node) -> str:
    return node.name if node.replicas == 1 else f"{node.name} × {node.replicas}"


def _edges(node: Node, topics: dict[str, str]) -> Iterator[str]:
    for each in node.inputs:
        arrow = f'-. "after {_duration(each.delay_s)}" .->' if each.delay_s > 0 else "-->"
        yield f"    {topics[each.topic]} {arrow} node_{node.name}"
    if node.timers:
        yield f'    node_{node.name} -- "timers" --> {topics[node.timers]}'
    for port, topic in node.outputs.items():
        arrow = f'-- "{port}" -->' if port else "-->"
        yield f"    node_{node.name} {arrow} {topics[topic]}"


def _duration(delay_s: float) -> str:
    for unit, size_s in _UNITS_S:
        if delay_s >= size_s and delay_s % size_s == 0:
            count = int(delay_s // size_s)
            return f"{count} {unit}" + ("" if count == 1 else "s")
    return f"{delay_s:g} s"
