"""The two files whole: `docker stack deploy` refuses what only Compose knows, so that has one of its own."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from catenae.errors import TopologyError
from catenae.operating.compose.conflicts import conflicts
from catenae.operating.compose.deployment import ONE_BROKER, Deployment
from catenae.operating.compose.kafka import protocol
from catenae.operating.compose.operator import local_operator, operator
from catenae.operating.compose.secrets import AUTHORITY_FILE, PASSWORD_FILE, secrets
from catenae.operating.compose.servers import STORE, servers, volumes
from catenae.operating.compose.service import build, image, local_service, service
from catenae.operating.compose.yaml import quoted
from catenae.operating.passwords import OPERATOR
from catenae.topology.graph import Topology

# More than the 10 s that `catenae up` grants: a batch may wait for a server that is busy.
_STOPS_WITHIN_S = 30
# What a shell and a comment both leave alone.
_PLAIN = re.compile(r"[\w./:-]+")


@dataclass(frozen=True)
class ComposeFiles:
    """The texts of the files.

    shared  what Compose and Swarm both read, docker-compose.yml
    local   what Compose adds to it by itself, docker-compose.override.yml: building, ports, order, profiles
    """

    shared: str
    local: str


EVERYTHING = Deployment()


def compose(topologies: Mapping[str, Topology], deployment: Deployment = EVERYTHING) -> ComposeFiles:
    """Return the files of topologies by their references, which are relative to the project's folder.

    Equal topologies give equal text, and no service is imported. Raises `TopologyError` for topologies that
    cannot share one file and one broker.
    """
    for mistake in conflicts(topologies):
        raise TopologyError(mistake)
    written_by = _written_by(topologies, deployment)
    return ComposeFiles(
        _shared(topologies, deployment, written_by), _local(topologies, deployment, written_by)
    )


def _shared(topologies: Mapping[str, Topology], deployment: Deployment, written_by: str) -> str:
    nodes = [node.name for topology in topologies.values() for node in topology.nodes]
    return "\n".join(
        (
            f"# {written_by} Change the topologies instead.\n"
            f"# For Docker Compose, which adds docker-compose.override.yml by itself, and for Swarm.\n",
            _every_node(),
            _environment(deployment),
            "services:\n" + servers(deployment),
            operator(list(topologies), nodes, deployment),
            *(
                service(reference, topology.name, node, deployment)
                for reference, topology in topologies.items()
                for node in topology.nodes
            ),
            volumes(deployment),
            secrets(nodes, has_tls=deployment.has_tls),
            _NETWORK,
        )
    )


def _local(topologies: Mapping[str, Topology], deployment: Deployment, written_by: str) -> str:
    nodes = [(topology.name, node) for topology in topologies.values() for node in topology.nodes]
    extras = {"core": (), **{image(node): node.extras for _, node in nodes}}
    return "\n".join(
        (
            f"# {written_by} Change the topologies instead.\n"
            f"# What only Docker Compose understands, added to docker-compose.yml.\n",
            _every_local_node(deployment.servers),
            *(
                f"x-build-{name}: &build-{name}\n{build(each, deployment)}"
                for name, each in sorted(extras.items())
            ),
            "services:\n" + deployment.kafka.ports(),
            local_operator(),
            *(local_service(topology, node) for topology, node in nodes),
            "# More certificates that pip is to trust while an image is built; nothing of them stays in it.\n"
            "secrets:\n  certificates:\n    file: ${BUILD_CERTIFICATES:-/dev/null}\n",
        )
    )


def _written_by(topologies: Mapping[str, Topology], deployment: Deployment) -> str:
    named = [each if _PLAIN.fullmatch(each) else quoted(each) for each in topologies]
    brokers = [] if deployment.kafka == ONE_BROKER else [f"--brokers {deployment.kafka.count}"]
    tls = ["--tls"] if deployment.has_tls else []
    return f"Written by `catenae compose {' '.join(named + brokers + tls)}`."


def _every_node() -> str:
    """Return what all nodes have. The hyphen keeps its name apart from those of topologies."""
    return f"""\
x-every-node: &every-node
  init: true
  read_only: true
  tmpfs: [/tmp]
  cap_drop: [ALL]
  stop_grace_period: {_STOPS_WITHIN_S}s
  logging:
    driver: local
"""


def _environment(deployment: Deployment) -> str:
    """Return what the environment of every node has; each adds who it is."""
    trusted = f"  CATENAE_KAFKA_SSL_CA_LOCATION: {AUTHORITY_FILE}\n" if deployment.has_tls else ""
    documents = f"  CATENAE_MONGODB_PASSWORD_FILE: {PASSWORD_FILE}\n" if deployment.has_documents else ""
    store = f"  CATENAE_STORE: {STORE}\n" if deployment.has_store else ""
    return f"""\
x-environment: &environment
  CATENAE_BROKER: {deployment.kafka.url}
  CATENAE_KAFKA_SECURITY_PROTOCOL: {protocol(has_tls=deployment.has_tls)}
  CATENAE_KAFKA_SASL_MECHANISM: PLAIN
  CATENAE_KAFKA_SASL_PASSWORD_FILE: {PASSWORD_FILE}
{trusted}{documents}{store}\
  CATENAE_LOG_FORMAT: ${{CATENAE_LOG_FORMAT:-text}}
  CATENAE_LOG_LEVEL: ${{CATENAE_LOG_LEVEL:-info}}
  CATENAE_SLOT: ${{CATENAE_SLOT:-}}
"""


# Between machines all is encrypted, whether servers speak TLS or not; on one there is nothing between.
_NETWORK = """\
networks:
  default:
    driver_opts:
      encrypted: "true"
"""


def _every_local_node(servers: Sequence[str]) -> str:
    waits = "".join(f"    {name}:\n      condition: service_healthy\n" for name in servers)
    return f"""\
x-after-servers: &after-servers
  security_opt: [no-new-privileges]
  depends_on: &servers
{waits}
x-every-node: &every-node
  security_opt: [no-new-privileges]
  depends_on:
    <<: *servers
    {OPERATOR}:
      condition: service_completed_successfully
"""
