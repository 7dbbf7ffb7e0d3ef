"""`catenae acls`: what a Kafka with an authorizer has to allow."""

from typing import Annotated

import typer

from catenae.cli.settings import TopologyArgument
from catenae.cli.table import columns
from catenae.operating.acls import OUTSIDE, as_command
from catenae.operating.acls import acls as acls_of
from catenae.topology.loading import load_topology


def acls(
    topology: TopologyArgument,
    *,
    principal: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Write the lines of kafka-acls.sh for it, such as User:catenae."),
    ] = None,
    outside: Annotated[
        bool, typer.Option("--outside", help="What a program from outside needs to feed the topology.")
    ] = False,
) -> None:
    """List what Kafka has to allow for a topology: who does what with which topic, group and transaction.

    \b
    catenae acls topologies/wordcount.py
    catenae acls topologies/wordcount.py --principal User:catenae > allow.sh
    catenae acls topologies/wordcount.py --outside --principal User:feeder
    """
    found = [acl for acl in acls_of(load_topology(topology)) if (acl.who == OUTSIDE) == outside]
    if principal is not None:
        typer.echo("\n".join(dict.fromkeys(as_command(acl, principal) for acl in found)))
        return
    rows = [(acl.who, acl.kind, acl.name, ", ".join(acl.operations)) for acl in found]
    typer.echo(columns(("WHO", "RESOURCE", "NAME", "OPERATIONS"), rows))
