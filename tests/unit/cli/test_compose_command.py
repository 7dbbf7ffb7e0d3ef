from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from catenae.cli.commands import app

TOPOLOGY = "topologies.wordcount"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["compose", *arguments])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "compose.yaml"


def test_two_files_are_written_side_by_side(file: Path) -> None:
    written = run(TOPOLOGY, "--output", str(file))

    assert written.stdout.split() == [str(file), str(file.with_name("compose.override.yaml"))]
    assert file.read_text().startswith("# Written by `catenae compose topologies.wordcount`.")


def test_the_number_of_brokers_is_part_of_what_is_checked(file: Path) -> None:
    run(TOPOLOGY, "--brokers", "3", "--output", str(file))

    assert file.read_text().startswith("# Written by `catenae compose topologies.wordcount --brokers 3`.")
    assert run(TOPOLOGY, "--brokers", "3", "--output", str(file), "--check").exit_code == 0
    assert run(TOPOLOGY, "--output", str(file), "--check").exit_code == 1


def test_check_is_quiet_about_files_that_are_right(file: Path) -> None:
    run(TOPOLOGY, "--output", str(file))

    checked = run(TOPOLOGY, "--output", str(file), "--check")

    assert (checked.exit_code, checked.output) == (0, "")


def test_check_names_the_file_that_is_not_and_leaves_it(file: Path) -> None:
    run(TOPOLOGY, "--output", str(file))
    file.write_text("mine")

    checked = run(TOPOLOGY, "--output", str(file), "--check")

    assert checked.exit_code == 1
    assert checked.stderr.startswith(f"{file} is not what the topologies say")
    assert file.read_text() == "mine"


@pytest.mark.parametrize("reference", ["/srv/topologies/wordcount.py", "../topologies/wordcount.py"])
def test_a_topology_that_a_container_would_not_find_is_refused(reference: str, file: Path) -> None:
    refused = run(reference, "--output", str(file))

    assert refused.exit_code == 2
    assert "would not be found in a container" in refused.stderr


def test_a_folder_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    refused = run(TOPOLOGY, "--output", str(tmp_path / "none" / "compose.yaml"))

    assert refused.exit_code == 2
    assert refused.stderr.count("\n") == 1
