"""Topologies in containers, by a project's Compose files; what has no image here is stood in for.

Kafka's image is made of its Maven artefacts. Without those of Aerospike and MongoDB the nodes share an
embedded store and SQLite, for which they must see each other's process ids; what listens there is no server.
"""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catenae.operating.passwords import write_passwords
from catenae.topology.loading import load_topology
from tests.servers.cache import obtain
from tests.servers.docker import BASE_IMAGE, has_image
from tests.servers.kafka import libraries
from tests.servers.ports import free_ports

_ROOT = Path(__file__).parents[2]
# Those of this repository's file.
TOPOLOGIES = ("topologies/depression.py", "topologies/token_filter.py", "topologies/wordcount.py")
_IMAGES = Path(__file__).with_name("images")
_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")


@dataclass(frozen=True)
class Home:
    """Where Compose files are, of which topologies, and what their environment adds."""

    folder: Path
    topologies: Sequence[str]
    environment: Mapping[str, str]


REPOSITORY = Home(_ROOT, TOPOLOGIES, {"CATENAE_IMAGES": "catenae-test"})


class Project:
    """The services of one profile, in a Compose project of its own.

    kafka     its address for programs on this machine
    web_tool  where the web tool is then, if the profile has it
    """

    def __init__(self, name: str, profile: str, adjustments: Path, secrets: Path, home: Home) -> None:
        written = (home.folder / "docker-compose.yml", home.folder / "docker-compose.override.yml")
        files = (*written, adjustments)
        self._command = ["docker", "compose", "--project-name", name, "--profile", profile]
        self._command += [f"--file={file}" for file in files]
        kafka_port, api_port = free_ports(2)
        self.kafka = f"localhost:{kafka_port}"
        self.web_tool = f"http://127.0.0.1:{api_port}"
        self._environment = os.environ | {
            **home.environment,
            "CATENAE_SECRETS": str(secrets),
            "KAFKA_PORT": str(kafka_port),
            "API_PORT": str(api_port),
            "BUILD_CERTIFICATES": str(_CERTIFICATES) if _CERTIFICATES.exists() else "/dev/null",
        }

    def __call__(self, *arguments: str, given: str = "") -> str:
        """Run a command of Compose to its end and return what it printed; CalledProcessError if it fails."""
        return subprocess.run(
            [*self._command, *arguments],
            check=True,
            env=self._environment,
            input=given,
            stdout=subprocess.PIPE,
            text=True,
            timeout=600,
        ).stdout

    def catenae(self, *arguments: str, given: str = "") -> str:
        """Run a command of `catenae` as the operator, who may look everywhere."""
        return self("run", "--rm", "--no-TTY", "--no-deps", "operator", *arguments, given=given)

    def inspect(self, service: str) -> list[dict[str, Any]]:
        """Return what the engine knows of each container of a service, ended ones included."""
        ids = self("ps", "--all", "--quiet", service).split()
        shown = subprocess.run(["docker", "inspect", *ids], check=True, capture_output=True, text=True)
        return json.loads(shown.stdout)  # type: ignore[no-any-return]


@contextmanager
def running(
    name: str, profile: str, mounts: Mapping[str, Path] | None = None, home: Home = REPOSITORY
) -> Iterator[Project]:
    """Build and start the services of `profile`; nothing but images remains of them.

    mounts  folders in place of those that the nodes mount, such as {"data/model": …}

    Raises ServerUnavailable where Kafka can neither be had nor stood in for.
    """
    with tempfile.TemporaryDirectory(prefix="catenae-compose-") as folder:
        adjustments = Path(folder) / "adjustments.json"
        adjustments.write_text("{}")
        secrets = Path(folder) / "secrets"
        list(write_passwords([load_topology(each, home.folder) for each in home.topologies], secrets))
        project = Project(name, profile, adjustments, secrets, home)
        services = json.loads(project("config", "--format", "json"))["services"]
        _stand_in_for_kafka(services["kafka"]["image"])
        absent = [server for server in ("aerospike", "mongodb") if _is_missing(services, server)]
        adjustments.write_text(json.dumps(_adjustments(services, mounts or {}, absent)))
        project("build", "--quiet")
        try:
            project("up", "--detach")
            yield project
        finally:
            project("down", "--volumes", "--timeout", "10")


def _adjustments(
    services: Mapping[str, Mapping[str, Any]], mounts: Mapping[str, Path], absent: Sequence[str]
) -> dict[str, Any]:
    """Return what is different in a test: the build's network, mounts, and what is in place of a server."""
    changed: dict[str, Any] = {}
    for name, service in services.items():
        if "build" in service:
            targets = {each["target"] for each in service.get("volumes", ())}
            changed[name] = {"build": {"network": "host"}}
            changed[name]["volumes"] = [
                {"type": "bind", "source": str(source), "target": f"/app/{place}", "read_only": True}
                for place, source in mounts.items()
                if f"/app/{place}" in targets
            ]
            if absent:
                changed[name] |= {"environment": _shared(absent), "pid": "host"}
                changed[name]["volumes"].append("state:/state")
    ports = {"aerospike": "3000", "mongodb": "27017"}
    for server in absent:
        command = ["python", "-m", "http.server", ports[server]]
        changed[server] = {"image": BASE_IMAGE, "command": command, "init": True, "ulimits": {"nofile": 1024}}
    memory = {"type": "tmpfs", "device": "tmpfs", "o": "uid=65532"}
    return {"services": changed, "volumes": {"state": {"driver_opts": memory}} if absent else {}}


def _is_missing(services: Mapping[str, Mapping[str, Any]], server: str) -> bool:
    return server in services and not has_image(services[server]["image"])


def _shared(absent: Sequence[str]) -> dict[str, str]:
    instead = {
        "aerospike": ("CATENAE_STORE", "embedded:/state/store"),
        "mongodb": ("CATENAE_DOCUMENTS", "sqlite:/state/documents.sqlite"),
    }
    return dict(instead[server] for server in absent)


def _stand_in_for_kafka(image: str) -> None:
    """Build the image of Kafka, unless the engine has it."""
    if has_image(image):
        return
    with tempfile.TemporaryDirectory(prefix="catenae-image-") as folder:
        shutil.copytree(_IMAGES / "kafka", folder, dirs_exist_ok=True)
        shutil.copytree(libraries(), Path(folder) / "libs")
        arguments = ["--build-arg", f"BASE={BASE_IMAGE}", "--tag", image, folder]
        obtain(["docker", "build", "--network", "host", *arguments])
