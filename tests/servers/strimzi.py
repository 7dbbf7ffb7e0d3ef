"""What Strimzi's own classes make of its resources."""

import hashlib
import json
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tests.patience import PATIENCE_S
from tests.servers.cache import cached, obtain

SOURCE = Path(__file__).with_name("strimzi")


def unknown_to_strimzi(resources: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return what its classes do not know, each with where it stands.

    Raises ServerUnavailable without Maven or Java, CalledProcessError for what they refuse to read.
    """
    said = subprocess.run(
        ["java", "-cp", f"{_classes()}/*", SOURCE / "Check.java"],
        input="".join(f"{json.dumps(each)}\n" for each in resources),
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE_S,
    )
    return said.stdout.splitlines()


def _classes() -> Path:
    pom = SOURCE / "pom.xml"

    def download(folder: Path) -> None:
        obtain(["mvn", "-q", "-B", "-f", pom, "dependency:copy-dependencies", f"-DoutputDirectory={folder}"])

    return cached(f"strimzi-{hashlib.sha256(pom.read_bytes()).hexdigest()[:12]}", download)
