"""What each node may do on Kafka under a name of its own: what the graph says, and what instances need."""

import re
from collections.abc import Iterator, Mapping

from catenae.brokers.kafka.group_positions import kept_topic
from catenae.brokers.kafka.permission import Permission
from catenae.deployment.manifest_log import SUFFIX as MANIFEST
from catenae.operating.acls import APPENDS, OUTSIDE, READER, Acl, acls
from catenae.runtime.dead_letters import dead_topic
from catenae.topology.graph import Topology
from catenae.topology.node import Node

# Who feeds topologies from outside. No node is called so: see `compose.conflicts`.
OUTSIDER = "outside"


def principals(topology: Topology) -> Mapping[str, list[Acl]]:
    """Return what each node needs, and `OUTSIDER`, each as a principal of its own.

    A node reads and writes what the graph says and what is its own: no other node's topics, and no other
    node's positions, so that it can move nobody.
    """
    rules = acls(topology)
    looking = [each for each in rules if each.who == "dead-letters"]
    found = {
        node.name: [
            *(each for each in rules if each.who == node.name),
            *_of_every_instance(topology, node),
            # What `Operations` do, which a server may be given.
            *([*looking, *_letters_put_back(topology)] if node.is_server else ()),
        ]
        for node in topology.nodes
    }
    return found | {OUTSIDER: [each for each in rules if each.who == OUTSIDE]}


def _of_every_instance(topology: Topology, node: Node) -> Iterator[Acl]:
    prefix = f"{topology.name}."
    for topic in topology.topics():
        yield Acl(node.name, "topic", topic, ("Describe", "Create"))
    yield Acl(node.name, "topic", f"{topology.name}{MANIFEST}", ("Read", "Write", "Create"))
    yield Acl(node.name, "topic", f"{topology.group(node)}.*", ("Read", "Write", "Create"))
    yield Acl(node.name, "topic", f"{prefix}*", ("Describe",))
    yield Acl(node.name, "topic", "*", ("DescribeConfigs",))
    yield Acl(node.name, "transactional-id", APPENDS, ("Write",))
    yield Acl(node.name, "group", READER, ("Describe",))
    yield Acl(node.name, "group", f"{prefix}*", ("Describe",))
    if not node.inputs:
        # How far others are, for a Source that waits for them, and for a server that shows it.
        for other in topology.nodes:
            if other.inputs:
                yield Acl(node.name, "topic", kept_topic(topology.group(other)), ("Read",))


def _letters_put_back(topology: Topology) -> Iterator[Acl]:
    for topic in topology.data_topics():
        if topology.readers(topic):
            yield Acl("dead-letters", "topic", topic, ("Write",))
            # A letter that cannot go back stays, as a new one.
            yield Acl("dead-letters", "topic", dead_topic(topic), ("Read", "Write"))


def permissions(principal: str, rules: list[Acl]) -> Iterator[Permission]:
    """Yield rules one operation at a time, for a principal, as Kafka spells them."""
    for each in rules:
        is_prefix = each.name.endswith("*") and each.name != "*"
        name = each.name.removesuffix("*") if is_prefix else each.name
        kind = each.kind.upper().replace("-", "_")
        for operation in each.operations:
            spelt = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", operation).upper()
            yield Permission(principal, kind, name, is_prefix, spelt)
