"""`./screening run-reddit`: crawler and screening on the local Reddit, each node a process."""

import signal
import subprocess
import time
from pathlib import Path

import pytest

from catenae import DataFolder, Documents
from services.api.opening import usable_port
from services.depression.demo.files import write_demo
from services.depression.model.artefact import save_model
from services.depression.model.collections import open_collection
from services.depression.train import train
from services.reddit.demo.community import Plan
from services.reddit.demo.crawl import BUDGET_REQUESTS, Crawl
from tests.acceptance.quick_training import QUICK
from tests.acceptance.terminal import use_the_web_tool
from tests.patience import PATIENCE_S

pytestmark = pytest.mark.acceptance

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a model that knows the phrases of the generated people."""
    folder = tmp_path_factory.mktemp("model")
    write_demo(folder / "demo", users=60, posts=1500)
    trained, _ = train(open_collection(folder / "demo"), QUICK)
    save_model(trained, folder / "model")
    return folder / "model"


def test_all_that_is_there_is_stored_and_screened_and_nothing_that_is_gone(
    model: Path, tmp_path: Path
) -> None:
    plan = Plan(users=40, items=600, prolific=0, opens_utc=int(time.time()), live=60, live_per_s=10)
    crawl = Crawl(tmp_path, model, plan)

    with crawl.running(usable_port(0)) as topology:
        crawl.watch(topology, longest_s=4 * PATIENCE_S)

    outcome = crawl.outcome()
    assert (outcome.stored, outcome.left_over) == (outcome.reachable, 0)
    assert (outcome.visited, outcome.deleted > 0) == (outcome.found, True)
    assert outcome.found > 20
    assert outcome.busiest <= BUDGET_REQUESTS
    assert outcome.true_alerts >= outcome.alerts / 2 > 0


@pytest.mark.parametrize(
    "signal_number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.long)]
)
def test_a_signal_stops_everything_and_it_still_sums_up(
    model: Path, tmp_path: Path, signal_number: signal.Signals
) -> None:
    (tmp_path / "model").symlink_to(model)
    command = [str(ROOT / "screening"), "run-reddit", "--data", str(tmp_path), "--users", "60", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        started = next(line for line in process.stdout if line.startswith("logs in"))
        time.sleep(3)
        process.send_signal(signal_number)
        told = process.stdout.read()

    assert (started != "", process.returncode) == (True, 130)
    assert "items of theirs within reach" in told
    assert DataFolder(tmp_path).user() is None


@pytest.mark.long
def test_on_a_terminal_the_web_tool_stays_open_until_ctrl_c(model: Path, tmp_path: Path) -> None:
    (tmp_path / "model").symlink_to(model)
    command = ["run-reddit", "--data", str(tmp_path), "--users", "60", "--seconds", "15", "--port", "0"]
    status, _, _ = use_the_web_tool(str(ROOT / "screening"), *command, data=tmp_path, somebody=who_wrote)

    assert status == 0
    assert DataFolder(tmp_path).user() is None


def who_wrote(documents: Documents) -> str:
    return str(documents.find("posts", limit=1).documents[0]["author"])
