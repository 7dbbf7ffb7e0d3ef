"""A topology, or some of its nodes, put back to the beginning of what they read."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

from catenae.broker import Broker, Position
from catenae.config import Settings, redacted
from catenae.errors import BrokerError, ConfigError
from catenae.message import TopicPartition
from catenae.running.injection import state_parameters
from catenae.running.kept import journal_namespace, state_namespace
from catenae.store import Store
from catenae.stores import open_store
from catenae.topology.graph import Topology
from catenae.topology.loading import import_service
from catenae.topology.node import Node

EMBEDDED = "embedded:"


def state_namespaces(topology: Topology, nodes: Sequence[Node]) -> dict[str, list[str]]:
    """Return where the store keeps each node's State; a node without any is left out."""
    found = {
        node.name: [
            state_namespace(topology, node, name) for name in state_parameters(import_service(node.service))
        ]
        for node in nodes
    }
    return {node: namespaces for node, namespaces in found.items() if namespaces}


def require_stopped(broker: Broker, topology: Topology, nodes: Sequence[Node]) -> None:
    """Raise `BrokerError` if an instance of one of the nodes runs."""
    running = {node.name: broker.members(topology.group(node)) for node in nodes}
    for name, members in running.items():
        if members:
            raise BrokerError(
                f"node {name!r} is running as {', '.join(members)}, so nothing was reset; stop it first. "
                f"One that was killed counts as running for a few seconds; longer than a minute only where "
                f"Kafka itself was killed: then add --evict"
            )


def require_state_to_go(namespaces: Mapping[str, Sequence[str]]) -> None:
    """Raise `ConfigError` if a node has State, which would count a second time what it reads again."""
    if namespaces:
        raise ConfigError(
            f"{', '.join(sorted(namespaces))} keeps State of what it has read, and would count it twice; "
            f"add --state to drop that too"
        )


def require_no_state_elsewhere(settings: Settings, topology: Topology) -> None:
    """Raise `ConfigError` if a store outside of the data folder keeps State of the topology.

    Whoever empties the folder would have that State ahead of all positions, and it may be somebody else's.
    """
    if settings.store.startswith(EMBEDDED):
        folder = Path(settings.store.removeprefix(EMBEDDED).partition("?")[0])
        if folder.resolve().is_relative_to(settings.data.resolve()) or not folder.exists():
            return
    wanted = {each for some in state_namespaces(topology, topology.nodes).values() for each in some}
    if not wanted:
        return
    with closing(open_store(settings.store)) as store:
        found = wanted.intersection(store.namespaces())
    if found:
        raise ConfigError(
            f"--fresh empties the data folder, but {', '.join(sorted(found))} is State in "
            f"{redacted(settings.store)}, so nothing was removed. Drop it first with catenae reset --state; "
            f"if it is of another run, give this one a store of its own, on a server by ?set=…"
        )


def restart(broker: Broker, store: Store | None, topology: Topology, nodes: Sequence[Node]) -> None:
    """Move every position of the nodes to the start of its topic, and drop their State from `store`.

    Interrupted in between, the command leaves nodes that refuse to start, because their journal is ahead of
    their positions, and is simply given again.
    """
    for node in nodes:
        broker.reset(topology.group(node), _starts(broker, topology, node))
    if store is None:
        return
    for name, namespaces in state_namespaces(topology, nodes).items():
        for namespace in [*namespaces, journal_namespace(topology, topology.node(name))]:
            store.drop(namespace)


def _starts(broker: Broker, topology: Topology, node: Node) -> dict[TopicPartition, Position]:
    # A Source's position is its own affair: offset 0 without metadata stands for the very beginning.
    return {
        TopicPartition(topic, partition): Position(span.start)
        for topic in topology.topics_held(node)
        for partition, span in enumerate(broker.spans(topic))
    }
