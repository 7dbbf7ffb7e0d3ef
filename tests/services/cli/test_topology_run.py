"""What a run of a topology waits for, and how long."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from catenae import open_documents
from services.cli import topology_run


@pytest.fixture
def topology() -> Iterator["subprocess.Popen[bytes]"]:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process
        process.kill()


def test_a_post_that_never_comes_is_not_waited_for_without_end(
    topology: "subprocess.Popen[bytes]", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(topology_run, "_PATIENCE_S", 0.1)
    monkeypatch.setattr(topology_run, "_LOOK_EVERY_S", 0.01)
    with closing(open_documents(f"sqlite:{tmp_path}/documents.sqlite")) as documents:
        documents.upsert("users", [{"id": "ann", "user": "ann", "posts": 2}])

    topology_run.wait_for_posts(topology, tmp_path, wanted=3)

    assert topology.poll() is None
