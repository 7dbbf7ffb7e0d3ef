"""The command line of the screening: a function per command; an expected error is one line and exit status 2.

A new command is a function with `@app.command()`; errors that users may cause join EXPECTED.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from catenae import DataFolder, command_line, keep_private
from catenae.screen import Screen
from services.api.cli import app as user_app
from services.api.cli import export_command, rotate_command
from services.api.datasets.export import ExportError
from services.api.opening import WebTool
from services.api.sign_in.accounts import AccountError
from services.api.sign_in.passwords import Unfit
from services.bluesky.demo.command import jetstream_server
from services.depression.demo.files import DemoError, write_demo
from services.depression.drift import NothingToCompare, drift
from services.depression.evaluate import compare, evaluate, scores_of, split_users
from services.depression.model.artefact import ABOUT, Model, ModelError, load_model, save_model
from services.depression.model.collection import Collection, CollectionError
from services.depression.model.collections import open_collection
from services.depression.model_commands import advise
from services.depression.model_commands import app as model_app
from services.depression.progress import bar
from services.depression.recipe import PAPER, Recipe, TrainingError
from services.depression.reliability_picture import reliability_svg
from services.depression.report import (
    decisions_table,
    differences_table,
    drift_table,
    evaluation_notes,
    quality_line,
    quality_table,
    reliability_table,
    run_table,
    scores_table,
    training_summary,
)
from services.depression.run import AnotherRun, Folders, RunFailed, replayed
from services.forgetting.forget import forget_command
from services.reddit.cli import run_reddit, survey_rows
from services.reddit.demo.command import reddit_server

DATA = Path("data")
# What a training does unless told otherwise.
CHOSEN = Recipe()
EXPECTED = (
    AccountError,
    AnotherRun,
    CollectionError,
    DemoError,
    ExportError,
    ModelError,
    NothingToCompare,
    TrainingError,
    Unfit,
)


class Users(StrEnum):
    """Which users of a collection a command works on; the halves are split by the seed."""

    HALF_1 = "half-1"
    HALF_2 = "half-2"
    ALL = "all"


class Penalty(StrEnum):
    """What keeps the weights of the regression small."""

    L1 = "l1"
    L2 = "l2"


CollectionFolder = Annotated[
    Path, typer.Argument(metavar="COLLECTION", help="Folder of JSONL or eRisk XML files, with the truth.")
]
ModelFolder = Annotated[Path, typer.Option("--model", metavar="DIR", help="Folder of the model.")]
Strict = Annotated[
    bool, typer.Option("--strict", help="Refuse a collection that contradicts itself; leave nothing out.")
]
WhichUsers = Annotated[Users, typer.Option("--users", help="Users to work on; the seed splits the halves.")]


class Commands(TyperGroup):
    """Commands that Ctrl-C ends with a word."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command; say how to go on after Ctrl-C."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as error:
            typer.echo("stopped; give the same command again to go on from here", err=True)
            raise typer.Exit(130) from error


