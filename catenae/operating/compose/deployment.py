"""What holds for the files of Compose whole: whose images they are, and which servers there are."""

import re
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catenae.errors import TopologyError
from catenae.microservice import Microservice
from catenae.operating.compose.kafka import KafkaBrokers
from catenae.running.injection import needs_documents, needs_store
from catenae.topology.graph import Topology
from catenae.topology.loading import import_service

# Of whom nothing else is known.
LIBRARY = "catenae"
ONE_BROKER = KafkaBrokers()
# What Docker takes as a part of an image's name.
_NOT_IN_IMAGE = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class Deployment:
    """What is the same for every node.

    has_tls        Kafka and MongoDB are spoken to by TLS; the certificates are secrets
    project        whose images they are: two projects on one machine have images of two names
    has_store      some node keeps State or timers, so there is an Aerospike
    has_documents  some node has to do with documents, so there is a MongoDB
    """

    kafka: KafkaBrokers = ONE_BROKER
    has_tls: bool = False
    project: str = LIBRARY
    has_store: bool = True
    has_documents: bool = True

    @property
    def servers(self) -> tuple[str, ...]:
        """The names of all servers' services."""
        return (*self.kafka.names, *self._beside_kafka)

    @property
    def clients(self) -> tuple[str, ...]:
        """The extras by which an image reaches them."""
        return ("fast", *self._beside_kafka)

    @property
    def images(self) -> str:
        """What the names of the images begin with."""
        return f"${{CATENAE_IMAGES:-{self.project}}}"

    @property
    def _beside_kafka(self) -> tuple[str, ...]:
        wanted = {"aerospike": self.has_store, "mongodb": self.has_documents}
        return tuple(name for name, is_wanted in wanted.items() if is_wanted)


def project_name(folder: Path) -> str:
    """Return what a project's images are called: as its pyproject.toml calls it, else as its folder."""
    try:
        told: dict[str, Any] = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        told = {}
    name = str(told.get("project", {}).get("name", "")) or folder.resolve().name
    return _NOT_IN_IMAGE.sub("-", name.lower()).strip("-") or LIBRARY


def used(topologies: Iterable[Topology]) -> tuple[bool, bool, list[str]]:
    """Return whether any node needs a store, whether any needs documents, and whose service cannot tell.

    Imports the services. One that cannot be, for want of what only its image installs, may need both.
    """
    services: list[type[Microservice]] = []
    unknown: list[str] = []
    nodes = [node for topology in topologies for node in topology.nodes]
    for node in nodes:
        try:
            services.append(import_service(node.service))
        except TopologyError as error:
            unknown.append(f"node {node.name!r}: {error}")

    def any_of(needs: Callable[[type[Microservice]], bool]) -> bool:
        return bool(unknown) or any(needs(each) for each in services)

    has_personal = any(node.personal for node in nodes)
    return any_of(needs_store), has_personal or any_of(needs_documents), unknown
