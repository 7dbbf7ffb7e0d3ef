"""`catenae reset`: read everything again."""

import sys
from contextlib import ExitStack, closing
from typing import Annotated

import typer

from catenae.cli.settings import (
    EVICT,
    Flags,
    TopologyArgument,
    open_present_broker,
    settings_of,
    with_settings,
)
from catenae.errors import ConfigError
from catenae.operating.restart import require_state_to_go, require_stopped, restart, state_namespaces
from catenae.stores import open_store
from catenae.topology.loading import load_topology


@with_settings("data", "broker", "store")
def reset(
    topology: TopologyArgument,
    *,
    node: Annotated[
        list[str] | None, typer.Option(metavar="NODE", help="Only this node; may be given several times.")
    ] = None,
    state: Annotated[bool, typer.Option("--state", help="Drop the State of the nodes too.")] = False,
    evict: Annotated[bool, typer.Option("--evict", help=EVICT)] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    flags: Flags,
) -> None:
    """Put nodes back to the beginning: a Source generates all again, the others read again what is kept.

    What they wrote before stays on its topics, so name single nodes; to begin from nothing, give `catenae up
    --fresh`. Nodes must not be running. One that keeps State needs --state, for the two go together. Without
    a terminal to ask on, --yes is needed.

    \b
    catenae reset topologies/wordcount.py --node counter --state
    """
    loaded = load_topology(topology)
    nodes = [loaded.node(name) for name in node] if node else list(loaded.nodes)
    settings = settings_of(flags, loaded)
    with ExitStack() as stack:
        broker = stack.enter_context(closing(open_present_broker(settings, loaded.replication)))
        if not evict:
            require_stopped(broker, loaded, nodes)
        if not state:
            require_state_to_go(state_namespaces(loaded, nodes))
        names = ", ".join(each.name for each in nodes)
        if not yes and not sys.stdin.isatty():
            raise ConfigError("nobody is there to be asked, so nothing was reset; add --yes")
        if not yes:
            typer.confirm(
                f"Put {names} back to the beginning{' and drop their State' if state else ''}?", abort=True
            )
        for each in nodes if evict else ():
            broker.evict(loaded.group(each))
        store = stack.enter_context(closing(open_store(settings.store))) if state else None
        restart(broker, store, loaded, nodes)
    typer.echo(f"reset: {names}")
