"""A server in a Docker container, its image already there: nothing is pulled."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.servers.process import ServerProcess


@contextmanager
def container(
    image: str, *arguments: str, ready: str, environment: Mapping[str, object] | None = None
) -> Iterator[None]:
    """Run `image` on this machine's own loopback: it serves inside, once its log has `ready`."""
    variables = [f"--env={name}={value}" for name, value in (environment or {}).items()]
    command = ["docker", "run", "--rm", "--network=host", *variables, image, *arguments]
    with tempfile.TemporaryDirectory(prefix="catenae-container-") as folder:
        process = ServerProcess(command, Path(folder) / "log", ready)
        try:
            process.start()
            yield
        finally:
            process.stop()  # the docker command passes the signal on
