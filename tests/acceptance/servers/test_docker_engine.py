"""The Docker that tests are lent: it builds on the base image with pip, and Compose joins containers."""

import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.docker import BASE_IMAGE, DockerEngine

pytestmark = pytest.mark.servers

DOCKERFILE = (
    f"FROM {BASE_IMAGE}\nRUN pip install msgpack\nCMD python -c 'import msgpack; print(msgpack.packb(1))'\n"
)

COMPOSE = f"""
services:
  server: {{image: "{BASE_IMAGE}", command: python -m http.server 8000}}
  client:
    image: "{BASE_IMAGE}"
    depends_on: [server]
    restart: on-failure
    command: python -c "import urllib.request; print(urllib.request.urlopen('http://server:8000').status)"
"""


def docker_says(*arguments: str) -> str:
    return subprocess.run(
        ["docker", *arguments], check=True, text=True, capture_output=True, timeout=300
    ).stdout


@pytest.fixture
def image(docker: DockerEngine, tmp_path: Path) -> Iterator[str]:
    name = f"smoke-{uuid.uuid4().hex}"
    (tmp_path / "Dockerfile").write_text(DOCKERFILE)
    docker_says("build", "--network", "host", "--tag", name, str(tmp_path))
    yield name
    docker_says("image", "rm", "--force", name)


def test_an_image_is_built_with_pip_and_runs(image: str) -> None:
    assert docker_says("run", "--rm", image) == "b'\\x01'\n"


def test_compose_joins_containers(docker: DockerEngine, tmp_path: Path) -> None:
    file = tmp_path / "compose.yml"
    file.write_text(COMPOSE)
    try:
        docker_says("compose", "--file", str(file), "up", "--detach")
        docker_says("compose", "--file", str(file), "wait", "client")
        assert "200" in docker_says("compose", "--file", str(file), "logs", "client")
    finally:
        docker_says("compose", "--file", str(file), "down", "--timeout", "0")
