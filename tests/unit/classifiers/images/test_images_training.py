"""A model of thumbnails from files in a folder: what is trained is what runs."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

pytest.importorskip("onnx", reason="the extra train-images is not installed")

from services.classifiers.classifier import Post
from services.classifiers.images.efficientnet import PACKAGE, network_onnx, weights
from services.classifiers.images.training import illustrated, points_of, train_images
from services.classifiers.kinds import load_classifier
from services.classifiers.kinds.image import OnnxNetwork
from services.classifiers.labelled import LabelledPost, each_once, open_labelled
from services.classifiers.training import HeadRecipe
from services.cli.application import app
from services.models.folder import save_files
from tests.unit.classifiers.image_files import ORIGIN, colours_onnx, thumbnail
from tests.unit.classifiers.images.test_torch_file import file, tensor

RECIPE = HeadRecipe("red", folds=3)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return thirty images, of which the red ones are looked for, one that is none, and one that is away."""
    rows = []
    for number in range(30):
        colour = (200, number, 30) if number % 2 else (30, number, 200)
        Image.new("RGB", (64, 64), colour).save(tmp_path / f"{number}.png")
        rows.append({"images": [f"{number}.png"], "label": number % 2})
    (tmp_path / "odd.png").write_bytes(b"<svg/>")
    rows += [{"images": ["odd.png"], "label": 1}, {"text": "red", "images": ["away.png"], "label": 1}]
    (tmp_path / "posts.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return tmp_path


def nothing(_done: int, _of: int) -> None:
    """Tell nobody."""


def test_posts_of_images_are_read_and_an_image_twice_is_one() -> None:
    posts = [
        LabelledPost("", True, images=("1",)),
        LabelledPost("", True, images=("1",)),
        LabelledPost("", False),
    ]

    assert each_once([*posts, LabelledPost("", False, images=("2",))]).posts == (
        LabelledPost("", True, images=("1",)),
        LabelledPost("", False, images=("2",)),
    )


@pytest.mark.lengthy
def test_a_model_says_of_files_what_was_learned_of_them(folder: Path) -> None:
    network, found = OnnxNetwork(colours_onnx(), 1), illustrated(open_labelled(folder), folder, nothing)
    points = points_of(network, found.thumbnails, nothing)
    files, report = train_images(found.labelled, points, (ORIGIN, colours_onnx()), RECIPE)
    save_files(files, folder / "model")
    model = load_classifier(folder / "model")

    red, blue = model.classify(
        [Post("", images=[thumbnail(190, 3, 30)]), Post("", images=[thumbnail(30, 3, 190)])]
    )
    assert (found.without, report.posts, report.folds["f1"].mean) == (2, 30, 1.0)
    assert red.probability > model.threshold > blue.probability


@pytest.mark.lengthy
def test_the_command_trains_on_the_network_of_others(folder: Path) -> None:
    if PACKAGE.missing():
        pytest.skip("the extra train-images is not installed")
    done = CliRunner().invoke(
        app, ["train", str(folder), "--kind", "image", "--model", str(folder / "model")]
    )

    assert (done.exit_code, done.exception) == (0, None)
    assert "30 posts, 15 positive" in done.output
    assert "2 posts without a thumbnail left out" in done.output
    manifest = json.loads((folder / "model" / "manifest.json").read_text())
    assert (manifest["network"]["package"], manifest["network"]["licence"]) == (PACKAGE.package, "Apache-2.0")
    red = load_classifier(folder / "model").classify([Post("", images=[thumbnail(200, 5, 30)])])
    assert red[0].probability > manifest["threshold"]


@pytest.mark.lengthy
def test_what_stands_beside_a_thumbnail_moves_it_by_no_more_than_1e_5() -> None:
    if PACKAGE.missing():
        pytest.skip("the extra train-images is not installed")
    chance = np.random.default_rng(0)
    thumbnails = [chance.integers(0, 256, 128 * 128 * 3, np.uint8).tobytes() for _ in range(5)]
    network = OnnxNetwork(network_onnx(weights()), threads=1)

    together = network.points(thumbnails)
    alone = np.concatenate([network.points([each]) for each in thumbnails])
    assert together.shape == (5, 1280)
    assert together == pytest.approx(alone, abs=1e-5)


def test_weights_of_another_network_are_a_value_error() -> None:
    with pytest.raises(ValueError, match="another network"):
        network_onnx(file(tensor((3, 4), (4, 1))))
