"""`./screening run-multimodal`: generated posts with images, judged in one command, beside the truth."""

import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from catenae import DataFolder, open_documents
from services.api.opening import WebTool
from services.classifiers.commands import EncoderAsked, assemble_fused, train_encoder, train_on_images
from services.classifiers.encoders.choice import DEFAULT
from services.classifiers.preprocessing import USUAL
from services.cli.run import every
from services.cli.topology_run import running, wait_for_posts
from services.depression.model.about import ABOUT
from services.models.folder import read_folder
from services.scenes.demo import POSTS, REACHABLE, Painted, painted, post_id, write_painted

TOPOLOGY = "topologies/multimodal.py"
# Of other people and other lots than those that are judged.
_LEARNING_SEED, _JOINING_SEED = 1, 2


def run_multimodal(
    *,
    data: Annotated[Path, typer.Option(metavar="DIR", help="Folder of everything the run keeps.")] = Path(
        "data/multimodal"
    ),
    users: Annotated[int, typer.Option(min=20, help="How many people to invent.")] = 40,
    posts: Annotated[int, typer.Option(min=200, help="How many posts they write together.")] = 1000,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port of the web tool; a free one if that is taken.")
    ] = 8080,
) -> None:
    """Judge generated posts by their texts and images, and raise alerts on those who wrote them.

    Texts, images and both are learned from as many posts of other people. It says how many were judged
    right, beside how many can be. On a terminal the web tool stays open then until Ctrl-C.

    Example: [bold]./screening run-multimodal --data data/multimodal[/bold]
    """
    DataFolder(data).require_free()
    judged = painted(users, posts, seed=0)
    write_painted(data / "images", judged, seed=0)
    model = data / "model"
    if not model.exists():
        train(data, users, posts)
    tool = WebTool(data, port, stays=sys.stdout.isatty())
    tool.announce()
    options = {
        "replay.path": data / "images" / POSTS,
        "image_fetcher.folder": data / "images",
        "post_judge.model": model,
        "api.model": model,
        "api.port": tool.port,
    }
    with running(TOPOLOGY, data, options) as topology:
        wait_for_posts(topology, data, len(judged))
        typer.echo(_summary(data, judged))
        tool.stay(topology)


def train(data: Path, users: int, posts: int) -> None:
    """Train a model of texts and one of images on the same posts, and join them by others."""
    learning, joining, text, image = (data / name for name in ("learning", "joining", "text", "image"))
    write_painted(learning, painted(users, posts, _LEARNING_SEED), _LEARNING_SEED)
    write_painted(joining, painted(users, posts, _JOINING_SEED), _JOINING_SEED)
    train_encoder(learning, text, EncoderAsked(DEFAULT, USUAL, ABOUT, 0))
    train_on_images(learning, image, ABOUT, 0)
    assemble_fused(joining, data / "model", text, image)


def _summary(data: Path, posts: Sequence[Painted]) -> str:
    threshold = read_folder(data / "model").manifest["threshold"]
    with closing(open_documents(f"sqlite:{data / 'documents.sqlite'}")) as documents:
        said = {each["post_id"]: each["post_probability"] for each in every(documents, "probabilities")}
        alerts = documents.count("alerts")
    are_right = [
        (said[post_id(number)] >= threshold) == post.is_positive
        for number, post in enumerate(posts)
        if post_id(number) in said
    ]
    share = sum(are_right) / max(1, len(are_right))
    return (
        f"{len(are_right):,} posts judged, {alerts:,} alerts; {share:.3f} of them as they are labelled, of "
        f"{REACHABLE:.3f} that can be"
    )
