"""Who may reach whom: nobody, but for what follows. Kafka's pods have policies of Strimzi's."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from catenae.operating.compose.service import has_port
from catenae.operating.kubernetes.cluster import Cluster
from catenae.operating.kubernetes.pods import MONITORING_PORT
from catenae.operating.kubernetes.resources import (
    DOCUMENTS_CLIENT,
    NODE,
    OPERATOR_ROLE,
    ROLE,
    SERVER,
    STORE_CLIENT,
    Resource,
    resource,
    resource_name,
    selecting,
)
from catenae.operating.kubernetes.stores import AEROSPIKE_PORT, MONGODB_PORT
from catenae.topology.graph import Topology

VERSION = "networking.k8s.io/v1"
# Of a namespace from which people come, an ingress controller's say.
ENTRY = "catenae/entry"
_PROMETHEUS = {
    "namespaceSelector": {},
    "podSelector": {"matchLabels": {"app.kubernetes.io/name": "prometheus"}},
}


def policies(topologies: Iterable[Topology], cluster: Cluster) -> Iterator[Resource]:
    """Yield a policy that lets nobody in, and one for each way that there is."""
    ours = {"matchExpressions": [{"key": ROLE, "operator": "In", "values": [NODE, SERVER, OPERATOR_ROLE]}]}
    yield resource("NetworkPolicy", VERSION, "nobody", spec={"podSelector": ours, "policyTypes": ["Ingress"]})
    yield _way("monitoring", {"matchLabels": {ROLE: NODE}}, MONITORING_PORT, _PROMETHEUS)
    if cluster.has_store:
        yield _way("aerospike", selecting("aerospike"), AEROSPIKE_PORT, _labelled(STORE_CLIENT))
    if cluster.has_documents:
        yield _way("mongodb", selecting("mongodb"), MONGODB_PORT, _labelled(DOCUMENTS_CLIENT))
    for topology in topologies:
        for node in filter(has_port, topology.nodes):
            name = resource_name(node.name)
            entry = {"namespaceSelector": {"matchLabels": {ENTRY: "true"}}}
            yield _way(name, selecting(name), int(node.options["port"]), entry)


def _labelled(label: str) -> dict[str, Any]:
    return {"podSelector": {"matchLabels": {label: "true"}}}


def _way(name: str, pods: Mapping[str, Any], port: int, peer: Mapping[str, Any]) -> Resource:
    ingress = [{"from": [peer], "ports": [{"port": port}]}]
    spec = {"podSelector": pods, "policyTypes": ["Ingress"], "ingress": ingress}
    return resource("NetworkPolicy", VERSION, name, spec=spec)
