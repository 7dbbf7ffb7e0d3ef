"""Names, labels and kinds, as Kubernetes has them."""

import re
from collections.abc import Mapping
from typing import Any

from catenae.errors import TopologyError

Resource = dict[str, Any]

# Of each pod: whether it is a node of a topology, a server, or the operator's.
ROLE = "app.kubernetes.io/component"
NODE, SERVER, OPERATOR_ROLE = "microservice", "server", "operator"
# What a node reaches beside Kafka.
STORE_CLIENT = "catenae/store"
DOCUMENTS_CLIENT = "catenae/documents"
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


def resource_name(name: str) -> str:
    """Return what a node or topology is called in a cluster, which knows no underscores; no two are alike.

    Raises `TopologyError` for a name of which nothing can be made.
    """
    spelled = name.replace("_", "-")
    if not _LABEL.fullmatch(spelled):
        raise TopologyError(f"{name!r} ends with an underscore, as no name in Kubernetes may; rename it")
    return spelled


def resource(
    kind: str, version: str, name: str, labels: Mapping[str, str] | None = None, **parts: Any
) -> Resource:
    """Return a resource with its parts, such as `spec`."""
    metadata: Resource = {"name": name, **({"labels": dict(labels)} if labels else {})}
    return {"apiVersion": version, "kind": kind, "metadata": metadata, **parts}


def named(name: str, part_of: str, role: str) -> dict[str, str]:
    """Return the labels of what is called so and belongs to a topology, or to the project."""
    return {"app.kubernetes.io/name": name, "app.kubernetes.io/part-of": part_of, ROLE: role}


def selecting(name: str) -> dict[str, Any]:
    """Return what selects the pods of one name."""
    return {"matchLabels": {"app.kubernetes.io/name": name}}


def service(name: str, ports: Mapping[str, int], labels: Mapping[str, str], *, headless: bool) -> Resource:
    """Return the address of pods, or of each of them."""
    spec = {
        **({"clusterIP": "None"} if headless else {}),
        "selector": {"app.kubernetes.io/name": name},
        "ports": [{"name": each, "port": port} for each, port in ports.items()],
    }
    return resource("Service", "v1", name, labels, spec=spec)
