"""The promise under chaos, in a short form: see tests/chaos. `make chaos` has the long one."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.chaos.migrating import Migrating, NotMigrated
from tests.chaos.run import run
from tests.chaos.trial import Trial

ROOT = Path(__file__).parents[2]
UNTRIED = 2
# One in which the sums get another name while they have work to do.
UPGRADED = "36"


def tormented(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "tests.chaos", "--shape", "bank", "--folder", str(folder), *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.acceptance
def test_a_tormented_bank_loses_doubles_and_miscounts_nothing(tmp_path: Path) -> None:
    trial = tormented(tmp_path, "--seed", "7", "--minutes", "0.15", "--rate", "12")

    assert trial.returncode == 0, trial.stdout + trial.stderr


@pytest.mark.acceptance
@pytest.mark.long
def test_a_bank_that_is_upgraded_meanwhile_loses_doubles_and_miscounts_nothing(tmp_path: Path) -> None:
    trial = tormented(tmp_path, "--seed", UPGRADED, "--minutes", "0.2", "--kinds", "upgrade,kill")

    assert trial.returncode == 0, trial.stdout + trial.stderr
    assert "upgrade" in trial.stdout


@pytest.mark.acceptance
@pytest.mark.long
def test_a_trial_whose_migration_does_not_come_through_is_over_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise NotMigrated("migrate: somebody runs")

    monkeypatch.setattr(Migrating, "migrate", refuse)

    report = run(Trial(int(UPGRADED), "bank", 0.2, kinds=("upgrade",)), tmp_path / "trial")

    assert not report.holds
    assert (report.verdict, report.ends) == (None, ["migrate: somebody runs"])


@pytest.mark.servers
def test_a_bank_whose_documents_are_away_at_times_loses_none(tmp_path: Path) -> None:
    away = ["--documents", "mongodb", "--kinds", "kill documents,freeze documents,kill"]
    trial = tormented(tmp_path, *away, "--seed", "4", "--minutes", "0.4", "--rate", "12")

    if trial.returncode == UNTRIED:
        pytest.skip(trial.stdout)
    assert trial.returncode == 0, trial.stdout + trial.stderr


@pytest.mark.servers
@pytest.mark.parametrize("client", ["confluent", "kafka-python"])
def test_a_tormented_bank_on_kafka_loses_doubles_and_miscounts_nothing(tmp_path: Path, client: str) -> None:
    on_kafka = ["--broker", "kafka", "--client", client]
    trial = tormented(tmp_path, *on_kafka, "--seed", "11", "--minutes", "0.7", "--kinds", "kill,freeze,scale")

    if trial.returncode == UNTRIED:
        pytest.skip(trial.stdout)
    assert trial.returncode == 0, trial.stdout + trial.stderr
