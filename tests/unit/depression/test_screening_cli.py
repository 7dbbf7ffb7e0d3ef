"""The command line, from a demo to a table."""

import json
from pathlib import Path

import pytest

from services.depression.cli import main


def run(*arguments: object) -> int:
    """Run the command line; return its exit status."""
    with pytest.raises(SystemExit) as stopped:
        main([str(argument) for argument in arguments])
    return int(stopped.value.code or 0)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return a demo collection and a model of one half of its users."""
    folder = tmp_path_factory.mktemp("cli")
    demo, model = folder / "demo", folder / "model"
    assert run("demo", demo, "--users", 100, "--posts", 3_000) == 0
    assert run("train", demo, "--model", model, "--users", "half-1", "--seed", 1) == 0
    return demo, model


def test_a_table_shows_every_method(trained: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    demo, model = trained

    assert run("evaluate", demo, "--model", model, "--users", "half-2") == 0

    shown = capsys.readouterr().out
    assert "incremental 0.90" in shown
    assert "flatter" not in shown


@pytest.mark.parametrize(
    ("options", "known"),
    [
        (["--users", "half-2"], False),
        (["--users", "half-1"], True),
        (["--users", "half-2", "--seed", "4"], True),
        ([], True),
    ],
)
def test_an_evaluation_knows_whether_the_model_has_seen_the_users(
    trained: tuple[Path, Path], options: list[str], known: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    demo, model = trained

    assert run("evaluate", demo, "--model", model, "--json", *options) == 0

    found = json.loads(capsys.readouterr().out)
    assert len(found["methods"]) == 9
    assert found["users_known"] is known


def test_an_expected_error_is_one_line_and_status_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("train", tmp_path / "none", "--model", tmp_path / "model") == 2

    assert capsys.readouterr().err == (
        f"screening: {tmp_path}/none: no such folder. Name the folder of the collection.\n"
    )


def test_a_folder_that_cannot_be_written_is_one_line_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("in the way")

    assert run("demo", tmp_path / "file" / "demo") == 2

    assert capsys.readouterr().err.startswith(f"screening: {tmp_path}/file/demo: Not a directory.")


def test_help_teaches_with_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("train", "--help") == 0

    assert "python -m services.depression train data/demo" in capsys.readouterr().out
