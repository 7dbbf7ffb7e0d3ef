"""Which servers tests can have on this machine, in words."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator

from tests.servers import mongodb, opensearch, postgresql
from tests.servers.docker import has_image, is_running
from tests.servers.kafka import libraries
from tests.servers.lending import IMAGES
from tests.servers.unavailable import ServerUnavailable


def which() -> Iterator[str]:
    """Yield a line for each kind of server: what tests get, or why they get none. Obtains what it names."""
    looks: dict[str, Callable[[], str]] = {
        "kafka": lambda: _lent("kafka") or _kafka_of_maven(),
        "mongodb": lambda: _lent("mongodb") or _ferretdb(),
        "postgresql": lambda: _lent("postgresql") or _postgresql_of_maven(),
        "opensearch": lambda: _lent("opensearch") or _opensearch_of_maven(),
        "aerospike": lambda: _lent("aerospike") or _none("no address and no image"),
        "docker": _docker,
        "kcat": _kcat,
    }
    for name, look in looks.items():
        try:
            yield f"{name}: {look()}"
        except ServerUnavailable as missing:
            yield f"{name}: none, {missing}"


def _lent(name: str) -> str:
    """Return where the environment or Docker has it; "" where neither has."""
    variable = f"CATENAE_TEST_{name.upper()}"
    if variable in os.environ:
        return f"the one that {variable} names"
    return f"image {IMAGES[name]}" if name in IMAGES and has_image(IMAGES[name]) else ""


def _kafka_of_maven() -> str:
    [server] = libraries().glob("kafka_2.13-*.jar")
    return f"Apache Kafka {server.stem.removeprefix('kafka_2.13-')}, by Maven"


def _ferretdb() -> str:
    mongodb.program()
    version = re.search(r"FerretDB/FerretDB v([\d.]+)", (mongodb.SOURCE / "go.mod").read_text())
    return f"FerretDB {version[1] if version else ''} over SQLite, by Go"


def _postgresql_of_maven() -> str:
    postgresql.programs()
    return f"PostgreSQL {postgresql.VERSION}, by Maven"


def _opensearch_of_maven() -> str:
    [server] = opensearch.libraries().glob("opensearch-[0-9]*.jar")
    return f"OpenSearch {server.stem.removeprefix('opensearch-')}, by Maven"


def _docker() -> str:
    if is_running():
        return "the engine that runs"
    if shutil.which("dockerd") and os.geteuid() == 0:
        return "an engine that tests start"
    if os.environ.get("CATENAE_INSTALL_DOCKER") == "1":
        return "an engine that tests install and start"
    return _none("no engine runs, and none can be started")


def _kcat() -> str:
    if not shutil.which("kcat"):
        return _none("it is not installed")
    said = subprocess.run(["kcat", "-V"], capture_output=True, text=True, check=True).stdout
    version = re.search(r"Version ([\d.]+)", said)
    return version[1] if version else "of an unknown version"


def _none(why: str) -> str:
    raise ServerUnavailable(why)
