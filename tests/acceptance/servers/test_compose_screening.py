"""The whole screening in containers on real Kafka, scaled meanwhile, says what it says on the embedded one.

On real posts where they are at hand, else on the generated collection. What fails shows counts, never a text.
"""

import json
import os
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from services.depression.demo.files import write_demo
from services.depression.model.artefact import save_model
from services.depression.model.collections import open_collection
from services.depression.recipe import Recipe
from services.depression.train import train
from tests.servers.compose import Project, running
from tests.servers.docker import DockerEngine
from tests.servers.fixtures import lent

pytestmark = pytest.mark.servers

ROOT = Path(__file__).parents[3]
REAL = Path(os.environ.get("CATENAE_SCREENING_DEV", ROOT.parent / "shared" / "data" / "screening-dev"))
TOPOLOGY = "topologies/depression.py"
TOPICS = ("text_probabilities", "user_probabilities", "alerts")

Said = dict[str, list[Any]]


@pytest.fixture
def collection(tmp_path: Path) -> Path:
    if (REAL / "stream.jsonl.gz").exists():
        return REAL
    write_demo(tmp_path / "demo", users=120, posts=5000)
    return tmp_path / "demo"


@pytest.fixture
def model(collection: Path, tmp_path: Path) -> Path:
    trained, _ = train(open_collection(collection), Recipe())
    save_model(trained, tmp_path / "model")
    return tmp_path / "model"


@pytest.fixture
def containers(docker: DockerEngine, collection: Path, model: Path) -> Iterator[Project]:
    mounts = {"data/demo": collection, "data/model": model}
    yield from lent(lambda: running(f"catenae-screening-{os.getpid()}", "depression", mounts))


def said(lines: str) -> Said:
    """Return what was written of each user, in order, of the lines that `catenae tail` prints.

    When an alert was raised is told by the clock, and is another time there.
    """
    found: Said = defaultdict(list)
    for line in lines.splitlines():
        record = json.loads(line)
        found[record["key"]].append(
            {field: told for field, told in record["value"].items() if field != "raised_ms"}
        )
    return found


def settled(topic: str, every: Said) -> Said:
    """Return what counts in the end: of posts that come together an alert tells once for each batch."""
    return {user: told[-1:] for user, told in every.items()} if topic == "alerts" else every


def on_embedded(collection: Path, model: Path, data: Path) -> list[Said]:
    def catenae(*arguments: str) -> str:
        command = [sys.executable, "-m", "catenae", *arguments, "--data", str(data)]
        return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout

    nodes = ("text_vectoriser", "tfidf_transformer", "logistic_predictor")
    options = [f"--option={node}.model={model}" for node in nodes]
    catenae(
        "up", TOPOLOGY, "--until-drained", "--http-port=0", f"--option=replay.path={collection}", *options
    )
    return [said(catenae("tail", topic, "--from-start")) for topic in TOPICS]


def wait_until_replayed(containers: Project, within_s: float = 600) -> None:
    ends_s = time.monotonic() + within_s
    while containers.inspect("replay")[0]["State"]["Status"] != "exited":
        assert time.monotonic() < ends_s, containers("ps", "--all")
        time.sleep(1)
    while any(not line.endswith(" 0") for line in lags(containers)):
        assert time.monotonic() < ends_s, lags(containers)
        time.sleep(1)


def lags(containers: Project) -> list[str]:
    return containers.catenae("lag", TOPOLOGY).splitlines()[1:]


def test_it_says_in_containers_what_it_says_on_the_embedded_broker(
    containers: Project, collection: Path, model: Path, tmp_path: Path
) -> None:
    for replicas in (4, 1):
        containers("up", "--detach", "--no-recreate", "--scale", f"text_vectoriser={replicas}")
    wait_until_replayed(containers)

    found = [said(containers.catenae("tail", topic, "--from-start")) for topic in TOPICS]
    expected = on_embedded(collection, model, tmp_path / "data")
    for topic, *both in zip(TOPICS, found, expected, strict=True):
        here, there = (settled(topic, each) for each in both)
        differing = sum(here[user] != there[user] for user in {*here, *there})
        assert (topic, len(here), differing) == (topic, len(there), 0)
    assert len(found[-1]) > 0
    assert web_tool(containers) == {"/": (200, True), "/ready": (200, False), "/api/v1/alerts": (401, False)}


def web_tool(containers: Project) -> dict[str, tuple[int, bool]]:
    """Return how the web tool answers a stranger: the status, and whether with a page."""
    address = urlsplit(containers.web_tool)
    found = {}
    for path in ("/", "/ready", "/api/v1/alerts"):
        with closing(HTTPConnection(address.netloc, timeout=10)) as connection:
            connection.request("GET", path)
            answer = connection.getresponse()
            found[path] = answer.status, b"<script" in answer.read()
    return found
