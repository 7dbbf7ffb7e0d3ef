"""`./screening train --kind encoder --tune`: what it tells while it runs, and what it leaves."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import typer

from services.classifiers.encoders.choice import Untuned
from services.classifiers.labelled import Labelled
from services.classifiers.training import HeadRecipe
from services.classifiers.training_picture import Panel, training_svg
from services.classifiers.tuning.network import Tuning
from services.classifiers.tuning.train import Epoch
from services.classifiers.tuning.tuned import some_of, tune
from services.models.folder import save_files

_LEARNED, _HELD = "posts learned from", "posts held out"


def run_tuning(
    labelled: Labelled, posts: int | None, model: Path, untuned: Untuned, recipe: HeadRecipe, tuning: Tuning
) -> None:
    """Tune, tell of each epoch, write the model as a folder, and how it learned as a picture beside it.

    posts  that are drawn of those there are; all if None
    """

    def tell(number: int, epoch: Epoch) -> None:
        typer.echo(
            f"epoch {number} of {tuning.epochs}: loss {epoch.loss:.3f}, accuracy {epoch.accuracy:.3f}; "
            f"of {_HELD} {epoch.held_loss:.3f} and {epoch.held_accuracy:.3f}"
        )

    some = labelled if posts is None else some_of(labelled, posts, recipe.seed)
    files, report, checkpoint = tune(some, untuned, recipe, tuning, model, tell)
    save_files(files, model)
    picture = model.parent / f"{model.name}.svg"
    title = f"{report.posts:,} posts, {tuning.epochs} epochs"
    picture.write_text(picture_of(report.epochs, title), "utf-8")
    checkpoint.remove()
    version = json.loads(files["manifest.json"])["version"]
    typer.echo(f"model {version}: {report.posts:,} posts, {report.positives:,} positive; see {picture}")
    typer.echo(
        f"threshold {report.threshold:g}; F1 of {report.parts[2]:,} posts that nothing was chosen by, "
        f"{report.held_out.f1:.3f}; the graph is off by {report.graph_is_off_by:.1e} at most"
    )
    typer.echo(labelled.told)


def picture_of(epochs: Sequence[Epoch], title: str) -> str:
    """Return loss and accuracy over epochs, as SVG."""
    told = [asdict(epoch) for epoch in epochs]
    panels = [
        Panel(
            measure,
            {
                _LEARNED: [each[measure] for each in told],
                _HELD: [each[f"held_{measure}"] for each in told],
            },
        )
        for measure in ("loss", "accuracy")
    ]
    return training_svg(title, "epoch", panels)
