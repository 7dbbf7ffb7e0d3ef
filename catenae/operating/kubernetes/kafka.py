"""Kafka as Strimzi's resources: brokers that speak TLS alone, and a user with its rules for every node."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from catenae.operating.acls import Acl
from catenae.operating.kubernetes.cluster import KAFKA_PORT, Cluster
from catenae.operating.kubernetes.pods import PASSWORDS
from catenae.operating.kubernetes.resources import Resource, resource
from catenae.operating.passwords import OPERATOR
from catenae.operating.principals import OUTSIDER, principals
from catenae.topology.graph import Topology

VERSION = "kafka.strimzi.io/v1"
NAME = "kafka"
_OF_CLUSTER = {"strimzi.io/cluster": NAME}
_STORAGE = "50Gi"
_KINDS = {"transactional-id": "transactionalId"}


def kafka(topologies: Iterable[Topology], cluster: Cluster) -> Iterator[Resource]:
    """Yield the brokers and their users."""
    yield _pool(cluster)
    yield _brokers(cluster)
    yield _user(OPERATOR, OPERATOR, None)
    outside: list[Acl] = []
    for topology in topologies:
        rules = principals(topology)
        for node in topology.nodes:
            yield _user(cluster.principal(node.name), node.name, rules[node.name])
        outside += rules[OUTSIDER]
    yield _user(OUTSIDER, OUTSIDER, outside)


def _pool(cluster: Cluster) -> Resource:
    storage = {"type": "persistent-claim", "id": 0, "size": _STORAGE, "deleteClaim": False}
    spec = {
        "replicas": cluster.kafka.count,
        "roles": ["controller", "broker"],
        "storage": {"type": "jbod", "volumes": [storage]},
    }
    return resource("KafkaNodePool", VERSION, "brokers", _OF_CLUSTER, spec=spec)


def _brokers(cluster: Cluster) -> Resource:
    replicas, in_sync = cluster.kafka.replicas, cluster.kafka.in_sync
    listener = {
        "name": "tls",
        "port": KAFKA_PORT,
        "type": "internal",
        "tls": True,
        "authentication": {"type": "scram-sha-512"},
    }
    config = {
        "auto.create.topics.enable": False,
        # A group that has stood still for some days keeps its positions: for ten years, not seven days.
        "offsets.retention.minutes": 5256000,
        "default.replication.factor": replicas,
        "min.insync.replicas": in_sync,
        "offsets.topic.replication.factor": replicas,
        "transaction.state.log.replication.factor": replicas,
        "transaction.state.log.min.isr": in_sync,
    }
    spec = {
        "kafka": {
            "listeners": [listener],
            "authorization": {"type": "simple", "superUsers": [OPERATOR]},
            "config": config,
        },
        # Nodes create their topics themselves.
        "entityOperator": {"userOperator": {}},
    }
    return resource("Kafka", VERSION, NAME, spec=spec)


def _user(name: str, key: str, rules: Iterable[Acl] | None) -> Resource:
    """Return a user whose password is in `PASSWORDS`; without rules it is one that may do everything."""
    known = {"valueFrom": {"secretKeyRef": {"name": PASSWORDS, "key": key}}}
    spec: dict[str, Any] = {"authentication": {"type": "scram-sha-512", "password": known}}
    if rules is not None:
        spec["authorization"] = {"type": "simple", "acls": [_rule(each) for each in rules]}
    return resource("KafkaUser", VERSION, name, _OF_CLUSTER, spec=spec)


def _rule(rule: Acl) -> Mapping[str, Any]:
    is_prefix = rule.name.endswith("*") and rule.name != "*"
    return {
        "resource": {
            "type": _KINDS.get(rule.kind, rule.kind),
            "name": rule.name.removesuffix("*") if is_prefix else rule.name,
            "patternType": "prefix" if is_prefix else "literal",
        },
        "operations": list(rule.operations),
    }
