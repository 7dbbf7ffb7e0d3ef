"""The two files whole: `docker stack deploy` refuses what only Compose knows, so that has one of its own."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from catenae.errors import TopologyError
from catenae.topology.compose.conflicts import conflicts
from catenae.topology.compose.kafka import KafkaBrokers
from catenae.topology.compose.servers import STORE, documents, names, servers, volumes
from catenae.topology.compose.service import build, image, local_service, service
from catenae.topology.compose.yaml import quoted
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


ONE_BROKER = KafkaBrokers()


def compose(topologies: Mapping[str, Topology], kafka: KafkaBrokers = ONE_BROKER) -> ComposeFiles:
    """Return the files of topologies by their references, which are relative to the project's folder.

    Equal topologies give equal text, and no service is imported. Raises `TopologyError` for topologies that
    cannot share one file and one broker.
    """
    for mistake in conflicts(topologies):
        raise TopologyError(mistake)
    return ComposeFiles(_shared(topologies, kafka), _local(topologies, kafka))


def _shared(topologies: Mapping[str, Topology], kafka: KafkaBrokers) -> str:
    return "\n".join(
        (
            f"# {_written_by(topologies, kafka)} Change the topologies instead.\n"
            f"# For Docker Compose, which adds docker-compose.override.yml by itself, and for Swarm.\n",
            _every_node(),
            *(_in_topology(topology, kafka.url) for topology in topologies.values()),
            "services:\n" + servers(kafka),
            *(
                service(reference, topology.name, node)
                for reference, topology in topologies.items()
                for node in topology.nodes
            ),
            volumes(kafka),
        )
    )


def _local(topologies: Mapping[str, Topology], kafka: KafkaBrokers) -> str:
    nodes = [(topology.name, node) for topology in topologies.values() for node in topology.nodes]
    builds = {image(node): build(node) for _, node in nodes}
    return "\n".join(
        (
            f"# {_written_by(topologies, kafka)} Change the topologies instead.\n"
            f"# What only Docker Compose understands, added to docker-compose.yml.\n",
            _every_local_node(kafka),
            *(f"x-build-{name}: &build-{name}\n{text}" for name, text in sorted(builds.items())),
            "services:\n" + kafka.ports(),
            *(local_service(topology, node) for topology, node in nodes),
            "# More certificates that pip is to trust while an image is built; nothing of them stays in it.\n"
            "secrets:\n  certificates:\n    file: ${BUILD_CERTIFICATES:-/dev/null}\n",
        )
    )


def _written_by(topologies: Mapping[str, Topology], kafka: KafkaBrokers) -> str:
    named = [each if _PLAIN.fullmatch(each) else quoted(each) for each in topologies]
    brokers = [] if kafka == ONE_BROKER else [f"--brokers {kafka.count}"]
    return f"Written by `catenae compose {' '.join(named + brokers)}`."


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


def _in_topology(topology: Topology, broker: str) -> str:
    return f"""\
x-{topology.name}: &{topology.name}
  <<: *every-node
  environment:
    CATENAE_BROKER: {broker}
    CATENAE_STORE: {STORE}
    CATENAE_DOCUMENTS: {documents(topology.name)}
    CATENAE_LOG_FORMAT: ${{CATENAE_LOG_FORMAT:-text}}
    CATENAE_LOG_LEVEL: ${{CATENAE_LOG_LEVEL:-info}}
    CATENAE_SLOT: ${{CATENAE_SLOT:-}}
"""


def _every_local_node(kafka: KafkaBrokers) -> str:
    waits = "".join(f"    {name}:\n      condition: service_healthy\n" for name in names(kafka))
    return f"""\
x-every-node: &every-node
  security_opt: [no-new-privileges]
  depends_on:
{waits}"""
