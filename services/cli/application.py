"""The command line of the screening: a function per command; an expected error is one line and exit status 2.

A new command is a function with `@app.command()`; errors that users may cause join EXPECTED.
"""

import sys
from collections.abc import Sequence
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
from services.classifiers.commands import methods_command, reviews_command, tweets_command
from services.cli.collection_asked import Users, chosen_users, seed_of
from services.cli.judging_commands import drift_command, evaluate_command
from services.cli.model_commands import advise
from services.cli.model_commands import app as model_app
from services.cli.report import run_table
from services.cli.run import AnotherRun, Folders, RunFailed, replayed
from services.cli.training_command import train_command
from services.depression.demo.files import DemoError, write_demo
from services.depression.drift import NothingToCompare
from services.depression.model.artefact import Model, load_model
from services.depression.model.collection import CollectionError
from services.depression.model.collections import open_collection
from services.depression.recipe import TrainingError
from services.erisk.server.command import erisk_server
from services.forgetting.forget import forget_command
from services.models.folder import ModelError
from services.reddit.cli import run_reddit, survey_rows
from services.reddit.demo.command import reddit_server
from services.scenes.run import run_multimodal
from services.topics.cli import run_topic
from services.weibo.run import run_weibo

DATA = Path("data")
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


class Disorder(StrEnum):
    """Of what a demo can have signs."""

    DEPRESSION = "depression"
    GAMBLING = "gambling"


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
    help="Train and evaluate the screening. It supports experts; it never decides.",
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
app.command("run-topic")(run_topic)
app.command("run-weibo")(run_weibo)
app.command("run-multimodal")(run_multimodal)
app.command("reddit-server")(reddit_server)
app.command("jetstream-server")(jetstream_server)
app.command("erisk-server")(erisk_server)


@app.command("demo")
def demo_command(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Folder to write; new, empty or a demo.")],
    users: Annotated[int, typer.Option(min=10, help="How many people to invent.")] = 400,
    posts: Annotated[int, typer.Option(min=100, help="About how many posts they write together.")] = 30_000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same files.")] = 0,
    about: Annotated[Disorder, typer.Option(help="Of what some of them show signs.")] = Disorder.DEPRESSION,
) -> None:
    """Write a generated collection to try everything with.

    Example: [bold]./screening demo data/demo[/bold]
    """
    written = write_demo(folder, users, posts, seed, about)
    typer.echo(
        f"{folder}: {written.posts:,} generated posts of {written.users} users, {written.positives} positive"
    )


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
    screened = chosen_users(open_collection(chosen), Users.HALF_2, seed)
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
    found = (model.training.get("collection"), model.training.get("users_trained_on"), seed_of(model))
    if found != (collection.resolve().name, Users.HALF_1, seed):
        raise AnotherRun(
            f"the model in {folders.model} was trained on {found[1]} of {found[0]}, seed {found[2]}"
        )
    return model


app.command("train")(train_command)
app.command("evaluate")(evaluate_command)
app.command("methods")(methods_command)
app.command("tweets")(tweets_command)
app.command("reviews")(reviews_command)
app.command("drift")(drift_command)
app.command("export")(export_command)
app.command("rotate-pseudonyms")(rotate_command)
app.command("forget")(forget_command)
app.add_typer(model_app, name="model")
app.add_typer(user_app, name="user")
