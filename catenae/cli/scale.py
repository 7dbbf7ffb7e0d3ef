"""`catenae scale`: more or fewer instances of a node while `catenae up` runs."""

from typing import Annotated

import typer

from catenae.cli.settings import Flags, replica_counts, settings_of, with_settings
from catenae.topology.data_folder import DataFolder
from catenae.topology.local.scaling import request_scale


@with_settings("data")
def scale(
    replicas: Annotated[list[str], typer.Argument(metavar="NODE=NUMBER...", help="Such as counter=3.")],
    *,
    flags: Flags,
) -> None:
    """Change how many instances of a node run, at once and without a pause. 0 pauses the node.

    \b
    catenae scale counter=3
    catenae scale counter=0 splitter=2
    """
    wanted = replica_counts(replicas, "scale")
    request_scale(DataFolder(settings_of(flags).data), wanted)
    typer.echo(", ".join(f"{node}: {number}" for node, number in wanted.items()))
