"""`catenae new`: the command; what it writes is in `new`."""

from pathlib import Path
from typing import Annotated

import typer

from catenae.cli.new import installed_requirement, scaffold


def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Lower-case letters, digits and _.")],
) -> None:
    """Write a small project of your own: a microservice, its test, a topology, what makes containers of them.

    \b
    catenae new weather
    cd weather && make test run
    make up
    """
    files = scaffold(name, Path(), installed_requirement())
    for file in files:
        typer.echo(file)
    typer.echo(f"\nNow: cd {name} && make test run, or make up for containers")
