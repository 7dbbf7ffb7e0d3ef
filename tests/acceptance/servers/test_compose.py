"""The word count in containers, by the Compose files of this repository."""

import json
import os
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.compose import Project, running
from tests.servers.docker import DockerEngine
from tests.servers.fixtures import lent

pytestmark = pytest.mark.servers

ROOT = Path(__file__).parents[3]
TOPOLOGY = "topologies/wordcount.py"
LINES = "".join(f"the cat and the dog {number % 50}\n" for number in range(2000))


@pytest.fixture(scope="module")
def words(docker: DockerEngine) -> Iterator[Project]:
    for project in lent(lambda: running(f"catenae-test-{os.getpid()}", "wordcount")):
        project("up", "--detach", "--wait")
        yield project


def wait_until_drained(words: Project, within_s: float = 60) -> None:
    ends_s = time.monotonic() + within_s
    while any(not line.endswith(" 0") for line in words.catenae("lag", TOPOLOGY).splitlines()[1:]):
        assert time.monotonic() < ends_s, words.catenae("lag", TOPOLOGY) + words("logs", "counter")
        time.sleep(0.5)


def test_every_word_counts_once_while_counters_come_and_go(words: Project) -> None:
    for replicas in (4, 1, 2):
        words.catenae("produce", "lines", "--raw", given=LINES)
        words("up", "--detach", "--no-recreate", "--scale", f"counter={replicas}")
    wait_until_drained(words)

    counts: dict[str, list[int]] = {}
    for line in words.catenae("tail", "counts", "--from-start").splitlines():
        value = json.loads(line)["value"]
        counts.setdefault(value["word"], []).append(value["count"])
    expected = Counter((LINES * 3).split())
    assert counts == {word: list(range(1, count + 1)) for word, count in expected.items()}


def test_a_container_may_do_nothing_but_its_work(words: Project) -> None:
    [splitter] = words.inspect("splitter")

    assert splitter["Config"]["User"] == "65532:65532"
    assert splitter["HostConfig"]["ReadonlyRootfs"]
    assert splitter["HostConfig"]["CapDrop"] == ["ALL"]
    assert "no-new-privileges" in splitter["HostConfig"]["SecurityOpt"]
    assert splitter["State"]["Health"]["Status"] == "healthy"


def test_nothing_that_builds_is_in_an_image(words: Project) -> None:
    found = words("exec", "--no-TTY", "splitter", "sh", "-c", "command -v gcc cc make || true")

    assert found == ""


def test_a_container_stops_in_order_and_in_time(words: Project) -> None:
    began_s = time.monotonic()
    words("stop", "splitter")
    took_s = time.monotonic() - began_s
    [splitter] = words.inspect("splitter")
    words("start", "splitter")

    assert splitter["State"]["ExitCode"] == 0
    assert took_s < 15


def test_swarm_reads_the_shared_file(docker: DockerEngine) -> None:
    environment = os.environ | {"CATENAE_SLOT": "{{.Task.Slot}}"}
    file = ROOT / "docker-compose.yml"

    read = subprocess.run(
        ["docker", "stack", "config", "--compose-file", file],
        check=False,
        env=environment,
        capture_output=True,
        text=True,
    )

    assert (read.returncode, read.stderr) == (0, "")
    assert "CATENAE_SLOT: '{{.Task.Slot}}'" in read.stdout
