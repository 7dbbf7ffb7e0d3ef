"""`catenae work`: one instance of one node, as a process."""

from typing import Annotated

import typer

from catenae.cli import instance
from catenae.cli.settings import Flags, TopologyArgument, with_settings


@with_settings()
def work(
    topology: TopologyArgument,
    node: Annotated[
        str, typer.Argument(metavar="NODE", help="The node of which to run one instance, or a chain.")
    ],
    *,
    slot: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Which of the node's instances this is; one that runs under the same name is replaced. "
            r"\[env: CATENAE_SLOT, default: host name and process id]",
        ),
    ] = None,
    option: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=VALUE",
            help="An option of the service, above those of the topology; of a chain NODE.NAME=VALUE.",
        ),
    ] = None,
    stay: Annotated[
        bool,
        typer.Option(
            "--stay", help="Stay when the Source is exhausted, where whatever ends is started anew."
        ),
    ] = False,
    flags: Flags,
) -> None:
    """Run one instance of a node: what each container does, and each process under `catenae up`.

    It ends in order on SIGTERM and SIGINT, with status 0, and when its Source is exhausted, unless it is to
    stay. A failure that a restart may mend ends it with status 1, a mistake in the declaration or settings
    with status 2.

    \b
    catenae work topologies/wordcount.py counter --slot 0
    catenae work topologies/wordcount.py counter --broker kafka://localhost:9092 --http-port 0
    """
    instance.run(topology, node, slot, options=option or (), flags=flags, stays=stay)
