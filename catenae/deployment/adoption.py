"""The manifest of a topology that ran before manifests were kept, told from the positions of its groups."""

from collections.abc import Mapping

from catenae.broker import Broker
from catenae.deployment.manifest import KeptNode, KeptTopic, Manifest
from catenae.runtime.dead_letters import dead_topic


def adopted(broker: Broker, wanted: Manifest) -> Manifest | None:
    """Return what ran under the topology's name, None if nothing did.

    `wanted`, its declaration of now, tells what positions do not: delays, and what nodes write.
    """
    prefix = f"{wanted.topology}."
    names = [group.removeprefix(prefix) for group in broker.groups() if group.startswith(prefix)]
    nodes: dict[str, KeptNode] = {}
    for name in names:
        topics = tuple(dict.fromkeys(each.topic for each in broker.positions(prefix + name)))
        if topics:
            nodes[name] = _node(wanted.nodes.get(name), topics)
    return Manifest(wanted.topology, nodes, _topics(broker, wanted, nodes)) if nodes else None


def _node(wanted: KeptNode | None, topics: tuple[str, ...]) -> KeptNode:
    delays = wanted.reads if wanted is not None else {}
    writes = wanted.writes if wanted is not None else ()
    return KeptNode({topic: delays.get(topic, 0.0) for topic in sorted(topics)}, writes, reached=topics)


def _topics(broker: Broker, wanted: Manifest, nodes: Mapping[str, KeptNode]) -> dict[str, KeptTopic]:
    read = {topic for node in nodes.values() for topic in node.reads}
    known = {*wanted.topics, *read, *map(dead_topic, read)}
    return {
        name: KeptTopic(spec.partitions, spec.retention_s, spec.retention_bytes, _is_external(wanted, name))
        for name, spec in broker.topics().items()
        if name in known
    }


def _is_external(wanted: Manifest, topic: str) -> bool:
    return topic in wanted.topics and wanted.topics[topic].is_external
