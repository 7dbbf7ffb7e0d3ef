"""`catenae forget`: a key forgotten by every node of a topology, and then looked for."""

from contextlib import ExitStack, closing
from typing import Annotated

import typer

from catenae.cli.settings import Flags, TopologyArgument, open_present_broker, settings_of, with_settings
from catenae.clock import SystemClock
from catenae.operating.forgetting import ask_to_forget, has_gone_through, left_of
from catenae.stores import open_documents, open_store
from catenae.topology.loading import load_topology


@with_settings("data", "broker", "store", "documents")
def forget(
    topology: TopologyArgument,
    key: Annotated[str, typer.Argument(metavar="KEY", help="The key of the messages.")],
    *,
    wait: Annotated[
        float, typer.Option("--wait", metavar="SECONDS", min=0.0, help="So long for all nodes, at most.")
    ] = 60.0,
    flags: Flags,
) -> None:
    """Have every node of a topology that runs forget a key, then look whether anything is left of it.

    A request goes through all nodes, in its place among the other messages of the key: it empties State and
    timers of the key and removes what is personal of it in documents. What was written to topics stays there
    as long as they keep it. Exit status 1 if something is left, or if not every node has come to it yet.

    \b
    catenae forget topologies/shop.py ann
    """
    loaded = load_topology(topology)
    settings, clock = settings_of(flags, loaded), SystemClock()
    with ExitStack() as stack:
        broker = stack.enter_context(closing(open_present_broker(settings, loaded.replication)))
        ask_to_forget(loaded, broker, clock, key)
        if not has_gone_through(loaded, broker, clock, wait):
            typer.echo("requested; not every node has come to it yet, and each will in its turn", err=True)
            raise typer.Exit(1)
        store = stack.enter_context(closing(open_store(settings.store)))
        documents = None
        if any(node.personal for node in loaded.nodes):
            documents = stack.enter_context(closing(open_documents(settings.documents)))
        left = list(left_of(loaded, broker, store, documents, clock, key))
    for each in left:
        typer.echo(f"left: {each}", err=True)
    if left:
        raise typer.Exit(1)
    typer.echo("forgotten: nothing of the key is left in State, timers and personal documents")
