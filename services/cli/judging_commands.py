"""Commands that judge a model by a collection: how well it does there, and whether it belongs there."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from catenae.screen import Screen
from services.classifiers.commands import evaluate_cascade
from services.classifiers.kinds.cascade import KIND as CASCADE
from services.cli.collection_asked import (
    CollectionFolder,
    ModelFolder,
    Strict,
    Users,
    WhichUsers,
    chosen_users,
    knows,
    seed_of,
)
from services.cli.model_commands import advise
from services.cli.report import (
    decisions_table,
    differences_table,
    drift_table,
    evaluation_notes,
    quality_line,
    quality_table,
    reliability_table,
    scores_table,
)
from services.depression.drift import drift
from services.depression.evaluate import compare, evaluate, scores_of
from services.depression.model.artefact import load_model
from services.depression.model.collections import open_collection
from services.depression.progress import bar
from services.depression.reliability_picture import reliability_svg
from services.models.folder import read_folder


def evaluate_command(  # noqa: PLR0913  one parameter per option
    *,
    collection: CollectionFolder,
    model: ModelFolder,
    users: WhichUsers = Users.ALL,
    strict: Strict = False,
    seed: Annotated[
        int | None, typer.Option(help="Splits the halves; as in training if left out.", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of tables.")] = False,
    per_week: Annotated[
        float | None,
        typer.Option(min=0, help="Alerts that can be reviewed in a week: what threshold that makes."),
    ] = None,
    compare_with: Annotated[
        Path | None,
        typer.Option("--compare", metavar="DIR", help="Another model, on the same users: what differs."),
    ] = None,
    scores: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write p and decision after each post, as JSONL with names."),
    ] = None,
    picture: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write what came true over what was said, as SVG.")
    ] = None,
    first: Annotated[
        int, typer.Option(min=0, help="Of a cascade: posts of each user that reach its heavy part anyway.")
    ] = 3,
) -> None:
    """Score the methods of the paper, and rules that may run, on a collection: how well, and how early.

    Precision, recall and F1 of the positive class; ERDE, the early risk detection error (less is better);
    F1 weighted by latency; then how far the probabilities are from what came true. Intervals hold 95 of 100
    draws of the users. Evaluate on users the model was not trained on.

    Of a cascade it says, on labelled posts, how well and how fast it judges beside either part alone; of the
    options, --first and --json are for it.

    Example: [bold]./screening evaluate data/demo --model data/model --users half-2[/bold]
    """
    if read_folder(model).kind == CASCADE:
        evaluate_cascade(collection, model, first, as_json=as_json)
        return
    loaded = load_model(model)
    advise(loaded)
    chosen_seed = seed_of(loaded) if seed is None else seed
    chosen = chosen_users(open_collection(collection, loaded.reading, is_strict=strict), users, chosen_seed)
    with bar("users") as progress:
        found = evaluate(loaded, chosen, chosen_seed, progress, per_week)
    title = f"{users} of {collection.resolve().name}, model {loaded.version}"
    if scores is not None:
        rows = "".join(f"{json.dumps(row)}\n" for row in scores_of(found, chosen))
        scores.write_text(rows, "utf-8")
    if picture is not None:
        picture.write_text(reliability_svg(found.quality, title), "utf-8")
    differences = {}
    if compare_with is not None:
        other = load_model(compare_with)
        advise(other)
        again = chosen_users(open_collection(collection, other.reading, is_strict=strict), users, chosen_seed)
        with bar("users") as progress:
            compared = evaluate(other, again, chosen_seed, progress)
        differences = compare(compared, found, chosen_seed)
    known = knows(loaded, collection, users, chosen_seed)
    if as_json:
        about = {"model": loaded.version, "users": users.value, "seed": chosen_seed, "users_known": known}
        left_out = {"set_aside": dict(chosen.set_aside)}
        typer.echo(json.dumps({**about, **left_out, **found.to_json(), "differences": differences}, indent=2))
        return
    Screen().print(scores_table(found.methods, title))
    Screen().print(decisions_table(found.methods))
    Screen().print(quality_table(found.quality))
    Screen().print(reliability_table(found.quality.whole))
    typer.echo(quality_line(found.quality))
    if compare_with is not None:
        Screen().print(differences_table(differences, f"running rule, less that of {compare_with}"))
    for note in evaluation_notes(chosen, users_known=known):
        typer.echo(note)


def drift_command(
    *,
    collection: CollectionFolder,
    model: ModelFolder,
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of a table.")] = False,
) -> None:
    """Compare the users of a collection with those a model was trained on; the truth about them is not used.

    A model from one place is at chance elsewhere, and as sure as ever. Exit status 1 with a warning.

    Example: [bold]./screening drift data/demo --model data/model[/bold]
    """
    loaded = load_model(model)
    advise(loaded)
    found = drift(loaded, open_collection(collection, loaded.reading).posts)
    if as_json:
        typer.echo(json.dumps(asdict(found), indent=2))
    else:
        Screen().print(
            drift_table(found, f"{collection.resolve().name} beside what model {loaded.version} knows")
        )
        for warning in found.warnings:
            typer.echo(f"warning: {warning}")
    if found.warnings:
        raise typer.Exit(1)
