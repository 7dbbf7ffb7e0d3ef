"""Have Kafka and MongoDB allow each node what the graph says it does, under a name of its own."""

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from catenae.config import Settings
from catenae.operating.passwords import password
from catenae.operating.principals import permissions, principals
from catenae.topology.graph import Topology

_KAFKA = "kafka:"
_MONGODB = ("mongodb:", "mongodb+srv:")


def permit(topologies: Sequence[Topology], settings: Settings, passwords: Path) -> list[str]:
    """Allow it, and return lines that say what was done; what is no server of these two needs nothing.

    settings   name the servers, as who may alter them
    passwords  a folder with a file of each node's name

    Topics that exist are given their retention. May be done again; what is allowed to nodes that are
    gone, or was more before, stays on Kafka. Raises `ConfigError` for a password that is missing, and
    what the servers' clients do.
    """
    done = []
    if settings.broker.startswith(_KAFKA):
        done += [_on_kafka(settings.broker.removeprefix(_KAFKA), each) for each in topologies]
    if settings.documents.startswith(_MONGODB):
        done += [_on_mongodb(settings.documents, each, passwords) for each in topologies]
    return done


def _on_kafka(address: str, topology: Topology) -> str:
    # Only here, as brokers are: other topologies do without a client of Kafka.
    kafka = import_module("catenae.brokers.kafka")
    by_principal = principals(topology)
    allowed = [each for name, rules in by_principal.items() for each in permissions(name, rules)]
    # Nodes alter no topic, not their own either: one that could would have it forget what others wait for.
    kafka.permit(address, list(dict.fromkeys(allowed)), topology.topic_specs())
    return f"Kafka: {topology.name}, {len(by_principal)} principals, {len(allowed)} permissions"


def _on_mongodb(url: str, topology: Topology, passwords: Path) -> str:
    users = import_module("catenae.stores.mongodb_users")
    accounts = [
        users.Account(node.name, password(passwords, node.name), node.documents)
        for node in topology.nodes
        if node.documents is None or node.documents
    ]
    users.permit(url, topology.name, accounts)
    return f"MongoDB: {topology.name}, {len(accounts)} users"
