"""`./screening train --kind svm`, `lstm` and `cnn_lstm`: what it tells, and what it leaves."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import typer

from services.classifiers.kinds.words import Embedding
from services.classifiers.labelled import Labelled
from services.classifiers.training import HeadRecipe
from services.classifiers.training_picture import Panel, training_svg
from services.classifiers.words.learning import Learning
from services.classifiers.words.trained import train_words
from services.depression.progress import bar
from services.models.folder import save_files

# A loss is of one batch, and jumps from one to the next.
_SMOOTHED = 20


def run_training(
    labelled: Labelled, kind: str, embedding: Embedding, model: Path, recipe: HeadRecipe, learning: Learning
) -> None:
    """Train, write the model as a folder, say what it is like, and draw how a network learned beside it."""
    with bar("iterations") as progress:
        files, report = train_words(labelled, kind, embedding, recipe, learning, progress)
    save_files(files, model)
    version = json.loads(files["manifest.json"])["version"]
    typer.echo(
        f"model {version}: {report.posts:,} posts, {report.positives:,} positive; "
        f"{report.words:,} words are known"
    )
    if report.losses:
        picture = model.parent / f"{model.name}.svg"
        title = f"{kind} on {report.parts[0]:,} posts"
        picture.write_text(losses_svg(title, {f"{kind}, {embedding}": report.losses}), "utf-8")
        typer.echo(f"{len(report.losses)} iterations, loss at last {report.losses[-1]:.3f}; see {picture}")
    typer.echo(
        f"threshold {report.threshold:g}; F1 of {report.parts[2]:,} posts that nothing was chosen by, "
        f"{report.held_out.f1:.3f}; what runs is off by {report.off_by:.1e} at most"
    )
    typer.echo(labelled.told)


def losses_svg(title: str, losses: dict[str, Sequence[float]]) -> str:
    """Return the loss over iterations, by what it is of, each a mean over those around it, as SVG."""
    return training_svg(
        title, "iteration", [Panel("loss", {name: _smooth(of) for name, of in losses.items()})]
    )


def _smooth(losses: Sequence[float]) -> list[float]:
    width = min(_SMOOTHED, len(losses))
    padded = np.pad(np.asarray(losses, np.float64), (width - 1, 0), mode="edge")
    smooth: list[float] = np.convolve(padded, np.ones(width) / width, mode="valid").tolist()
    return smooth
