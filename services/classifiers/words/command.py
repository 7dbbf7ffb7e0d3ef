"""`./screening train --kind svm`, `lstm` and `cnn_lstm`: what it tells, and what it leaves."""

import json
from pathlib import Path

import typer

from services.classifiers.comparison_pictures import losses_svg
from services.classifiers.kinds.words import Embedding
from services.classifiers.labelled import Labelled
from services.classifiers.training import HeadRecipe
from services.classifiers.words.learning import Learning
from services.classifiers.words.trained import train_words
from services.depression.progress import bar
from services.models.folder import save_files


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
