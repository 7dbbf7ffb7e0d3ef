"""A Docker engine: the one that runs, else one started here, with what no registry gives made on the spot."""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path
from typing import Self

from tests.servers.cache import cache_folder, cached, obtain
from tests.servers.process import ServerProcess
from tests.servers.unavailable import ServerUnavailable

# The image the Dockerfile starts from.
BASE_IMAGE = os.environ.get("CATENAE_TEST_BASE_IMAGE", "python:3.11-slim-bookworm")
_COMPOSE, _COMPOSE_VERSION = "github.com/docker/compose/v2", "v2.40.3"


class DockerEngine:
    """A Docker engine with Compose. As a context manager it runs inside; one that ran before runs on after.

    With CATENAE_INSTALL_DOCKER=1, for a machine of its own and root, what is missing is obtained: the engine
    by apt-get, the base image by debootstrap, Compose by Go.
    """

    def __init__(self) -> None:
        self._process: ServerProcess | None = None

    def __enter__(self) -> Self:
        """Start the engine if none runs. Raises ServerUnavailable without one, or without Compose."""
        may_install = os.environ.get("CATENAE_INSTALL_DOCKER") == "1"
        if may_install:
            _install()
        if not is_running():
            self._process = _start()
        try:
            if may_install:
                _add_compose()
                _add_base_image()
            obtain(["docker", "compose", "version"])
        except ServerUnavailable:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.stop(timeout_s=60)


def is_running() -> bool:
    """Tell whether a Docker engine runs here."""
    return _succeeds("docker", "info")


def has_image(name: str) -> bool:
    """Tell whether a Docker engine runs here and has the image `name`."""
    return _succeeds("docker", "image", "inspect", name)


def _succeeds(*command: str) -> bool:
    if shutil.which(command[0]) is None:
        return False
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _install() -> None:
    programs = {"dockerd": "docker.io", "debootstrap": "debootstrap"}
    missing = [package for program, package in programs.items() if shutil.which(program) is None]
    if missing:
        obtain(["apt-get", "update", "--quiet"])
        obtain(["apt-get", "install", "--quiet", "--yes", *missing], DEBIAN_FRONTEND="noninteractive")


def _start() -> ServerProcess:
    """Start an engine on the usual socket, its images kept in the cache."""
    if shutil.which("dockerd") is None or os.geteuid() != 0:
        raise ServerUnavailable(
            "no Docker engine runs, and without dockerd and root none can be started; "
            "start one, or on a machine of its own set CATENAE_INSTALL_DOCKER=1"
        )
    folder = cache_folder() / "docker"
    folder.mkdir(parents=True, exist_ok=True)
    places = ["--data-root", f"{folder}/data", "--exec-root", f"{folder}/run", "--pidfile", f"{folder}/pid"]
    engine = ServerProcess(["dockerd", *places], log=folder / "log", ready="API listen on")
    engine.start()
    return engine


def _add_compose() -> None:
    """Build Docker Compose as a plug-in of the user's docker command, if it has none."""

    def build(folder: Path) -> None:
        obtain(["go", "mod", "init", "compose"], cwd=folder)
        obtain(["go", "get", f"{_COMPOSE}/cmd@{_COMPOSE_VERSION}"], cwd=folder)
        stamp = f"-X {_COMPOSE}/internal.Version={_COMPOSE_VERSION}"
        obtain(["go", "build", "-ldflags", stamp, "-o", "docker-compose", f"{_COMPOSE}/cmd"], cwd=folder)

    if not _succeeds("docker", "compose", "version"):
        plugins = Path("~/.docker/cli-plugins").expanduser()
        plugins.mkdir(parents=True, exist_ok=True)
        plugin = plugins / "docker-compose"
        plugin.unlink(missing_ok=True)
        plugin.symlink_to(cached(f"compose-{_COMPOSE_VERSION}", build) / "docker-compose")


def _add_base_image() -> None:
    """Make the base image from Debian's own packages, if the engine has none by its name.

    It trusts the certificates that this machine trusts, so that pip works in it as it does here.
    """
    certificates = Path(os.environ.get("SSL_CERT_FILE", "/etc/ssl/certs/ca-certificates.crt"))

    def pack(folder: Path) -> None:
        root = folder / "root"
        packages = "python3,python3-venv,python3-pip,ca-certificates"
        obtain(["debootstrap", "--variant=minbase", f"--include={packages}", "bookworm", root])
        shutil.copy(certificates, root / "etc/ssl/certs/ca-certificates.crt")
        (root / "usr/local/bin/python").symlink_to("/usr/bin/python3")
        (root / "usr/lib/python3.11/EXTERNALLY-MANAGED").unlink()  # the image may install as it pleases
        shutil.rmtree(root / "var/cache/apt/archives")
        obtain(["tar", "--create", "--directory", root, "--file", folder / "root.tar", "."])
        shutil.rmtree(root)

    if not has_image(BASE_IMAGE):
        trusted = hashlib.sha256(certificates.read_bytes()).hexdigest()[:12]
        changes = ["--change=CMD python3", "--change=ENV PIP_CERT=/etc/ssl/certs/ca-certificates.crt"]
        root = cached(f"bookworm-{trusted}", pack) / "root.tar"
        obtain(["docker", "import", *changes, root, BASE_IMAGE])
