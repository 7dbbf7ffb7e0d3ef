"""The promise under chaos, in a short form: see tests/chaos. `make chaos` has the long one."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UNTRIED = 2


def tormented(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "tests.chaos", "--shape", "bank", "--folder", str(folder), *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.acceptance
def test_a_tormented_bank_loses_doubles_and_miscounts_nothing(tmp_path: Path) -> None:
    trial = tormented(tmp_path, "--seed", "7", "--minutes", "0.15", "--rate", "12")

    assert trial.returncode == 0, trial.stdout + trial.stderr


@pytest.mark.servers
@pytest.mark.parametrize("client", ["confluent", "kafka-python"])
def test_a_tormented_bank_on_kafka_loses_doubles_and_miscounts_nothing(tmp_path: Path, client: str) -> None:
    on_kafka = ["--broker", "kafka", "--client", client]
    trial = tormented(tmp_path, *on_kafka, "--seed", "11", "--minutes", "0.7", "--kinds", "kill,freeze,scale")

    if trial.returncode == UNTRIED:
        pytest.skip(trial.stdout)
    assert trial.returncode == 0, trial.stdout + trial.stderr
