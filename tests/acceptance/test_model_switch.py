"""`./screening model use` while the topology runs, stages killed: each post as its version says."""

import gzip
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, suppress
from itertools import product
from pathlib import Path

import pytest

from catenae import Document, open_documents
from catenae.brokers import open_broker
from catenae.deployment.lag import lags
from services.cli.run import MODEL_NODES
from services.depression.demo.files import STREAM, write_demo
from services.depression.evaluate import probabilities, split_users
from services.depression.model.artefact import Model, save_model
from services.depression.model.collection import Collection
from services.depression.model.collections import open_collection
from services.depression.train import train
from services.models.in_use import LOOK_EVERY_S
from services.reddit.records import OddRow, TextRecord, text_record
from tests.acceptance.command import ROOT, Command
from tests.acceptance.quick_training import QUICK
from tests.patience import until
from topologies.depression import topology

pytestmark = pytest.mark.acceptance

USERS, POSTS = 80, 800


@pytest.fixture
def demo(tmp_path: Path) -> Collection:
    write_demo(tmp_path / "demo", USERS, POSTS)
    return open_collection(tmp_path / "demo")


@pytest.fixture
def models(demo: Collection) -> list[Model]:
    """Return two versions that know other words and weights."""
    halves = split_users(demo.truth, seed=0)
    return [train(demo.only(half), QUICK)[0] for half in halves]


@pytest.fixture
def data(models: list[Model], tmp_path: Path) -> Path:
    """Return a data folder with the first version in use and the second beside."""
    for model, name in zip(models, ("model", "second"), strict=True):
        save_model(model, tmp_path / "data" / name)
    return tmp_path / "data"


@pytest.fixture
def records(demo: Collection, tmp_path: Path) -> Sequence[TextRecord]:
    """Return the posts of the collection as they come on `texts`, by time."""
    found: dict[str, TextRecord] = {}
    with gzip.open(tmp_path / "demo" / STREAM) as rows:
        for row in rows:
            with suppress(OddRow):
                record = text_record(json.loads(row))
                found.setdefault(record["id"], record)
    counted = {post.id for posts in demo.posts.values() for post in posts}
    return [record for record in found.values() if record["id"] in counted]


@pytest.fixture
def running(data: Path) -> Iterator[Command]:
    """Return the topology, running, with nothing to replay."""
    (data / "nothing.jsonl").touch()
    options = {"replay.path": data / "nothing.jsonl", "api.port": 0}
    options |= {f"{node}.model": data / "model" for node in MODEL_NODES}
    given = [part for name, value in options.items() for part in ("--option", f"{name}={value}")]
    command = Command(data, "up", "topologies/depression.py", *given)
    until(lambda: command.probe("/ready"))
    yield command
    command.kill()


def write(records: Sequence[TextRecord], data: Path) -> None:
    command = [sys.executable, "-m", "catenae", "produce", "texts", "--key", "author", "--data", str(data)]
    lines = "".join(f"{json.dumps(record)}\n" for record in records)
    subprocess.run(command, cwd=ROOT, input=lines, text=True, check=True, capture_output=True)


def are_counted(data: Path) -> bool:
    """Return whether nothing waits for the stages before the one that stands."""
    counting = {"text_vectoriser", "vector_aggregator"}
    with closing(open_broker(f"embedded:{data / 'log'}")) as broker:
        return not any(lag.records for lag in lags(broker, topology) if lag.node in counting)


def stored(data: Path) -> list[Document]:
    with closing(open_documents(f"sqlite:{data / 'documents.sqlite'}")) as documents:
        return list(documents.find("probabilities", limit=2 * POSTS).documents)


def use(version: Path, data: Path) -> str:
    command = [str(ROOT / "screening"), "model", "use", str(version), "--model", str(data / "model")]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def expected(models: list[Model], everybody: Collection, found: list[Document]) -> Mapping[str, float]:
    """Return the probability after each post by the version it is stored with, from all of its user's that
    this version has counted.
    """
    version = {each["post_id"]: each["model"] for each in found}
    wanted: dict[str, float] = {}
    for model, posts in product(models, everybody.posts.values()):
        counted = [post for post in posts if version[post.id] == model.version]
        running = probabilities(model, (post.text for post in counted)).tolist()
        wanted |= zip((post.id for post in counted), running, strict=True)
    return wanted


def test_a_switch_on_the_way_loses_nothing_and_each_post_is_as_its_version_says(
    running: Command, records: Sequence[TextRecord], demo: Collection, models: list[Model], data: Path
) -> None:
    third = len(records) // 3
    write(records[:third], data)
    until(lambda: len(stored(data)) == third)

    # What both versions have counted meets before a stage that stands, and that begins anew.
    running.signal("tfidf_transformer", signal.SIGSTOP)
    write(records[third : 2 * third], data)
    until(lambda: are_counted(data))
    said = use(data / "second", data)
    time.sleep(LOOK_EVERY_S)
    write(records[2 * third :], data)
    until(lambda: are_counted(data))
    running.signal("tfidf_transformer", signal.SIGKILL)
    until(lambda: len(stored(data)) > 2 * third)
    running.signal("logistic_predictor", signal.SIGKILL)
    until(lambda: len(stored(data)) == len(records))

    found = stored(data)
    second = {record["id"] for record in records[2 * third :]}
    assert {each["post_id"] for each in found if each["model"] == models[1].version} == second
    by_id = {each["post_id"]: each["user_probability"] for each in found}
    assert by_id == pytest.approx(expected(models, demo, found), abs=1e-9)
    assert "Nothing is replayed" in said
    assert running.stop() == 0
