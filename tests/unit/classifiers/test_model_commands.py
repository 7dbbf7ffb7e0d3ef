"""`./screening model` for a kind that is not the screening's: pushed, pulled, put to use, and its card."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.classifiers.classifier import PostClassifier
from services.cli import model_commands
from services.cli.application import app
from services.depression.model.artefact import save_model
from services.models.folder import ModelError, ModelFiles, read_folder, save_files
from tests.unit.classifiers.conftest import made
from tests.unit.classifiers.test_kinds import MODEL
from tests.unit.classifiers.test_training import trained, written

pytestmark = pytest.mark.lengthy


@pytest.fixture(scope="module")
def contents() -> dict[str, bytes]:
    return trained(written())


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, contents: dict[str, bytes]) -> Path:
    """Return the folder of a trained model of kind "encoder"; its encoder is at hand."""
    monkeypatch.setattr(model_commands, "classifier_of", with_letters)
    save_files(contents, tmp_path / "model")
    return tmp_path / "model"


def with_letters(files: ModelFiles) -> PostClassifier:
    return made(files.contents)


def run(*arguments: object) -> str:
    result = CliRunner().invoke(app, ["model", *map(str, arguments)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_it_comes_back_from_a_store_as_it_was(folder: Path, tmp_path: Path) -> None:
    store, version = f"embedded:{tmp_path}/shelf", read_folder(folder).version

    run("push", folder, store, "--name", "sentences")
    run("pull", f"{store}#sentences@{version}", tmp_path / "pulled")

    assert read_folder(tmp_path / "pulled").contents == read_folder(folder).contents
    assert version in run("list", store)


def test_another_version_is_put_to_use_and_the_former_one_stays_beside(folder: Path, tmp_path: Path) -> None:
    save_files(trained(written(66)), tmp_path / "second")
    first, second = read_folder(folder).version, read_folder(tmp_path / "second").version

    run("use", tmp_path / "second", "--model", folder)

    assert read_folder(folder).version == second
    assert {each.name for each in Path(f"{folder}s").iterdir()} == {first, second}


def test_a_model_of_another_kind_is_not_put_in_its_place(folder: Path, tmp_path: Path) -> None:
    save_model(MODEL, tmp_path / "words")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(model_commands, "checked", lambda files: files)
        with pytest.raises(ModelError, match="a model of kind 'linear', where the nodes that use"):
            run("use", tmp_path / "words", "--model", folder)

    assert read_folder(folder).kind == "encoder"


def test_a_card_says_what_it_is_and_what_it_is_not_for(folder: Path) -> None:
    card = run("card", folder)

    assert card.startswith(f"# Model {read_folder(folder).version}: posts that show signs of low mood")
    for said in ("60 posts, 20 positive", "licence Apache-2.0", "| f1 | ", "no prevalence among people"):
        assert said in card
