"""`catenae passwords` and `catenae permit`: each node known to the servers by itself."""

from pathlib import Path
from typing import Annotated

import typer

from catenae.cli.settings import Flags, settings_of, with_settings
from catenae.operating.passwords import write_passwords
from catenae.operating.permit import permit as permit_nodes
from catenae.topology.loading import load_topology

Topologies = Annotated[
    list[str],
    typer.Argument(metavar="TOPOLOGY…", help="Files such as topologies/wordcount.py, or modules."),
]
FOLDER = Path("secrets")


def passwords(
    topologies: Topologies,
    *,
    folder: Annotated[
        Path, typer.Option(metavar="FOLDER", help="Where each has a file of its name.")
    ] = FOLDER,
) -> None:
    """Write a password for each node and server that has none yet, for `catenae compose` to hand over.

    What is there stays: to change one, remove its file. Start Kafka and `operator` anew afterwards.

    \b
    catenae passwords topologies/depression.py topologies/wordcount.py
    """
    for path in write_passwords([load_topology(each) for each in topologies], folder):
        typer.echo(path)


@with_settings("broker", "documents")
def permit(
    topologies: Topologies,
    *,
    passwords: Annotated[
        Path, typer.Option(metavar="FOLDER", help="Where each node's password is, in a file of its name.")
    ] = FOLDER,
    flags: Flags,
) -> None:
    """Have Kafka and MongoDB allow each node what the graph says it does, and nothing else.

    On Kafka a node is the principal of its name, and programs from outside are `outside`: they may write what
    is external. In MongoDB it is a user of the topology's database, who may do what Node(documents=) says.

    \b
    catenae permit topologies/wordcount.py --broker kafka://localhost:9094
    """
    loaded = [load_topology(each) for each in topologies]
    done = permit_nodes(loaded, settings_of(flags), passwords)
    typer.echo("\n".join(done) or "nothing to allow: neither Kafka nor MongoDB is used")
