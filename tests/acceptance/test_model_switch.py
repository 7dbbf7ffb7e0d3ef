"""`./screening model use` while the topology runs, stages killed: each post as its version says."""

import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import closing
from itertools import product
from pathlib import Path

import pytest

from catenae import Document, open_documents
from services.depression.demo.files import write_demo
from services.depression.evaluate import probabilities, split_users
from services.depression.model.artefact import Model, save_model
from services.depression.model.collection import Collection
from services.depression.model.collections import open_collection
from services.depression.run import MODEL_NODES
from services.depression.train import Recipe, train
from tests.acceptance.command import ROOT, Command
from tests.patience import until

pytestmark = pytest.mark.acceptance

POSTS = 3000
SECONDS = 20


@pytest.fixture
def demo(tmp_path: Path) -> Collection:
    write_demo(tmp_path / "demo", users=120, posts=POSTS)
    return open_collection(tmp_path / "demo")


@pytest.fixture
def models(demo: Collection) -> list[Model]:
    """Return two versions that know other words and weights."""
    halves = split_users(demo.truth, seed=0)
    return [train(demo.only(half), Recipe())[0] for half in halves]


@pytest.fixture
def data(models: list[Model], tmp_path: Path) -> Path:
    """Return a data folder with the first version in use and the second beside."""
    for model, name in zip(models, ("model", "second"), strict=True):
        save_model(model, tmp_path / "data" / name)
    return tmp_path / "data"


@pytest.fixture
def running(demo: Collection, data: Path, tmp_path: Path) -> Iterator[Command]:
    times = [post.created_utc for posts in demo.posts.values() for post in posts]
    options = {"replay.path": tmp_path / "demo", "replay.speed": (max(times) - min(times)) / SECONDS}
    options |= {f"{node}.model": data / "model" for node in MODEL_NODES} | {"api.port": 0}
    given = [part for name, value in options.items() for part in ("--option", f"{name}={value}")]
    command = Command(data, "up", "topologies/depression.py", "--until-drained", *given)
    yield command
    command.kill()


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
    running: Command, demo: Collection, models: list[Model], data: Path
) -> None:
    second = models[1].version
    until(lambda: len(stored(data)) > POSTS // 4)

    running.signal("tfidf_transformer", signal.SIGSTOP)
    # However long the switch takes on a busy machine, what is left of the posts comes after it.
    running.signal("replay", signal.SIGSTOP)
    said = use(data / "second", data)
    until(lambda: all("model switched" in log.read_text() for log in data.glob("logs/text_vectoriser-*")))
    running.signal("replay", signal.SIGCONT)
    # What both versions have counted waits for it, and it begins anew with the second one.
    running.signal("tfidf_transformer", signal.SIGKILL)
    until(lambda: any(each["model"] == second for each in stored(data)))
    running.signal("logistic_predictor", signal.SIGKILL)
    until(lambda: running.ended() is not None)

    found = stored(data)
    assert (running.ended(), len(found)) == (0, sum(map(len, demo.posts.values())))
    assert POSTS / 4 < sum(each["model"] == second for each in found) < POSTS * 3 / 4
    by_id = {each["post_id"]: each["user_probability"] for each in found}
    assert by_id == pytest.approx(expected(models, demo, found), abs=1e-9)
    assert "Nothing is replayed" in said
