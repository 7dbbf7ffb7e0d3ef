"""`./screening model`: what is to be known of a model; models to a store and back."""

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from catenae import ConfigError, open_store
from catenae.screen import Screen
from services.classifiers.card import card_of
from services.classifiers.kinds import classifier_of
from services.depression.model.about import ABOUT
from services.models.folder import MANIFEST, ModelError, ModelFiles, read_folder, save_files
from services.models.in_use import Usable
from services.models.shelf import ModelShelf, Place, open_shelf

app = typer.Typer(help="Switch the model; push models to a store, pull and list them.", no_args_is_help=True)

MODEL = Path("data/model")
REPLAYS_NOTHING = (
    "Nothing is replayed: posts that come from now on are counted by it, into pictures of their own; what is "
    "stored keeps the version that gave it"
)
StoreUrl = Annotated[
    str, typer.Argument(metavar="STORE", help="embedded:PATH or aerospike://HOST:PORT/NAMESPACE")
]
ModelFolder = Annotated[Path, typer.Argument(metavar="FOLDER", help="Folder of the model.")]


def advise(model: Usable) -> None:
    """Say in a line what is to be done about a model that is out of date."""
    if model.advice:
        typer.echo(model.advice, err=True)


def checked(files: ModelFiles) -> ModelFiles:
    """Return files that make a model of whatever kind; raise ModelError for any other."""
    advise(classifier_of(files))
    return files


@app.command("push")
def push_command(
    folder: ModelFolder,
    store: StoreUrl,
    *,
    name: Annotated[
        str | None,
        typer.Option(help="What to call it there; what it is about if left out.", show_default=False),
    ] = None,
) -> None:
    """Put a model into a store, beside its former versions, and have it count where none is asked for.

    Example: [bold]./screening model push data/model embedded:data/shelf[/bold]
    """
    files = checked(read_folder(folder))  # before a store is made for nothing
    name = str(files.manifest.get("about", ABOUT)) if name is None else name
    with closing(open_store(store)) as opened:
        ModelShelf(opened).push(files, name)
    typer.echo(f"pushed {name}@{files.version}")
    typer.echo(f"nodes that name {name} without a version count by it. {REPLAYS_NOTHING}")


@app.command("use")
def use_command(
    folder: ModelFolder,
    *,
    model: Annotated[
        Path, typer.Option("--model", metavar="DIR", help="Folder of the model in use.")
    ] = MODEL,
) -> None:
    """Switch to another version, also while a topology runs; the former one stays beside it.

    Example: [bold]./screening model use data/models/second[/bold]
    """
    new = checked(read_folder(folder))
    former = read_folder(model) if model.exists() else None
    if former is not None and former.kind != new.kind:
        found = f"a model of kind {new.kind!r}, where the nodes that use {model} run one of {former.kind!r}"
        raise ModelError(folder / MANIFEST, found, "Name another folder with --model")
    # Beside first, since messages that name it may be on their way for long.
    for each in (former, new):
        kept = Path(f"{model}s") / each.version if each is not None else None
        if each is not None and kept is not None and not kept.exists():
            save_files(each.contents, kept)
    save_files(new.contents, model)
    before = "" if former is None else f" in place of {former.version}"
    typer.echo(f"{model} is {new.version} now{before}. {REPLAYS_NOTHING}")


@app.command("pull")
def pull_command(
    place: Annotated[str, typer.Argument(metavar="STORE#NAME[@VERSION]", help="Which model, and where.")],
    folder: ModelFolder,
) -> None:
    """Write a model of a store as a folder, replacing a former model; the last one pushed without a version.

    Example: [bold]./screening model pull 'embedded:data/shelf#depression' data/model[/bold]
    """
    found = Place.parse(place)
    if found is None:
        raise ConfigError("a model in a store is named STORE#NAME, or STORE#NAME@VERSION")
    with open_shelf(found.url) as shelf:
        pulled = checked(shelf.files(found.name, found.version))
    save_files(pulled.contents, folder)
    typer.echo(f"pulled {found.name}@{pulled.version}")


@app.command("card")
def card_command(folder: ModelFolder) -> None:
    """Print what is to be known of a model before it is relied on, as a page in Markdown.

    Example: [bold]./screening model card data/model > model.md[/bold]
    """
    typer.echo(card_of(checked(read_folder(folder)).manifest), nl=False)


@app.command("list")
def list_command(store: StoreUrl) -> None:
    """Show every version of every model in a store.

    Example: [bold]./screening model list embedded:data/shelf[/bold]
    """
    table = Table("name", "version", "pushed", "bytes", "", box=None)
    with open_shelf(store) as shelf:
        for each in shelf.models():
            last = "last" if each.is_last else ""
            table.add_row(each.name, each.version, each.pushed_at, f"{each.size_bytes:,}", last)
    Screen().print(table)
