"""What all pods of ours have: who they are, what they may do, how they are looked at, what is mounted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from catenae.operating.kubernetes.resources import selecting

# Nobody in particular, as the Dockerfile has it.
NOBODY = 65532
MONITORING_PORT = 9464
# A look at a busy machine takes its time: as the Dockerfile has it.
LOOK_S = 15
# More than the 10 s that `catenae up` grants: a batch may wait for a server that is busy.
STOPS_WITHIN_S = 30
# The Secret of all passwords, and the ConfigMap of what all nodes are told.
PASSWORDS, SETTINGS = "catenae-passwords", "catenae"
# Where Strimzi keeps who signed the brokers' certificates, of a cluster called "kafka".
AUTHORITY_SECRET, AUTHORITY_KEY = "kafka-cluster-ca-cert", "ca.crt"
SECRETS = "/run/secrets"
PASSWORD, AUTHORITY = "password", "authority"
PASSWORD_FILE, AUTHORITY_FILE = f"{SECRETS}/{PASSWORD}", f"{SECRETS}/{AUTHORITY}"

# What the profile "restricted" of Kubernetes asks for.
_CONFINED = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}


@dataclass(frozen=True)
class Container:
    """The one container of a pod.

    image     as kustomize knows it, without a tag
    secrets   file under /run/secrets → key in `PASSWORDS`; nothing else of it is mounted
    data      path in the project's folder → whether it is only read
    trusts    whether it is told by whom Strimzi's certificates are signed
    """

    name: str
    image: str
    args: Sequence[str]
    environment: Mapping[str, str]
    secrets: Mapping[str, str]
    ports: Mapping[str, int] = field(default_factory=dict)
    limits: Mapping[str, str] = field(default_factory=dict)
    data: Mapping[str, bool] = field(default_factory=dict)
    is_probed: bool = True
    trusts: bool = True


def template(container: Container, labels: Mapping[str, str], settings: str) -> dict[str, Any]:
    """Return the template of a pod; `settings` is another text, and pods start anew, when `SETTINGS` is."""
    monitored = {"prometheus.io/scrape": "true", "prometheus.io/port": str(MONITORING_PORT)}
    annotations = {"catenae/settings": settings, **(monitored if container.is_probed else {})}
    return {
        "metadata": {"labels": dict(labels), "annotations": annotations},
        "spec": {
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            "terminationGracePeriodSeconds": STOPS_WITHIN_S,
            "securityContext": confined_to(NOBODY),
            "topologySpreadConstraints": [
                {
                    "maxSkew": 1,
                    "topologyKey": "kubernetes.io/hostname",
                    "whenUnsatisfiable": "ScheduleAnyway",
                    "labelSelector": selecting(container.name),
                }
            ],
            "containers": [_container(container)],
            "volumes": _volumes(container),
        },
    }


def confined_to(user: int) -> dict[str, Any]:
    """Return the security context of a pod that is never root."""
    return {
        "runAsNonRoot": True,
        "runAsUser": user,
        "runAsGroup": user,
        "fsGroup": user,
        "seccompProfile": {"type": "RuntimeDefault"},
    }


def _container(container: Container) -> dict[str, Any]:
    monitoring = {"monitoring": MONITORING_PORT} if container.is_probed else {}
    ports = {**monitoring, **container.ports}
    return {
        "name": container.name,
        "image": container.image,
        "args": list(container.args),
        "envFrom": [{"configMapRef": {"name": SETTINGS}}],
        "env": [{"name": name, "value": value} for name, value in container.environment.items()],
        **(
            {"ports": [{"name": name, "containerPort": port} for name, port in ports.items()]}
            if ports
            else {}
        ),
        **(_PROBES if container.is_probed else {}),
        **({"resources": {"limits": dict(container.limits)}} if container.limits else {}),
        "securityContext": _CONFINED,
        "volumeMounts": [
            {"name": "tmp", "mountPath": "/tmp"},  # noqa: S108  a volume of the pod's own
            {"name": "secrets", "mountPath": SECRETS, "readOnly": True},
            *(
                {"name": "data", "mountPath": f"/app/{path}", "subPath": path, "readOnly": is_read_only}
                for path, is_read_only in sorted(container.data.items())
            ),
        ],
    }


def _volumes(container: Container) -> list[dict[str, Any]]:
    authority = {AUTHORITY: AUTHORITY_KEY} if container.trusts else {}
    sources = [
        _secret(PASSWORDS, container.secrets),
        *([_secret(AUTHORITY_SECRET, authority)] if authority else []),
    ]
    data = {"name": "data", "persistentVolumeClaim": {"claimName": "data"}}
    return [
        {"name": "tmp", "emptyDir": {}},
        {"name": "secrets", "projected": {"sources": sources}},
        *([data] if container.data else []),
    ]


def _secret(name: str, files: Mapping[str, str]) -> dict[str, Any]:
    """Return what mounts of a Secret these of its keys alone, as files."""
    return {"secret": {"name": name, "items": [{"key": key, "path": file} for file, key in files.items()]}}


def _probe(path: str, every_s: int, failures: int) -> dict[str, Any]:
    return {
        "httpGet": {"path": path, "port": "monitoring"},
        "periodSeconds": every_s,
        "timeoutSeconds": LOOK_S,
        "failureThreshold": failures,
    }


# Alive is who gets on or waits for a server, ready who gets on: nobody is ended because Kafka is away.
_PROBES = {
    "startupProbe": _probe("/live", 5, 24),
    "livenessProbe": _probe("/live", 15, 3),
    "readinessProbe": _probe("/ready", 5, 3),
}
