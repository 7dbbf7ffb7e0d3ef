"""The commands that train a model of kind "image", and put one of kind "fused" together."""

import json
from pathlib import Path

import typer

from catenae import ConfigError
from services.classifiers.classifier import Post
from services.classifiers.fusing import train_fused
from services.classifiers.images.efficientnet import PACKAGE, network_onnx, weights
from services.classifiers.images.training import illustrated, points_of, train_images
from services.classifiers.kinds.image import OnnxNetwork
from services.classifiers.labelled import Labelled
from services.classifiers.manifest import Origin
from services.classifiers.splits import truth_of
from services.classifiers.training import HeadRecipe
from services.depression.progress import bar
from services.models.folder import read_folder, save_files

_NETWORK = "efficientnet-lite0"


def run_fusing(labelled: Labelled, folder: Path, model: Path, text: Path, image: Path) -> None:
    """Put a model of texts and one of images together, write it, and say what each is like alone.

    Raises TrainingError and ModelError as `train_fused`.
    """
    with bar("images decoded") as progress:
        found = illustrated(labelled, folder, progress)
    posts = [
        Post(post.text, images=thumbnails)
        for post, thumbnails in zip(found.labelled.posts, found.thumbnails, strict=True)
    ]
    files, by = train_fused(posts, truth_of(found.labelled), read_folder(text), read_folder(image))
    save_files(files, model)
    typer.echo(f"model {json.loads(files['manifest.json'])['version']}: {len(posts):,} posts with thumbnails")
    for name, measures in by.items():
        typer.echo(f"{name}: accuracy {measures.accuracy:.3f}, F1 {measures.f1:.3f}")


def run_training(labelled: Labelled, folder: Path, model: Path, recipe: HeadRecipe) -> None:
    """Train a head on images in a folder, write the model, and say what it is like.

    Raises ConfigError where the network is not installed, TrainingError for too few posts.
    """
    if wrong := PACKAGE.missing():
        raise ConfigError(wrong)
    with bar("images decoded") as progress:
        found = illustrated(labelled, folder, progress)
    graph = network_onnx(weights())
    origin = Origin(_NETWORK, PACKAGE.package, PACKAGE.version, PACKAGE.licence, PACKAGE.sha256)
    with bar("posts looked at") as progress:
        points = points_of(OnnxNetwork(graph, threads=1), found.thumbnails, progress)
    files, report = train_images(found.labelled, points, (origin, graph), recipe)
    save_files(files, model)
    version, f1 = json.loads(files["manifest.json"])["version"], report.folds["f1"]
    typer.echo(f"model {version}: {report.posts:,} posts, {report.positives:,} positive")
    typer.echo(
        f"C={report.strength:g}, threshold {report.threshold:g}; F1 of posts held out, "
        f"{f1.mean:.3f} ± {f1.deviation:.3f}"
    )
    typer.echo(f"{found.without:,} posts without a thumbnail left out; {labelled.told}")