app = typer.Typer(
    cls=Commands,
    help="Train and evaluate the screening for signs of depression. It supports experts; it never decides.",
    epilog="Start with: ./screening run",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit: 0 when done, 2 on a wrong option or any error."""
    command_line("screening", lambda: _run(arguments), EXPECTED)


def _run(arguments: Sequence[str] | None) -> None:
    keep_private()
    try:
        app(arguments, prog_name="./screening")
    except RunFailed as error:
        sys.exit(error.status)


app.command("survey")(survey_rows)
app.command("run-reddit")(run_reddit)
app.command("reddit-server")(reddit_server)
app.command("jetstream-server")(jetstream_server)


@app.command("demo")
def demo_command(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Folder to write; new, empty or a demo.")],
    users: Annotated[int, typer.Option(min=10, help="How many people to invent.")] = 400,
    posts: Annotated[int, typer.Option(min=100, help="About how many posts they write together.")] = 30_000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same files.")] = 0,
) -> None:
    """Write a generated collection to try everything with.

    Example: [bold]./screening demo data/demo[/bold]
    """
    written = write_demo(folder, users, posts, seed)
    typer.echo(
        f"{folder}: {written.posts:,} generated posts of {written.users} users, {written.positives} positive"
    )


@app.command("train")
def train_command(  # noqa: PLR0913  one parameter per option
    *,
    collection: CollectionFolder,
    model: ModelFolder,
    users: WhichUsers = Users.ALL,
    strict: Strict = False,
    seed: Annotated[int, typer.Option(help="Splits the halves and the folds of cross-validation.")] = 0,
    min_df: Annotated[int, typer.Option(min=0, help="Users that must use a word; 0: one in 24.")] = 0,
    penalty: Annotated[
        Penalty, typer.Option(help="l2, or l1 as in the paper: few words with a weight.")
    ] = Penalty.L2,
    threshold: Annotated[
        float | None,
        typer.Option(
            min=0, max=1, help="Alert from this probability on; chosen if left out.", show_default=False
        ),
    ] = None,
    min_posts: Annotated[int, typer.Option(min=1, help="Alert no user with fewer posts.")] = CHOSEN.min_posts,
    prior: Annotated[
        float | None,
        typer.Option(
            min=0,
            help="Evidence prior: the more, the less is made of little text; chosen if left out.",
            show_default=False,
        ),
    ] = None,
    calibrated: Annotated[
        bool, typer.Option(help="Fit probabilities to what was right after so many posts.")
    ] = True,
    about: Annotated[str, typer.Option(help="Signs of what the positive users are positive for.")] = ABOUT,
    paper: Annotated[
        bool, typer.Option("--paper", help="Train as the paper did, whatever the options above say.")
    ] = False,
) -> None:
    """Train a model on a collection, and write it as a folder.

    Cross-validates over the strength of regularisation and the class weights, then over the rule by which the
    model runs: evidence prior, calibration, threshold. Half a minute for some hundred users.

    Example: [bold]./screening train data/demo --model data/model --users half-1[/bold]
    """
    # It takes a second and 80 MB to load scikit-learn, which only this needs.
    from services.depression.train import train  # noqa: PLC0415

    chosen_recipe = Recipe(
        min_df=min_df,
        penalty="l1" if penalty is Penalty.L1 else "l2",
        priors=CHOSEN.priors if prior is None else (prior,),
        is_calibrated=calibrated,
        min_posts=min_posts,
        threshold=threshold,
    )
    recipe = replace(PAPER if paper else chosen_recipe, about=about, seed=seed)
    chosen = _chosen(open_collection(collection, is_strict=strict), users, seed)
    with bar("cross-validation") as progress:
        trained, report = train(chosen, recipe, progress)
    origin = {"collection": collection.resolve().name, "users_trained_on": users.value}
    trained = replace(trained, training={**trained.training, **origin})
    save_model(trained, model)
    typer.echo(training_summary(trained, report, chosen.set_aside))


@app.command("evaluate")
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
) -> None:
    """Score the methods of the paper, and rules that may run, on a collection: how well, and how early.

    Precision, recall and F1 of the positive class; ERDE, the early risk detection error (less is better);
    F1 weighted by latency; then how far the probabilities are from what came true. Intervals hold 95 of 100
    draws of the users. Evaluate on users the model was not trained on.

    Example: [bold]./screening evaluate data/demo --model data/model --users half-2[/bold]
    """
    loaded = load_model(model)
    advise(loaded)
    chosen_seed = _seed(loaded) if seed is None else seed
    chosen = _chosen(open_collection(collection, loaded.reading, is_strict=strict), users, chosen_seed)
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
        again = _chosen(open_collection(collection, other.reading, is_strict=strict), users, chosen_seed)
        with bar("users") as progress:
            compared = evaluate(other, again, chosen_seed, progress)
        differences = compare(compared, found, chosen_seed)
    known = _knows(loaded, collection, users, chosen_seed)
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


@app.command("drift")
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


@app.command("run")
def run_command(
    *,
    data: Annotated[Path, typer.Option(metavar="DIR", help="Folder of everything the run keeps.")] = DATA,
    collection: Annotated[
        Path | None,
        typer.Option(metavar="COLLECTION", help="Screen this one; a generated one is used if left out."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Splits the users: one half trains, the other is screened.")] = 0,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Start over: train again, and forget earlier runs.")
    ] = False,
    speed: Annotated[float, typer.Option(min=0, help="Seconds replayed per second; 0: at once.")] = 0.0,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port of the web tool; a free one if that is taken.")
    ] = 8080,
) -> None:
    """Screen a collection on this machine: train on half of its users, replay the other half, sum up.

    Every stage runs as a process of its own. What is there already is used: a run that was interrupted goes
    on where it stopped. On a terminal the web tool stays open until Ctrl-C. Afterwards
    `catenae lag topologies/depression.py` and others show what is there.

    Example: [bold]./screening run[/bold]
    """
    folders = Folders(data)
    DataFolder(data).require_free()
    chosen = collection if collection is not None else _demo_collection(data)
    screened = _chosen(open_collection(chosen), Users.HALF_2, seed)
    if fresh or not folders.model.exists():
        train_command(collection=chosen, model=folders.model, users=Users.HALF_1, seed=seed)
    threshold = _trained_for(folders, chosen, seed).threshold
    if fresh:
        with DataFolder(data).lock():
            DataFolder(data).clear()
    tool = WebTool(data, port, stays=sys.stdout.isatty())
    tool.announce()
    with replayed(folders, chosen, screened.truth, {"replay.speed": speed}, tool) as summary:
        evaluation = f"./screening evaluate {chosen} --model {folders.model} --users half-2"
        Screen().print(run_table(summary, chosen, threshold, screened.set_aside))
        if collection is None:
            typer.echo("the rows set aside were generated odd on purpose, as real ones are")
        typer.echo(f"every method, this one among them: {evaluation}")


def _demo_collection(data: Path) -> Path:
    folder = data / "demo"
    if not folder.exists():
        demo_command(folder)
    return folder


def _trained_for(folders: Folders, collection: Path, seed: int) -> Model:
    """Return the model; raise AnotherRun if it, and so what is stored, is of another collection or split."""
    model = load_model(folders.model)
    advise(model)
    found = (model.training.get("collection"), model.training.get("users_trained_on"), _seed(model))
    if found != (collection.resolve().name, Users.HALF_1, seed):
        raise AnotherRun(
            f"the model in {folders.model} was trained on {found[1]} of {found[0]}, seed {found[2]}"
        )
    return model


def _chosen(collection: Collection, users: Users, seed: int) -> Collection:
    first, second = split_users(collection.truth, seed)
    chosen: Mapping[Users, Sequence[str]] = {
        Users.HALF_1: first,
        Users.HALF_2: second,
        Users.ALL: sorted(collection.truth),
    }
    return collection.only(chosen[users])


def _knows(model: Model, collection: Path, users: Users, seed: int) -> bool:
    """Say whether the model was trained on some of these users."""
    trained_on = model.training.get("users_trained_on")
    if model.training.get("collection") != collection.resolve().name:
        return False
    return Users.ALL in (trained_on, users) or trained_on == users or seed != _seed(model)


def _seed(model: Model) -> int:
    return int(model.training.get("recipe", {}).get("seed", 0))


app.command("export")(export_command)
app.command("rotate-pseudonyms")(rotate_command)
app.command("forget")(forget_command)
app.add_typer(model_app, name="model")
app.add_typer(user_app, name="user")
