"""What keeps topologies from sharing one file of services and one broker."""

from collections.abc import Iterator, Mapping
from itertools import combinations

from catenae.operating.compose.secrets import AUTHORITY, CERTIFICATE, PASSWORD
from catenae.operating.compose.servers import NAMES
from catenae.operating.passwords import OPERATOR
from catenae.operating.principals import OUTSIDER
from catenae.topology.graph import Topology

_TAKEN = {
    **dict.fromkeys(NAMES, "a server's name"),
    **dict.fromkeys((OPERATOR, OUTSIDER), "the name of who comes from outside"),
    **dict.fromkeys((PASSWORD, CERTIFICATE, AUTHORITY), "a secret's name"),
}


def conflicts(topologies: Mapping[str, Topology]) -> Iterator[str]:
    """Yield what is wrong with these topologies together, by their references."""
    for reference, topology in topologies.items():
        for node in topology.nodes:
            if node.name in _TAKEN:
                yield f"{reference} has a node {node.name!r}, which is {_TAKEN[node.name]}; rename the node"
    for (first, one), (second, other) in combinations(topologies.items(), 2):
        if one.name == other.name:
            yield f"{first} and {second} are both called {one.name!r}; rename one"
        for name in sorted({node.name for node in one.nodes} & {node.name for node in other.nodes}):
            yield (
                f"{first} and {second} both have a node {name!r}, and a service needs a name of its own; "
                f"rename one, or write a file for each"
            )
        for topic in sorted(set(one.data_topics()) & set(other.data_topics())):
            yield from _topic_conflicts(topic, {first: one, second: other})


def _topic_conflicts(topic: str, topologies: Mapping[str, Topology]) -> Iterator[str]:
    """Yield what is wrong with a topic that both of two topologies name."""
    both = " and ".join(topologies)
    unaware = [reference for reference, each in topologies.items() if topic not in each.shared]
    if unaware:
        yield (
            f"{both} both use topic {topic!r}, and would read each other's messages; rename it in one, or "
            f"if that is meant list it in Topology(external=...) of {' and '.join(unaware)}, or in "
            f"exported=... of the one that alone writes it"
        )
    elif len({each.partitions_of(topic) for each in topologies.values()}) > 1:
        counts = " and ".join(str(each.partitions_of(topic)) for each in topologies.values())
        yield f"{both} share topic {topic!r}, but want {counts} partitions; give both the same number"
