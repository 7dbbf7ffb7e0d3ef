"""A server of MongoDB's wire protocol on this machine: FerretDB over SQLite, without telemetry."""

import hashlib
import shutil
import tempfile
from pathlib import Path
from typing import Self

from tests.servers.cache import cached, obtain
from tests.servers.ports import free_ports
from tests.servers.process import ServerProcess

SOURCE = Path(__file__).with_name("ferretdb")


class MongoServer:
    """FerretDB on loopback, its data in a folder of its own, killed and started again at will.

    As a context manager it serves inside, and nothing of it remains.
    """

    def __init__(self) -> None:
        """Obtain and prepare the server. Raises ServerUnavailable without Go or the modules."""
        built = program()
        (port,) = free_ports(1)
        self.url = f"mongodb://127.0.0.1:{port}/"
        self._folder = Path(tempfile.mkdtemp(prefix="catenae-mongodb-"))
        self.process = ServerProcess(
            [str(built), f"127.0.0.1:{port}", str(self._folder)],
            log=self._folder / "log",
            ready="Listening on TCP",
        )

    def start(self) -> None:
        """Start the server and return when it serves; after a stop or a kill, on the same port and data."""
        self.process.start()

    def stop(self) -> None:
        """Stop the server: it writes all it has."""
        self.process.stop()

    def kill(self) -> None:
        """End the server as `kill -9` does."""
        self.process.kill()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        shutil.rmtree(self._folder)


def program() -> Path:
    """Return the server's program, built by Go the first time."""

    def build(folder: Path) -> None:
        obtain(["go", "build", "-C", SOURCE, "-o", folder / "ferretdb", "."])

    source = b"".join(file.read_bytes() for file in sorted(SOURCE.iterdir()))
    return cached(f"ferretdb-{hashlib.sha256(source).hexdigest()[:12]}", build) / "ferretdb"
