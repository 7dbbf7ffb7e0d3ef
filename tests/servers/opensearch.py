"""OpenSearch on this machine as one node, fetched by Maven."""

import hashlib
import shutil
import tempfile
from pathlib import Path
from typing import Self

from tests.servers.cache import cached, obtain
from tests.servers.ports import free_ports
from tests.servers.process import ServerProcess

_SOURCE = Path(__file__).with_name("opensearch_node")


class OpenSearchServer:
    """OpenSearch on loopback, without users, its data in a folder of its own.

    As a context manager it serves inside, and nothing of it remains.
    """

    def __init__(self) -> None:
        """Obtain and prepare the server. Raises ServerUnavailable without Java 17, Maven or the jars."""
        port, inner_port = free_ports(2)
        self.url = f"http://127.0.0.1:{port}"
        self._folder = Path(tempfile.mkdtemp(prefix="catenae-opensearch-"))
        (self._folder / "config").mkdir()
        small = ["-Xmx512m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"]
        program = [str(_SOURCE / "OneNode.java"), str(self._folder), str(port), str(inner_port)]
        self._process = ServerProcess(
            ["java", *small, "-cp", f"{libraries()}/*", *program],
            log=self._folder / "log",
            ready="serving",
        )

    def __enter__(self) -> Self:
        self._process.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        shutil.rmtree(self._folder)


def libraries() -> Path:
    """Return the folder of the server's jars, fetched by Maven the first time."""
    pom = _SOURCE / "pom.xml"

    def fetch(folder: Path) -> None:
        obtain(["java", "-version"])
        goal = ["dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={folder}"]
        obtain(["mvn", "--batch-mode", "--quiet", "--file", pom, *goal])

    return cached(f"opensearch-{hashlib.sha256(pom.read_bytes()).hexdigest()[:12]}", fetch)
