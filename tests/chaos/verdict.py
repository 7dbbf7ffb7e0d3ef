"""What was found against what must be: every record once, every sum right, every order kept."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from catenae import Node, Topology
from tests.chaos import rules
from tests.chaos.recount import Expected, has_state, recount
from tests.chaos.services import document_of

EXAMPLES = 5
KINDS = (
    "lost",
    "doubled",
    "alien",
    "wrong",
    "astray",
    "disordered",
    "not set aside",
    "unexplained",
    "document",
)


class Seen(NamedTuple):
    """A record that a reader of committed records sees, in the order of its partition."""

    partition: int
    offset: int
    key: str
    value: Mapping[str, Any]


class Dead(NamedTuple):
    """A dead letter: the topic of the message, the group that set it aside, the message's path, and why."""

    topic: str
    group: str
    path: str
    reason: str


@dataclass(frozen=True)
class Found:
    """All that there is after a run.

    acknowledged  topic fed from outside → the paths that the broker said it has
    generated     topic of a Source → how many messages it says it has generated
    documents     collection → id → document
    """

    topics: Mapping[str, Sequence[Seen]]
    dead: Sequence[Dead]
    documents: Mapping[str, Mapping[str, Mapping[str, Any]]]
    acknowledged: Mapping[str, Sequence[str]] = field(default_factory=dict)
    generated: Mapping[str, int] = field(default_factory=dict)


class Fault(NamedTuple):
    """One thing that is not as it must be.

    kind   one of KINDS
    where  a topic or a collection
    what   the path that names it
    """

    kind: str
    where: str
    what: str


@dataclass(frozen=True)
class Verdict:
    """How many messages went in and must have come out, and what is wrong, in the order of the flow."""

    entered: int
    expected: int
    faults: Sequence[Fault]

    def by_kind(self) -> dict[str, int]:
        """Return how many faults there are of each kind that has any."""
        counted = Counter(fault.kind for fault in self.faults)
        return {kind: counted[kind] for kind in KINDS if counted[kind]}

    def lines(self) -> Iterator[str]:
        """Yield what is wrong, place by place, with some examples; the first place is where it began."""
        places: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        for fault in self.faults:
            places[fault.where, fault.kind].append(fault.what)
        for (where, kind), whats in places.items():
            yield f"{where}: {len(whats)} {kind}, such as {', '.join(whats[:EXAMPLES])}"


def judge(topology: Topology, found: Found) -> Verdict:
    """Recount from what went in and compare; a Source's own count and what was acknowledged went in too."""
    entrances = _entrances(topology)
    inputs = {
        topic: list(dict.fromkeys((*found.acknowledged.get(topic, ()), *_paths(found, topic), *generated)))
        for topic, generated in ((topic, _generated(topology, found, topic)) for topic in entrances)
    }
    expected = recount(topology, inputs)
    faults: list[Fault] = []
    for topic in dict.fromkeys((*entrances, *topology.data_topics())):
        faults += _compared(topic, expected.keys[topic], found.topics.get(topic, ()))
    for node in topology.nodes:
        faults += _disordered(node, found)
        if has_state(node):
            faults += _miscounted(node, found)
    faults += _astray(found)
    faults += _dead_letters(expected, found)
    faults += _documents(topology, expected, found)
    flow = [*topology.data_topics()]
    faults.sort(key=lambda fault: flow.index(fault.where) if fault.where in flow else len(flow))
    entered = sum(map(len, inputs.values()))
    return Verdict(entered, sum(map(len, expected.keys.values())) - entered, faults)


def _entrances(topology: Topology) -> tuple[str, ...]:
    """Return the topics that nodes do not make of others."""
    return tuple(
        topic for topic in topology.data_topics() if all(node.is_source for node in topology.writers(topic))
    )


def _paths(found: Found, topic: str) -> Iterator[str]:
    return (str(seen.value["path"]) for seen in found.topics.get(topic, ()))


