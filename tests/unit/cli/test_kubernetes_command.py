from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from catenae.cli.commands import app

TOPOLOGY = "topologies.wordcount"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["kubernetes", *arguments])


def test_a_folder_is_written_file_by_file(tmp_path: Path) -> None:
    written = run(TOPOLOGY, "--output", str(tmp_path / "cluster"))

    assert {Path(each) for each in written.stdout.split()} == set((tmp_path / "cluster").iterdir())
    assert (tmp_path / "cluster" / "topology-wordcount.yaml").exists()
    assert run(TOPOLOGY, "--output", str(tmp_path / "cluster"), "--check").exit_code == 0


def test_check_names_the_file_that_is_not_and_leaves_it(tmp_path: Path) -> None:
    run(TOPOLOGY, "--output", str(tmp_path))
    (tmp_path / "kafka.yaml").write_text("mine")

    checked = run(TOPOLOGY, "--output", str(tmp_path), "--check")

    assert checked.exit_code == 1
    assert checked.stderr.startswith(f"{tmp_path / 'kafka.yaml'} is not what the topologies say")
    assert (tmp_path / "kafka.yaml").read_text() == "mine"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((TOPOLOGY, "--broker", "embedded:data"), "pods share a Kafka, such as kafka://host:9093"),
        ((TOPOLOGY, "--brokers", "2"), "--brokers is 2; take 1, or an odd number"),
        (("../topologies/wordcount.py",), "would not be found in a container"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(arguments: tuple[str, ...], said: str, tmp_path: Path) -> None:
    refused = run(*arguments, "--output", str(tmp_path))

    assert refused.exit_code == 2
    assert said in refused.stderr
    assert list(tmp_path.iterdir()) == []
