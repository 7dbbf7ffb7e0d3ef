"""What must have come of what went in: reckoned from the inputs alone, by the rules, without any State."""

from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from catenae import Node, Topology
from tests.chaos import rules
from tests.chaos.rules import Made


@dataclass
class Expected:
    """All that must be found, each once.

    keys       topic → path → key
    dead       (topic, group that set it aside, path, reason)
    documents  collection → paths
    """

    keys: defaultdict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    dead: Counter[tuple[str, str, str, str]] = field(default_factory=Counter)
    documents: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))


def recount(topology: Topology, inputs: Mapping[str, Sequence[str]]) -> Expected:
    """Follow each message of the inputs through the topology.

    inputs  topic that no Middle writes → the paths of what is on it
    """
    expected = Expected()
    waiting = deque((topic, path, rules.key_of(path)) for topic, paths in inputs.items() for path in paths)
    while waiting:
        topic, path, key = waiting.popleft()
        expected.keys[topic][path] = key
        for node in topology.readers(topic):
            mark = str(node.options["mark"])
            if reason := rules.refusal(mark, node.kind == "middle", path):
                expected.dead[topic, topology.group(node), path, reason] += 1
                continue
            if node.kind == "leaf":
                expected.documents[mark].add(path)
            waiting.extend((node.outputs[made.port], made.path, made.key) for made in _made(node, path, key))
    return expected


def has_state(node: Node) -> bool:
    """Say whether each output of a node tells a count and a total."""
    return rules.service_of(node) in {"Sum", "Tally", "Ledger"}


def _made(node: Node, path: str, key: str) -> Iterator[Made]:
    mark = str(node.options["mark"])
    if rules.service_of(node) == "Fan":
        yield from rules.fanned(mark, node.options["width"], path)
    elif has_state(node):
        yield from rules.counted(mark, frozenset(node.options.get("ports", ())), path, key)
