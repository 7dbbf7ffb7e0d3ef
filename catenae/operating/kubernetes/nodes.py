"""What stands for a node: a Deployment, a Service where it serves, a bound for whoever drains machines."""

from collections.abc import Iterator

from catenae.operating.compose.servers import documents
from catenae.operating.compose.service import files_of, has_port, image
from catenae.operating.kubernetes.cluster import Cluster
from catenae.operating.kubernetes.pods import PASSWORD, Container, template
from catenae.operating.kubernetes.resources import (
    DOCUMENTS_CLIENT,
    NODE,
    STORE_CLIENT,
    Resource,
    named,
    resource,
    resource_name,
    selecting,
    service,
)
from catenae.topology.graph import Topology
from catenae.topology.node import Node, Resources


def resources_of(reference: str, topology: Topology, node: Node, cluster: Cluster) -> Iterator[Resource]:
    """Yield what runs a node."""
    name = resource_name(node.name)
    labels = named(name, resource_name(topology.name), NODE)
    spec = {
        "replicas": node.replicas,
        "revisionHistoryLimit": 3,
        # One more than there are partitions would only stand by until another leaves.
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1}},
        "selector": selecting(name),
        "template": template(
            _container(reference, topology, node, cluster),
            {**labels, **_clients(node, cluster)},
            cluster.settings_sum,
        ),
    }
    yield resource("Deployment", "apps/v1", name, labels, spec=spec)
    if has_port(node):
        yield service(name, {"http": int(node.options["port"])}, labels, headless=False)
    if node.replicas > 1:
        bound = {"maxUnavailable": 1, "selector": selecting(name)}
        yield resource("PodDisruptionBudget", "policy/v1", name, labels, spec=bound)


def _container(reference: str, topology: Topology, node: Node, cluster: Cluster) -> Container:
    # Whatever ends is started anew here: a Source that is exhausted stays instead.
    arguments = ["work", reference, node.name, *(["--stay"] if node.is_source else [])]
    environment = {"CATENAE_KAFKA_SASL_USERNAME": cluster.principal(node.name)}
    if _uses_documents(node, cluster):
        environment["CATENAE_DOCUMENTS"] = documents(node.name, topology.name, has_tls=False)
    if has_port(node):
        arguments += ["--option", "host=0.0.0.0"]
    return Container(
        resource_name(node.name),
        f"{cluster.project}/{image(node)}",
        arguments,
        environment,
        {PASSWORD: node.name},
        {"http": int(node.options["port"])} if has_port(node) else {},
        _limits(node.resources),
        {path: access == "read" for path, access in files_of(node).items()},
        trusts=cluster.broker is None,
    )


def _uses_documents(node: Node, cluster: Cluster) -> bool:
    return cluster.has_documents and (node.documents is None or bool(node.documents))


def _clients(node: Node, cluster: Cluster) -> dict[str, str]:
    """Return the labels by which servers let a node in."""
    return {
        **({STORE_CLIENT: "true"} if cluster.has_store else {}),
        **({DOCUMENTS_CLIENT: "true"} if _uses_documents(node, cluster) else {}),
    }


def _limits(resources: Resources) -> dict[str, str]:
    return {
        **({} if resources.cpus is None else {"cpu": f"{resources.cpus:g}"}),
        **({} if resources.memory_mb is None else {"memory": f"{resources.memory_mb}Mi"}),
    }
