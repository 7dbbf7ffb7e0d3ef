"""`catenae scale`: more or fewer instances of a node while `catenae up` runs."""

from typing import Annotated

import typer

from catenae.cli.settings import Flags, replica_counts, settings_of, with_settings
from catenae.config import assignments
from catenae.deployment.data_folder import DataFolder
from catenae.running.local.scaling import request_scale

AUTOMATIC = "auto"


@with_settings("data")
def scale(
    replicas: Annotated[list[str], typer.Argument(metavar="NODE=NUMBER...", help="Such as counter=3.")],
    *,
    flags: Flags,
) -> None:
    """Change how many instances of a node run, at once and without a pause. 0 pauses the node.

    An autoscaler leaves the node alone from then on, until `auto` releases it.

    \b
    catenae scale counter=3
    catenae scale counter=0 splitter=2
    catenae scale counter=auto
    """
    released = [node for node, text in assignments(replicas, "scale").items() if text == AUTOMATIC]
    numbers = [each for each in replicas if not each.endswith(f"={AUTOMATIC}")]
    wanted = {**replica_counts(numbers, "scale"), **dict.fromkeys(released)}
    request_scale(DataFolder(settings_of(flags).data), wanted)
    typer.echo(", ".join(f"{node}: {AUTOMATIC if n is None else n}" for node, n in wanted.items()))
