"""`./screening model`: models to a store and back."""

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from catenae import ConfigError, open_store
from services.depression.model.artefact import load_model, save_files
from services.depression.model_shelf import ModelShelf, Place, open_shelf

app = typer.Typer(help="Push models to a store, pull and list them.", no_args_is_help=True)

StoreUrl = Annotated[
    str, typer.Argument(metavar="STORE", help="embedded:PATH or aerospike://HOST:PORT/NAMESPACE")
]
ModelFolder = Annotated[Path, typer.Argument(metavar="FOLDER", help="Folder of the model.")]


@app.command("push")
def push_command(
    folder: ModelFolder,
    store: StoreUrl,
    *,
    name: Annotated[str, typer.Option(help="What to call it there.")] = "depression",
) -> None:
    """Put a model into a store, beside its former versions, and have it count where none is asked for.

    Example: [bold]./screening model push data/model embedded:data/models[/bold]
    """
    load_model(folder)  # before a store is made for nothing
    with closing(open_store(store)) as opened:
        version = ModelShelf(opened).push(folder, name)
    typer.echo(f"pushed {name}@{version}")


@app.command("pull")
def pull_command(
    place: Annotated[str, typer.Argument(metavar="STORE#NAME[@VERSION]", help="Which model, and where.")],
    folder: ModelFolder,
) -> None:
    """Write a model of a store as a folder, replacing a former model; the last one pushed without a version.

    Example: [bold]./screening model pull 'embedded:data/models#depression' data/model[/bold]
    """
    found = Place.parse(place)
    if found is None:
        raise ConfigError("a model in a store is named STORE#NAME, or STORE#NAME@VERSION")
    with open_shelf(found.url) as shelf:
        save_files(shelf.files(found.name, found.version), folder)
    typer.echo(f"pulled {found.name}@{load_model(folder).version}")


@app.command("list")
def list_command(store: StoreUrl) -> None:
    """Show every version of every model in a store.

    Example: [bold]./screening model list embedded:data/models[/bold]
    """
    table = Table("name", "version", "pushed", "bytes", "", box=None)
    with open_shelf(store) as shelf:
        for each in shelf.models():
            last = "last" if each.is_last else ""
            table.add_row(each.name, each.version, each.pushed_at, f"{each.size_bytes:,}", last)
    Console().print(table)
