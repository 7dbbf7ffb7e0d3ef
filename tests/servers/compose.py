"""Topologies in containers, by this repository's Compose files; what has no image here is stood in for.

Kafka's image is made of its Maven artefacts, MongoDB's of FerretDB. Nothing stands in for Aerospike: without
its image the nodes share an embedded store, for which they must see each other's process ids.
"""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.servers import kafka, mongodb
from tests.servers.cache import obtain
from tests.servers.docker import BASE_IMAGE, has_image
from tests.servers.ports import free_ports

_ROOT = Path(__file__).parents[2]
_IMAGES = Path(__file__).with_name("images")
_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")


class Project:
    """The services of one profile, in a Compose project of its own."""

    def __init__(self, name: str, profile: str, adjustments: Path) -> None:
        files = (_ROOT / "docker-compose.yml", _ROOT / "docker-compose.override.yml", adjustments)
        self._command = ["docker", "compose", "--project-name", name, "--profile", profile]
        self._command += [f"--file={file}" for file in files]
        self._environment = os.environ | {
            "MONGODB_PASSWORD": "unused",
            "KAFKA_PORT": str(*free_ports(1)),
            "CATENAE_IMAGES": "catenae-test",
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

    def catenae(self, service: str, *arguments: str, given: str = "") -> str:
        """Run a command of `catenae` in a service's first container."""
        return self("exec", "--no-TTY", service, "catenae", *arguments, given=given)

    def inspect(self, service: str) -> list[dict[str, Any]]:
        """Return what the engine knows of each container of a service, ended ones included."""
        ids = self("ps", "--all", "--quiet", service).split()
        shown = subprocess.run(["docker", "inspect", *ids], check=True, capture_output=True, text=True)
        return json.loads(shown.stdout)  # type: ignore[no-any-return]


@contextmanager
def running(name: str, profile: str) -> Iterator[Project]:
    """Build and start the services of `profile`; they are healthy inside, and nothing but images remains.

    Raises ServerUnavailable where a server can neither be had nor stood in for.
    """
    with tempfile.TemporaryDirectory(prefix="catenae-compose-") as folder:
        adjustments = Path(folder) / "adjustments.json"
        adjustments.write_text("{}")
        project = Project(name, profile, adjustments)
        services = json.loads(project("config", "--format", "json"))["services"]
        _stand_in(services["kafka"]["image"], "kafka", kafka.libraries, "libs")
        _stand_in(services["mongodb"]["image"], "mongodb", mongodb.program, "ferretdb")
        adjustments.write_text(json.dumps(_adjustments(services)))
        project("build", "--quiet")
        try:
            project("up", "--detach", "--wait", "--quiet-pull")
            yield project
        finally:
            project("down", "--volumes", "--timeout", "10")


def _adjustments(services: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return what is different in a test: the build's network, and what stands in for Aerospike."""
    nodes = [name for name, service in services.items() if "build" in service]
    changed: dict[str, Any] = {name: {"build": {"network": "host"}} for name in nodes}
    if has_image(services["aerospike"]["image"]):
        return {"services": changed}
    for name in nodes:
        changed[name] |= {
            "environment": {"CATENAE_STORE": "embedded:/state/store"},
            "volumes": ["state:/state"],
            "pid": "host",
        }
    listens = ["python", "-m", "http.server", "3000"]
    changed["aerospike"] = {
        "image": BASE_IMAGE,
        "command": listens,
        "init": True,
        "ulimits": {"nofile": 1024},
    }
    memory = {"type": "tmpfs", "device": "tmpfs", "o": "uid=65532"}
    return {"services": changed, "volumes": {"state": {"driver_opts": memory}}}


def _stand_in(image: str, name: str, obtained: Callable[[], Path], placed: str) -> None:
    """Build `images/NAME` as `image`, unless the engine has one, with what was obtained."""
    if has_image(image):
        return
    with tempfile.TemporaryDirectory(prefix="catenae-image-") as folder:
        context = Path(folder) / name
        shutil.copytree(_IMAGES / name, context)
        source = obtained()
        (shutil.copytree if source.is_dir() else shutil.copy)(source, context / placed)
        arguments = ["--build-arg", f"BASE={BASE_IMAGE}", "--tag", image, str(context)]
        obtain(["docker", "build", "--network", "host", *arguments])
