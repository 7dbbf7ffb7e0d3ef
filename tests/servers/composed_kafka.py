"""The Kafka of a Compose file that `catenae compose` writes: its settings, on loopback, without Docker."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from catenae.operating.compose import Deployment, compose
from catenae.operating.passwords import write_passwords
from catenae.topology.graph import Topology
from tests.servers.cache import obtain
from tests.servers.kafka import KafkaServer
from tests.servers.ports import free_ports

_SECRETS = "/run/secrets"
_BROKER = "kafka:9092"
# Of the container's own file system, or of another store.
_ELSEWHERE = ("CATENAE_STORE", "CATENAE_DOCUMENTS", "CATENAE_SLOT", "CATENAE_LOG_FORMAT", "CATENAE_LOG_LEVEL")


@dataclass(frozen=True)
class ComposedKafka:
    """Where it is, and what the file says of services.

    secrets  the folder of the passwords and certificates
    """

    bootstrap: str
    secrets: Path
    services: Mapping[str, Any]

    def environment(self, service: str) -> dict[str, str]:
        """Return what a node's container has of Kafka in its environment, as it is on this machine."""
        found = self.services[service]["environment"]
        return {
            name: str(value)
            .replace(f"{_SECRETS}/password", str(self.secrets / service))
            .replace(_SECRETS, str(self.secrets))
            .replace(_BROKER, self.bootstrap)
            for name, value in found.items()
            if name not in _ELSEWHERE
        }


@contextmanager
def composed_kafka(topologies: Mapping[str, Topology], *, has_tls: bool) -> Iterator[ComposedKafka]:
    """Serve as the container does. Raises ServerUnavailable as KafkaServer does, with TLS without openssl."""
    with tempfile.TemporaryDirectory(prefix="catenae-composed-") as folder:
        secrets = Path(folder) / "secrets"
        list(write_passwords(list(topologies.values()), secrets))
        if has_tls:
            _certify(secrets)
        services = yaml.safe_load(compose(topologies, Deployment(has_tls=has_tls)).shared)["services"]
        internal, controller, host = free_ports(3)
        settings = {
            name.removeprefix("KAFKA_").lower().replace("_", "."): _here(str(value), secrets)
            for name, value in services["kafka"]["environment"].items()
        }
        settings |= {
            "listeners": f"INTERNAL://127.0.0.1:{internal},CONTROLLER://127.0.0.1:{controller},"
            f"HOST://127.0.0.1:{host}",
            "advertised.listeners": f"INTERNAL://127.0.0.1:{internal},HOST://127.0.0.1:{host}",
            "controller.quorum.voters": f"1@127.0.0.1:{controller}",
        }
        with KafkaServer(settings=settings):
            yield ComposedKafka(f"127.0.0.1:{internal}", secrets, services)


def _here(value: str, secrets: Path) -> str:
    """Return a setting as Compose hands it over, its files in a folder of this machine."""
    return value.replace("$$", "$").replace(_SECRETS, str(secrets))


def _certify(folder: Path) -> None:
    """Make a certificate that vouches for itself, as files: with its key, and alone."""
    certificate, key, authority = (folder / name for name in ("certificate", "key", "authority"))
    request = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=kafka"]
    obtain([*request, "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", authority])
    certificate.write_text(key.read_text() + authority.read_text())
    key.unlink()
