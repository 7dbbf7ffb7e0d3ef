"""A PostgreSQL server on this machine, its programs fetched by Maven."""

import hashlib
import os
import platform
import shutil
import signal
import tarfile
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from tests.servers.cache import cached, obtain
from tests.servers.ports import free_ports
from tests.servers.process import ServerProcess
from tests.servers.unavailable import ServerUnavailable

VERSION = "17.5.0"
_ARTIFACTS = {"x86_64": "linux-amd64", "aarch64": "linux-arm64v8"}


class PostgresqlServer:
    """PostgreSQL on loopback, its data in a folder of its own, ended and started again at will.

    As a context manager it serves inside, and nothing of it remains.
    """

    def __init__(self) -> None:
        """Obtain and prepare the server. Raises ServerUnavailable without Maven or the programs."""
        found = programs()
        (port,) = free_ports(1)
        self.url = f"postgresql://postgres@127.0.0.1:{port}/postgres"
        self._folder = Path(tempfile.mkdtemp(prefix="catenae-postgresql-"))
        data = str(self._folder / "data")
        made = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync"]
        obtain([*_no_root(), found / "bin" / "initdb", "--pgdata", data, *made])
        place = ["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="]
        self.process = ServerProcess(
            [*_no_root(), str(found / "bin" / "postgres"), "-D", data, "-p", str(port), *place],
            log=self._folder / "log",
            ready="ready to accept connections",
            stops_by=signal.SIGQUIT,
        )

    def start(self) -> None:
        """Start the server and return when it serves; after an end, on the same port and data."""
        self.process.start()

    def crash(self) -> None:
        """End all processes of the server at once; the next start recovers what was committed."""
        self.process.stop()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.crash()
        shutil.rmtree(self._folder)


def programs() -> Path:
    """Return the folder of the server, fetched by Maven the first time."""
    artifact = _ARTIFACTS.get(platform.machine())
    if artifact is None:
        raise ServerUnavailable(f"no PostgreSQL of Maven for {platform.machine()}")
    name = f"embedded-postgres-binaries-{artifact}"

    def fetch(folder: Path) -> None:
        where = f"-Dartifact=io.zonky.test.postgres:{name}:{VERSION}"
        obtain(["mvn", "--batch-mode", "--quiet", "dependency:copy", where, f"-DoutputDirectory={folder}"])
        (jar,) = folder.glob("*.jar")
        with zipfile.ZipFile(jar) as opened:
            (packed,) = (each for each in opened.namelist() if each.endswith(".txz"))
            with opened.open(packed) as archive, tarfile.open(fileobj=archive, mode="r|xz") as files:
                files.extractall(folder, filter="data")
        jar.unlink()

    return cached(f"postgresql-{hashlib.sha256(f'{name} {VERSION}'.encode()).hexdigest()[:12]}", fetch)


def _no_root() -> Sequence[str]:
    """Return what a command begins with: PostgreSQL does not run as root, but as what root calls another."""
    if os.geteuid():
        return ()
    return ("unshare", "--user", "--map-user=1000", "--map-group=1000")
