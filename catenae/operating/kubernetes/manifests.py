"""The folder whole, for `kubectl apply -k`: a file for each topology beside those of what they share."""

from collections.abc import Mapping, Sequence

from catenae.errors import TopologyError
from catenae.operating.compose.conflicts import conflicts
from catenae.operating.compose.service import files_of, image
from catenae.operating.kubernetes.cluster import Cluster
from catenae.operating.kubernetes.kafka import kafka
from catenae.operating.kubernetes.network import policies
from catenae.operating.kubernetes.nodes import resources_of
from catenae.operating.kubernetes.operator import operator
from catenae.operating.kubernetes.pods import SETTINGS
from catenae.operating.kubernetes.resources import Resource, resource, resource_name
from catenae.operating.kubernetes.stores import stores
from catenae.operating.kubernetes.yaml import documents
from catenae.topology.graph import Topology
from catenae.topology.node import Node

KUSTOMIZATION = "kustomization.yaml"
_DATA = "10Gi"


def kubernetes(topologies: Mapping[str, Topology], cluster: Cluster) -> dict[str, str]:
    """Return texts by file for topologies by their references, which are relative to the project's folder.

    Equal topologies give equal texts, and no service is imported. Raises `TopologyError` for topologies that
    cannot share one namespace and one broker, and for names that Kubernetes cannot have.
    """
    for mistake in conflicts(topologies):
        raise TopologyError(mistake)
    parts: dict[str, list[Resource]] = {
        "namespace": [_namespace(cluster)],
        "settings": [resource("ConfigMap", "v1", SETTINGS, data=dict(cluster.settings))],
        "kafka": list(kafka(topologies.values(), cluster)) if cluster.broker is None else [],
        "servers": list(stores(cluster)),
        "data": [_data()] if any(files_of(each) for each in _nodes(topologies)) else [],
        "network": list(policies(topologies.values(), cluster)),
        "operator": list(operator(topologies, cluster)),
        **{
            f"topology-{resource_name(topology.name)}": [
                each for node in topology.nodes for each in resources_of(reference, topology, node, cluster)
            ]
            for reference, topology in topologies.items()
        },
    }
    files = {f"{name}.yaml": resources for name, resources in parts.items() if resources}
    head = "# Written by `catenae kubernetes`. Change the topologies instead, or lay patches over it.\n"
    whole = {KUSTOMIZATION: [_kustomization(list(files), _images(topologies, cluster), cluster)], **files}
    return {name: head + documents(resources) for name, resources in whole.items()}


def _nodes(topologies: Mapping[str, Topology]) -> list[Node]:
    return [node for topology in topologies.values() for node in topology.nodes]


def _images(topologies: Mapping[str, Topology], cluster: Cluster) -> list[str]:
    return sorted({f"{cluster.project}/{each}" for each in ("core", *map(image, _nodes(topologies)))})


def _kustomization(files: Sequence[str], images: Sequence[str], cluster: Cluster) -> Resource:
    return {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "namespace": cluster.project,
        "resources": list(files),
        "images": [{"name": each, "newTag": "latest"} for each in images],
    }


def _namespace(cluster: Cluster) -> Resource:
    """Return the namespace. What is ours there keeps to "restricted"; servers' images are held to less."""
    profiles = {"enforce": "baseline", "warn": "restricted"}
    labels = {f"pod-security.kubernetes.io/{mode}": profile for mode, profile in profiles.items()}
    return resource("Namespace", "v1", cluster.project, labels)


def _data() -> Resource:
    """Return the volume of what nodes read and write in data/: many pods on many machines at once."""
    spec = {"accessModes": ["ReadWriteMany"], "resources": {"requests": {"storage": _DATA}}}
    return resource("PersistentVolumeClaim", "v1", "data", spec=spec)
