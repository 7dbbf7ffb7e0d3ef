from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from catenae.cli.commands import app

COMMANDS = [
    "check", "compose", "graph", "lag", "new", "produce", "reset", "scale", "tail", "topics", "up", "work",
    "dead-letters list", "dead-letters show", "dead-letters replay",
]  # fmt: skip


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_every_command_has_an_example(command: str) -> None:
    shown = run(*command.split(), "--help")

    assert shown.exit_code == 0
    assert f"catenae {command}" in shown.output.partition("Usage")[2].partition("\n")[2]


def test_a_topology_without_mistakes_is_ok() -> None:
    assert run("check", "topologies.wordcount").stdout == "ok: 2 nodes, 3 topics\n"


def test_every_mistake_is_a_line(tmp_path: Path) -> None:
    (tmp_path / "odd.py").write_text(
        "from catenae import Node, Topology\n"
        "service = 'services.examples.word_count:Word'\n"
        "topology = Topology('odd', external=('a',), nodes=(\n"
        "    Node('one', service + 'Counter', reads='a', writes='b'),\n"
        "    Node('two', service + 'Splitter', reads='b'),\n"
        "))\n"
    )

    checked = run("check", str(tmp_path / "odd.py"))

    assert checked.exit_code == 2
    assert [line.split("'")[1] for line in checked.stderr.splitlines()] == ["one", "two"]
    assert "did you mean 'WordCount'?" in checked.stderr


def test_an_error_is_one_line_and_status_2() -> None:
    refused = run("check", "topologies/wordcuont.py")

    assert refused.exit_code == 2
    assert refused.stderr.startswith("catenae: there is no file 'topologies/wordcuont.py'; did you mean")
    assert refused.stderr.count("\n") == 1


def test_options_of_the_environment_are_checked_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CATENAE_OPTION_TEXT_SOURCE_PTH", "x")

    checked = run("check", "topologies.token_filter")

    assert checked.exit_code == 2
    assert "takes no option 'pth'; did you mean 'path'?" in checked.stderr


def test_only_topologies_are_suggested() -> None:
    assert "__init__" not in run("check", "topologies/nothing.py").stderr


@pytest.mark.parametrize("reference", ["wordcount", "elsewhere/wordcount.py"])
def test_who_stands_in_the_wrong_folder_is_told(reference: str) -> None:
    assert "run this in the folder that holds topologies/" in run("check", reference).stderr


def test_a_topology_is_drawn() -> None:
    assert run("graph", "topologies.wordcount").stdout.startswith("flowchart LR\n")


def test_the_version_is_shown() -> None:
    assert run("--version").stdout.startswith("catenae ")


def test_a_new_project_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    assert "weather/topologies/weather.py" in run("new", "weather").stdout
    assert (tmp_path / "weather" / "services" / "tally.py").exists()


@pytest.mark.parametrize("command", ["check", "up"])
@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("aerospike://host", "lacks its host or namespace"),
        (f"aerospike://host/test?set={'s' * 64}", "the option 'set'"),
        ("redis://host", "found the scheme 'redis'"),
        ("embedded:/data?durability=never", "durability=never"),
    ],
)
def test_a_store_that_no_url_can_name_is_refused_also_where_nothing_needs_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: str, url: str, found: str
) -> None:
    monkeypatch.setenv("CATENAE_STORE", url)
    monkeypatch.setenv("CATENAE_DATA", str(tmp_path / "data"))

    refused = run(command, "topologies.wordcount")

    assert refused.exit_code == 2
    assert found in refused.stderr
    assert refused.stderr.count("\n") == 1
