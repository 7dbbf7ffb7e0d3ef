"""What a Kafka with an authorizer has to allow, for a topology to run and to be looked at."""

from collections.abc import Iterator
from typing import NamedTuple

from catenae.deployment.replay import REPLAY_GROUP
from catenae.deployment.sealing import KEY_TOPIC
from catenae.runtime.dead_letters import dead_topic
from catenae.topology.graph import Topology
from catenae.topology.node import Node

# Who only feeds a topology. Whoever does must be able neither to read nor to write anywhere else.
OUTSIDE = "from outside"
# Who reads beside the flow, and joins no group.
READER = "catenae.reader"
# Of what is written beside the flow, the manifest for one.
APPENDS = "catenae.append.*"


class Acl(NamedTuple):
    """Who may do what.

    who          a node, or a command
    kind         "topic", "group" or "transactional-id"
    name         with a * at its end, every name that begins so
    operations   as Kafka calls them; Describe comes with Read and Write
    """

    who: str
    kind: str
    name: str
    operations: tuple[str, ...]


def acls(topology: Topology) -> list[Acl]:
    """Return what is needed: for the nodes, for what runs them, and for the commands that look and write."""
    prefix = f"{topology.name}."
    made = ("Describe", "Create")
    fed = (topic for topic in topology.external if topology.readers(topic))
    sealing = [each.name for each in topology.nodes if _touches_shared(topology, each)]
    everywhere = [Acl("up, work", "topic", topic, made) for topic in topology.topics()]
    bounded = [spec.name for spec in topology.topic_specs() if spec.is_ours]
    return [
        *(acl for node in topology.nodes for acl in _of_node(topology, node)),
        *(Acl(OUTSIDE, "topic", topic, ("Write",)) for topic in fed),
        *(Acl(name, "topic", KEY_TOPIC, ("Read", "Write", "Create")) for name in sealing),
        *everywhere,
        # Without it a topic keeps the retention it was created with, and the log says so.
        *(Acl("up, permit", "topic", topic, ("AlterConfigs",)) for topic in bounded),
        Acl("up, work", "topic", f"{prefix}*", ("Read", "Write", "Create")),
        Acl("up, work, lag", "group", f"{prefix}*", ("Read",)),
        Acl("up, work, topics, dead-letters", "topic", "*", ("DescribeConfigs",)),
        Acl("up, work, tail, dead-letters", "group", READER, ("Describe",)),
        Acl("dead-letters", "group", f"{REPLAY_GROUP}*", ("Read",)),
        Acl("dead-letters", "topic", f"{REPLAY_GROUP}*", ("Read", "Write", "Create")),
        Acl("dead-letters", "topic", KEY_TOPIC, ("Read", "Write", "Create")),
        Acl("dead-letters", "transactional-id", f"{REPLAY_GROUP}*", ("Write",)),
        Acl("up, work, produce, reset", "transactional-id", APPENDS, ("Write",)),
        *(Acl("produce", "topic", each, ("Write",)) for each in topology.external),
    ]


def _touches_shared(topology: Topology, node: Node) -> bool:
    """Say whether a node may meet control headers that have to be sealed, or seal some."""
    return bool(topology.shared & {*(each.topic for each in node.inputs), *node.outputs.values()})


def _of_node(topology: Topology, node: Node) -> Iterator[Acl]:
    if node.is_server:
        return
    inputs = topology.topics_held(node)
    for topic in inputs:
        yield Acl(node.name, "topic", topic, ("Read",))
    for topic in dict.fromkeys((*node.outputs.values(), *([node.timers] if node.timers else ()))):
        yield Acl(node.name, "topic", topic, ("Write",))
    for topic in dict.fromkeys(node.outputs.values()) if node.is_source else inputs:
        # A node with State reads what it has set aside, when it makes its State good.
        yield Acl(node.name, "topic", dead_topic(topic), ("Read", "Write"))
    group = topology.group(node)
    yield Acl(node.name, "group", group, ("Read",))
    yield Acl(node.name, "transactional-id", f"{group}.*", ("Write",))


def as_command(acl: Acl, principal: str) -> str:
    """Return the line of Kafka's own tool that allows it."""
    operations = " ".join(f"--operation {each}" for each in acl.operations)
    is_prefix = acl.name.endswith("*") and acl.name != "*"
    name = acl.name.removesuffix("*") if is_prefix else acl.name
    pattern = " --resource-pattern-type prefixed" if is_prefix else ""
    return (
        f"kafka-acls.sh --bootstrap-server $KAFKA --add --allow-principal {principal} {operations} "
        f"--{acl.kind} '{name}'{pattern}"
    )
