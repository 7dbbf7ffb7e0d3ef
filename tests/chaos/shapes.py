"""The topologies that chaos runs: the bank, which is always the same, and one drawn for each seed."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from string import ascii_lowercase
from typing import Any

from catenae import Input, Node, Topology
from tests.chaos.rules import AGAIN, LATER, OUT

SHAPES = ("bank", "drawn")
# No fewer than the most instances of a node.
PARTITIONS = 6
SERVICES = "tests.chaos.services"
# A message becomes so many at most, in the mean, on all topics together: what a small machine gets through.
MOST_MADE = 40.0


def shape(name: str, seed: int, without: Sequence[str], enough: Path) -> Topology:
    """Return a topology, less some of its nodes and what is fed by them alone.

    enough  the file that ends its Sources
    """
    whole = bank() if name == "bank" else drawn(random.Random(f"shape {seed}"), enough)
    return lessened(whole, without)


def bank() -> Topology:
    """Return payments fanned out, summed with a cycle and a delayed input, and entered into a ledger."""
    sums = Node(
        "sum",
        f"{SERVICES}:Sum",
        reads=("parts", "again", Input("later", delay_s=3)),
        writes={OUT: "sums", AGAIN: "again", LATER: "later"},
        options={"mark": "b", "ports": [AGAIN, LATER]},
        replicas=3,
    )
    return Topology(
        "bank",
        partitions=PARTITIONS,
        external=("amounts",),
        nodes=(
            node("fan", "Fan", ["amounts"], {OUT: "parts"}, mark="a", width=3, concurrency=8),
            sums,
            node("ledger", "Ledger", ["sums"], {OUT: "ledger"}, mark="c"),
            replace(node("keep", "Keep", ["ledger"], {}, mark="d"), replicas=1),
        ),
    )


def node(
    name: str,
    service: str,
    reads: Sequence[str | Input],
    writes: Mapping[str, str],
    concurrency: int = 1,
    **options: Any,
) -> Node:
    """Return a node of three instances."""
    where = f"{SERVICES}:{service}"
    return Node(
        name, where, reads=tuple(reads), writes=writes, options=options, replicas=3, concurrency=concurrency
    )


def drawn(chance: random.Random, enough: Path) -> Topology:
    """Return a topology of one or two beginnings, two to four nodes in the middle, and one or two Leaves."""
    marks = iter(ascii_lowercase)
    nodes: list[Node] = []
    # topic → how many messages are on it, in the mean, for each that goes in
    weights = {"orders": 1.0}
    if chance.random() < 0.5:
        mark = next(marks)
        options = {"mark": mark, "enough": str(enough)}
        nodes.append(Node("ticks", f"{SERVICES}:Ticks", writes={OUT: "ticked"}, options=options, replicas=2))
        weights["ticked"] = 1.0
    for _ in range(chance.randint(2, 4)):
        mark = next(marks)
        middle, becomes = _middle(chance, mark, weights)
        nodes.append(middle)
        weights |= becomes
        if sum(weights.values()) > MOST_MADE:
            break
    written = [each for each in weights if each.startswith("out")]
    for number in range(chance.randint(1, 2)):
        mark = next(marks)
        reads = _inputs(chance, [chance.choice(written[-2:])], longest_s=1)
        nodes.append(
            replace(node(f"keep{number}", "Keep", reads, {}, mark=mark), replicas=chance.randint(1, 2))
        )
    is_read = any(each.topic == "orders" for node in nodes for each in node.inputs)
    external = ("orders", *written) if is_read else written
    return Topology("drawn", partitions=PARTITIONS, external=tuple(external), nodes=tuple(nodes))


def _middle(chance: random.Random, mark: str, weights: Mapping[str, float]) -> tuple[Node, dict[str, float]]:
    """Draw a node that reads some of the topics; return what it adds to their weights too."""
    latest = list(weights)[-1]
    others = [each for each in weights if each != latest]
    topics = [latest, *chance.sample(others, min(len(others), chance.choice((0, 0, 1, 1, 2))))]
    read = sum(weights[topic] for topic in topics)
    out = f"out_{mark}"
    service = chance.choice(("Fan", "Sum", "Sum", "Sum", "Ledger"))
    inputs = _inputs(chance, topics, longest_s=4)
    options: dict[str, Any] = {"mark": mark}
    writes, becomes = {OUT: out}, {out: read}
    if service == "Fan":
        options["width"] = width = chance.randint(1, 3)
        becomes = {out: read * width}
    if service == "Sum":
        options["ports"] = ports = [each for each in (AGAIN, LATER) if chance.random() < 0.6]
        for port in ports:
            writes[port] = f"{port}_{mark}"
            delay_s = round(chance.uniform(0.5, 5), 1) if port == LATER else 0.0
            inputs.insert(chance.randint(0, len(inputs)), Input(writes[port], delay_s=delay_s))
        becomes = {out: read / (1 - len(ports) / 4)}
    drawn_node = node(f"{service.lower()}_{mark}", service, inputs, writes, **options)
    return _with_manners(chance, drawn_node), becomes


def _inputs(chance: random.Random, topics: Sequence[str], longest_s: float) -> list[str | Input]:
    """Delay one topic in three."""
    return [
        Input(topic, delay_s=round(chance.uniform(0.2, longest_s), 1)) if chance.random() < 0.33 else topic
        for topic in topics
    ]


def _with_manners(chance: random.Random, plain: Node) -> Node:
    """Draw how the node goes about its work."""
    return replace(
        plain,
        replicas=chance.randint(1, 3),
        concurrency=chance.choice((1, 1, 8)),
        batch_records=chance.choice((5, 50, 1000)),
        input_mode=chance.choice(("parity", "exponential")),
    )


def lessened(whole: Topology, without: Sequence[str]) -> Topology:
    """Return a topology less these nodes, and less the inputs and nodes that nothing feeds any more.

    Raises TopologyError where nothing is left.
    """
    nodes = tuple(_left(whole, without))
    named = {topic for each in nodes for topic in (*(i.topic for i in each.inputs), *each.outputs.values())}
    return replace(whole, nodes=nodes, external=tuple(each for each in whole.external if each in named))


def dispensable(whole: Topology) -> list[str]:
    """Return the nodes without which something is left."""
    return [node.name for node in whole.nodes if _left(whole, [node.name])]


def _left(whole: Topology, without: Sequence[str]) -> list[Node]:
    nodes = [each for each in whole.nodes if each.name not in without]
    while True:
        fed = set(fed_from_outside(whole)) | set(_fed(nodes))
        kept = [
            replace(each, reads=reads) for each in nodes if (reads := _still(each, fed)) or each.is_source
        ]
        if kept == nodes:
            return kept
        nodes = kept


def fed_from_outside(topology: Topology) -> tuple[str, ...]:
    """Return the topics that no node writes."""
    return tuple(topic for topic in topology.data_topics() if not topology.writers(topic))


def _fed(nodes: Sequence[Node]) -> Iterator[str]:
    """Yield what the nodes write, but for what leads back to a node that has nothing else to read."""
    for each in nodes:
        own = set(each.outputs.values())
        if each.is_source or any(read.topic not in own for read in each.inputs):
            yield from own


def _still(each: Node, fed: set[str]) -> tuple[Input, ...]:
    return tuple(read for read in each.inputs if read.topic in fed)