def _generated(topology: Topology, found: Found, topic: str) -> Sequence[str]:
    """Return what a Source must have generated: all up to where it says it is, or to the last there is."""
    sources = topology.writers(topic)
    if not sources:
        return ()
    last = max((int(path.rpartition("-")[2]) for path in _paths(found, topic)), default=-1)
    return [f"{sources[0].options['mark']}-{each}" for each in range(max(found.generated[topic], last + 1))]


def _compared(topic: str, keys: Mapping[str, str], seen: Sequence[Seen]) -> Iterator[Fault]:
    """Yield what a topic lacks, has twice, should not have, or has with another key or content."""
    times = Counter(str(each.value["path"]) for each in seen)
    for path in keys:
        if path not in times:
            yield Fault("lost", topic, path)
    for path, number in times.items():
        if path not in keys:
            yield Fault("alien", topic, path)
        yield from (Fault("doubled", topic, path) for _ in range(number - 1))
    for each in seen:
        path = str(each.value["path"])
        if path in keys and not (
            each.key == keys[path] and each.value.items() >= rules.value_of(path).items()
        ):
            yield Fault("wrong", topic, path)


def _astray(found: Found) -> Iterator[Fault]:
    """Yield what is not in the partition in which, of whatever topic, its key was seen before."""
    homes: dict[str, int] = {}
    for topic, records in found.topics.items():
        for each in records:
            if homes.setdefault(each.key, each.partition) != each.partition:
                yield Fault("astray", topic, f"{each.value['path']} ({each.key} in {each.partition})")


def _miscounted(node: Node, found: Found) -> Iterator[Fault]:
    """Yield the outputs whose count or total does not follow from the outputs of their key before them."""
    topic = node.outputs[rules.OUT]
    counts: Counter[str] = Counter()
    totals: Counter[str] = Counter()
    for each in found.topics.get(topic, ()):
        counts[each.key] += 1
        totals[each.key] += rules.amount_of(rules.parent_of(str(each.value["path"])))
        if (each.value["count"], each.value["total"]) != (counts[each.key], totals[each.key]):
            told = f"count {each.value['count']} where {counts[each.key]} is due"
            yield Fault("wrong", topic, f"{each.value['path']} ({each.key}: {told})")


def _disordered(node: Node, found: Found) -> Iterator[Fault]:
    """Yield the outputs made of an earlier message of the same input and key than the one before them."""
    places = {
        str(seen.value["path"]): (read.topic, seen.key, number)
        for read in node.inputs
        for number, seen in enumerate(found.topics.get(read.topic, ()))
    }
    for topic in node.outputs.values():
        last: dict[tuple[str, str, str], int] = {}
        for each in found.topics.get(topic, ()):
            place = places.get(rules.parent_of(str(each.value["path"])))
            if place is not None:
                stream = (place[0], place[1], each.key)
                if place[2] < last.get(stream, -1):
                    yield Fault("disordered", topic, str(each.value["path"]))
                last[stream] = place[2]


def _dead_letters(expected: Expected, found: Found) -> Iterator[Fault]:
    """Yield the messages that no dead letter is found of, and the dead letters that no poison explains."""
    dead: Counter[tuple[str, str, str, str]] = Counter(found.dead)
    for kind, left in (("not set aside", expected.dead - dead), ("unexplained", dead - expected.dead)):
        for topic, group, path, reason in left.elements():
            yield Fault(kind, f"{topic}.dead", f"{path} ({reason} by {group})")


def _documents(topology: Topology, expected: Expected, found: Found) -> Iterator[Fault]:
    """Yield the ids that a Leaf's collection lacks, should not have, or has with another content."""
    for leaf in (node for node in topology.nodes if node.kind == "leaf"):
        collection = str(leaf.options["mark"])
        there = found.documents.get(collection, {})
        contents = {
            str(seen.value["path"]): document_of(dict(seen.value))
            for read in leaf.inputs
            for seen in found.topics.get(read.topic, ())
        }
        for path in expected.documents[collection] ^ there.keys():
            yield Fault("document", leaf.name, path)
        for path in expected.documents[collection] & there.keys() & contents.keys():
            if dict(there[path]) != contents[path]:
                yield Fault("document", leaf.name, path)
