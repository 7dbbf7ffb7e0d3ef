"""Aerospike and MongoDB: one pod each, with a volume of its own. Clusters have operators of theirs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from catenae.operating.compose.servers import AEROSPIKE_IMAGE, MONGODB_IMAGE
from catenae.operating.kubernetes.cluster import Cluster
from catenae.operating.kubernetes.pods import PASSWORD, PASSWORD_FILE, PASSWORDS, SECRETS
from catenae.operating.kubernetes.resources import SERVER, Resource, named, resource, selecting, service
from catenae.operating.passwords import OPERATOR

AEROSPIKE_PORT, MONGODB_PORT = 3000, 27017
# Whom MongoDB's image makes itself when it begins as root.
_MONGODB_USER = 999


@dataclass(frozen=True)
class _Server:
    name: str
    image: str
    port: int
    memory: str
    folder: str
    storage: str
    environment: Mapping[str, str]
    pod: Mapping[str, Any] = field(default_factory=dict)
    secret: str | None = None


_AEROSPIKE = _Server(
    "aerospike",
    AEROSPIKE_IMAGE,
    AEROSPIKE_PORT,
    "2Gi",
    "/opt/aerospike/data",
    "8Gi",
    {"NAMESPACE": "catenae", "STORAGE_GB": "4", "AEROSPIKE_TELEMETRY": "FALSE"},
)
_MONGODB = _Server(
    "mongodb",
    MONGODB_IMAGE,
    MONGODB_PORT,
    "1Gi",
    "/data/db",
    "20Gi",
    {"MONGO_INITDB_ROOT_USERNAME": OPERATOR, "MONGO_INITDB_ROOT_PASSWORD_FILE": PASSWORD_FILE},
    {"runAsNonRoot": True, "runAsUser": _MONGODB_USER, "runAsGroup": _MONGODB_USER, "fsGroup": _MONGODB_USER},
    OPERATOR,
)


def stores(cluster: Cluster) -> Iterator[Resource]:
    """Yield the servers beside Kafka that some node needs."""
    if cluster.has_store:
        yield from _resources(_AEROSPIKE, cluster)
    if cluster.has_documents:
        yield from _resources(_MONGODB, cluster)


def _resources(server: _Server, cluster: Cluster) -> Iterator[Resource]:
    labels = named(server.name, cluster.project, SERVER)
    yield service(server.name, {server.name: server.port}, labels, headless=True)
    spec = {
        "replicas": 1,
        "serviceName": server.name,
        "selector": selecting(server.name),
        "template": {"metadata": {"labels": labels}, "spec": _pod(server)},
        "volumeClaimTemplates": [
            {
                "metadata": {"name": "data"},
                "spec": {
                    "accessModes": ["ReadWriteOnce"],
                    "resources": {"requests": {"storage": server.storage}},
                },
            }
        ],
    }
    yield resource("StatefulSet", "apps/v1", server.name, labels, spec=spec)


def _pod(server: _Server) -> dict[str, Any]:
    mounts: list[dict[str, Any]] = [{"name": "data", "mountPath": server.folder}]
    volumes = []
    if server.secret is not None:
        mounts.append({"name": "secrets", "mountPath": SECRETS, "readOnly": True})
        item = {"key": server.secret, "path": PASSWORD}
        volumes.append({"name": "secrets", "secret": {"secretName": PASSWORDS, "items": [item]}})
    looked_at = {"tcpSocket": {"port": server.name}, "periodSeconds": 10, "timeoutSeconds": 5}
    return {
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": 60,
        "securityContext": {**server.pod, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [
            {
                "name": server.name,
                "image": server.image,
                "env": [{"name": name, "value": value} for name, value in server.environment.items()],
                "ports": [{"name": server.name, "containerPort": server.port}],
                # It listens, while it begins, on loopback alone.
                "readinessProbe": looked_at,
                "resources": {"limits": {"memory": server.memory}},
                "securityContext": {"allowPrivilegeEscalation": False},
                "volumeMounts": mounts,
            }
        ],
        **({"volumes": volumes} if volumes else {}),
    }
