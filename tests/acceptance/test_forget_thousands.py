"""Thousands of requests to forget, from the documents where people make them to files without a byte of any.

`CATENAE_FORGET_REQUESTS=5000` makes it long; the default is a short form. No process may take more memory
for many than for a few.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from catenae import open_documents
from services.cli.run import FORGET_NODE, MODEL_NODES, TOPOLOGY
from services.depression.demo.files import write_demo
from services.depression.evaluate import split_users
from services.depression.model.artefact import save_model
from services.depression.model.collections import open_collection
from services.depression.recipe import Recipe
from services.depression.train import train
from services.forgetting.forget_recorder import PERSONAL
from services.forgetting.forget_requests import COLLECTION

pytestmark = [pytest.mark.acceptance, pytest.mark.long]

REQUESTS = int(os.environ.get("CATENAE_FORGET_REQUESTS", "500"))
MOST_BYTES = 200_000_000
DAYS_AGO = 365 * 50
# Runs a command, and says how much memory the largest of its processes took.
MEASURED = """
import resource, subprocess, sys
status = subprocess.call(sys.argv[1:], stdout=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024)
sys.exit(status)
"""


def largest_process_bytes(*command: object) -> int:
    arguments = [sys.executable, "-c", MEASURED, sys.executable, "-m", *map(str, command)]
    ended = subprocess.run(arguments, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr[-2000:]
    return int(ended.stdout)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    demo, folder = tmp_path_factory.mktemp("few") / "demo", tmp_path_factory.mktemp("model") / "model"
    write_demo(demo, users=80, posts=1600)
    collection = open_collection(demo)
    made, _ = train(collection.only(split_users(collection.truth, 0)[0]), Recipe())
    save_model(made, folder)
    return folder


def test_so_many_are_forgotten_in_little_memory(
    tmp_path: Path, model: Path, record_property: Callable[[str, object], None]
) -> None:
    data, demo = tmp_path / "data", tmp_path / "many"
    write_demo(demo, users=REQUESTS, posts=2 * REQUESTS)
    options = {"replay.path": demo, "api.port": 0, **{f"{node}.model": model for node in MODEL_NODES}}
    run = ["catenae", "up", TOPOLOGY, "--until-drained", "--data", data, "--http-port", "0"]
    run += [part for name, value in options.items() for part in ("--option", f"{name}={value}")]
    screening_bytes = largest_process_bytes(*run)
    with closing(open_documents(f"sqlite:{data / 'documents.sqlite'}")) as documents:
        people = documents.count("users")
        assert people > REQUESTS * 0.9
        cursor = None
        while True:
            page = documents.find("users", limit=1000, cursor=cursor, fields=["id"])
            asked = [{"id": each["id"], "status": "requested", "requested_ms": 1} for each in page.documents]
            documents.upsert(COLLECTION, asked)
            cursor = page.cursor
            if cursor is None:
                break

    asking_bytes = largest_process_bytes(*run, "--option", f"{FORGET_NODE}.ends=true")

    with closing(open_documents(f"sqlite:{data / 'documents.sqlite'}")) as documents:
        assert documents.count(COLLECTION, {"status": "done"}) == people
        assert [documents.count(name) for name in PERSONAL] == [0] * len(PERSONAL)
        cursor, silent = None, {"is_silent": True}
        while (found := documents.find(COLLECTION, {"is_silent": None}, fields=["id"], limit=1000)).documents:
            documents.merge(COLLECTION, [{"id": each["id"], **silent} for each in found.documents])
    erasing_bytes = largest_process_bytes(
        "services.cli", "forget", "--silent-days", DAYS_AGO, "--yes", "--data", data
    )

    figures = {"screening": screening_bytes, "asking": asking_bytes, "erasing": erasing_bytes}
    for name, size_bytes in figures.items():
        record_property(f"{name}_mb", size_bytes / 1e6)
    assert max(asking_bytes, erasing_bytes) <= MOST_BYTES, figures
