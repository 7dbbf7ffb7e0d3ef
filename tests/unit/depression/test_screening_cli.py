"""The command line, from a demo to a table."""

import json
import shutil
import xml.etree.ElementTree as ET
from contextlib import closing
from pathlib import Path

import pytest
from rich.console import Console

from catenae import DataFolder, open_documents
from services.cli import application
from services.cli.application import main
from services.cli.report import run_table
from services.cli.run import AnotherRun, Folders, Summary, replay
from services.depression.model.scores import Scores


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


@pytest.mark.lengthy
@pytest.mark.long
def test_a_table_shows_every_method(trained: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    demo, model = trained

    assert run("evaluate", demo, "--model", model, "--users", "half-2") == 0

    shown = capsys.readouterr().out
    assert "incremental 0.90" in shown
    assert "flatter" not in shown
    assert "AUC" in shown
    assert "calibration error" in shown


@pytest.mark.lengthy
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
    assert "running rule" in found["methods"]
    assert found["users_known"] is known


@pytest.mark.lengthy
def test_an_evaluation_writes_what_was_said_and_a_picture_of_it(
    trained: tuple[Path, Path], tmp_path: Path
) -> None:
    demo, model = trained
    scores, picture = tmp_path / "scores.jsonl", tmp_path / "picture.svg"

    assert run("evaluate", demo, "--model", model, "--scores", scores, "--picture", picture) == 0

    rows = [json.loads(line) for line in scores.read_text().splitlines()]
    of_user = [row for row in rows if row["user"] == rows[0]["user"]]
    assert [row["k"] for row in of_user] == list(range(1, len(of_user) + 1))
    assert sorted(row["decision"] for row in of_user) == [row["decision"] for row in of_user]
    assert ET.fromstring(picture.read_text()).tag.endswith("svg")


@pytest.mark.lengthy
def test_a_model_compared_with_itself_differs_in_nothing(
    trained: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    demo, model = trained

    assert run("evaluate", demo, "--model", model, "--compare", model, "--json") == 0

    differences = json.loads(capsys.readouterr().out)["differences"]
    assert set(map(str, differences.values())) == {"[0.0, [0.0, 0.0]]"}


@pytest.mark.lengthy
@pytest.mark.long
def test_what_can_be_reviewed_in_a_week_makes_a_threshold(
    trained: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    demo, model = trained

    for per_week in (0, 0.2, 1e9):
        assert run("evaluate", demo, "--model", model, "--per-week", per_week, "--json") == 0

    shown = [json.loads(part) for part in capsys.readouterr().out.replace("}\n{", "}\0{").split("\0")]
    rows = [next(found for name, found in each["methods"].items() if "a week" in name) for each in shown]
    alerts = [row["true_positives"] + row["false_positives"] for row in rows]
    assert alerts[0] == 0
    assert 0 < alerts[1] < alerts[2] == 100


@pytest.mark.lengthy
def test_a_model_card_says_how_it_was_trained_and_what_it_is_not_for(
    trained: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("model", "card", trained[1]) == 0

    shown = capsys.readouterr().out
    assert "50 users, 7 positive" in shown
    assert "| latency F1 |" in shown
    assert "| 10–24 |" in shown
    assert "signs of depression" in shown


@pytest.mark.lengthy
def test_a_drift_is_told_and_is_an_exit_status(
    trained: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    demo = shutil.copytree(trained[0], tmp_path / "demo")
    for each in demo.glob("*.jsonl*"):
        each.unlink()
    users = [line.split()[0] for line in (demo / "risk_golden_truth.txt").read_text().splitlines()]
    rows = [
        {"id": f"p{number}", "author": user, "created_utc": 1, "body": "palabras de otra lengua"}
        for number, user in enumerate(users)
    ]
    (demo / "other.jsonl").write_text("\n".join(map(json.dumps, rows)))

    assert run("drift", demo, "--model", trained[1]) == 1

    assert "warning: the known words are spread as in another population" in capsys.readouterr().out


@pytest.mark.lengthy
def test_a_model_goes_to_a_store_and_comes_back(
    trained: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, model = trained
    store = f"embedded:{tmp_path}/models"

    assert run("model", "push", model, store) == 0
    assert run("model", "list", store) == 0
    assert run("model", "pull", f"{store}#depression", tmp_path / "pulled") == 0

    pushed, said, *listed, pulled = capsys.readouterr().out.splitlines()
    version = pushed.removeprefix("pushed depression@")
    assert "Nothing is replayed" in said
    assert [line.split()[:2] for line in listed[1:]] == [["depression", version]]
    assert pulled == f"pulled depression@{version}"
    for each in model.iterdir():
        assert (tmp_path / "pulled" / each.name).read_bytes() == each.read_bytes()


def test_a_model_that_is_not_in_the_store_is_one_line_and_status_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("model", "pull", f"embedded:{tmp_path}/none#depression", tmp_path / "pulled") == 2
    assert run("model", "pull", "depression", tmp_path / "pulled") == 2

    assert capsys.readouterr().err.count("\n") == 2


def test_an_expected_error_is_one_line_and_status_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("train", tmp_path / "none", "--model", tmp_path / "model") == 2

    assert capsys.readouterr().err == (
        f"screening: {tmp_path}/none: no such folder. Name the folder of the collection\n"
    )


@pytest.mark.lengthy
def test_a_folder_that_cannot_be_written_is_one_line_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("in the way")

    assert run("demo", tmp_path / "file" / "demo", "--posts", 100) == 2

    assert capsys.readouterr().err.startswith(f"screening: {tmp_path}/file/demo: Not a directory.")


def test_help_teaches_with_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("train", "--help") == 0

    assert "./screening train data/demo" in capsys.readouterr().out


@pytest.mark.lengthy
def test_an_evaluation_says_what_its_scores_hide(
    trained: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    demo = shutil.copytree(trained[0], tmp_path / "demo")
    (demo / "odd.jsonl").write_text("[1, 2]\n")
    truth = demo / "risk_golden_truth.txt"
    truth.write_text(truth.read_text().replace("\t1\n", "\t0\n"))

    assert run("evaluate", demo, "--model", trained[1]) == 0

    shown = capsys.readouterr().out
    assert "None of these users is positive" in shown
    assert "1 not an object" in shown


def test_a_folder_in_use_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with DataFolder(tmp_path).lock():
        assert run("run", "--data", tmp_path) == 2

    assert "is in use by process" in capsys.readouterr().err
    assert not (tmp_path / "demo").exists()


def test_where_a_topology_runs_it_is_asked_to_forget(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with DataFolder(tmp_path).lock():
        assert run("forget", "ann", "--yes", "--data", tmp_path) == 2

    assert "add --request to have it forget the user" in capsys.readouterr().err


def test_no_account_is_made_in_a_folder_that_is_not_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("user", "add", "ann", "--role", "reviewer", "--data", tmp_path / "none") == 2

    assert "there is no data folder" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.lengthy
def test_a_file_is_no_collection(trained: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    demo, model = trained

    assert run("evaluate", demo / "risk_golden_truth.txt", "--model", model) == 2

    assert "a file. Name the folder of the collection" in capsys.readouterr().err


def test_a_collection_that_is_not_there_is_what_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("run", "--data", tmp_path / "data", "--collection", tmp_path / "none") == 2

    assert "none: no such folder" in capsys.readouterr().err
    assert not (tmp_path / "data").exists()


@pytest.mark.lengthy
def test_users_outside_of_the_run_are_not_summed_up(
    trained: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = Folders(tmp_path)
    with closing(open_documents(f"sqlite:{folders.documents}")) as documents:
        documents.upsert("users", [{"id": "demo_user"}, {"id": "stranger"}])

    with pytest.raises(AnotherRun, match="1 users outside of this run"):
        replay(folders, trained[0], {"demo_user": True})
    assert not folders.users.exists()


def test_ctrl_c_ends_with_a_word(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(application, "write_demo", interrupted)

    assert run("demo", tmp_path / "demo") == 130
    assert capsys.readouterr().err == "stopped; give the same command again to go on from here\n"


def test_a_summary_names_the_method_and_what_was_set_aside(capsys: pytest.CaptureFixture[str]) -> None:
    scores = Scores(0.5, 0.5, 0.5, 0.1, 0.1, 0.4)
    summary = Summary(posts=10, new_posts=10, users=2, alerts=1, elapsed_s=1.0, scores=scores)

    Console(width=100).print(run_table(summary, Path("demo"), 0.5, {"no id": 91}))

    shown = capsys.readouterr().out
    assert "the first time that p >= 0.5 (running rule)" in shown
    assert "91 no id" in shown
