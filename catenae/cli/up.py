"""`catenae up`: every node of a topology as processes of this machine."""

import sys
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from catenae.cli.complaint import complain
from catenae.cli.display import displayed
from catenae.cli.reloading import Changes, Reloading
from catenae.cli.settings import (
    Flags,
    TopologyArgument,
    node_options,
    replica_counts,
    settings_of,
    with_settings,
)
from catenae.cli.stopping import stop_on_signal
from catenae.config import Settings
from catenae.deployment.data_folder import DataFolder
from catenae.edge import never_wait
from catenae.observability.server import free_port, host_in_url, is_taken
from catenae.operating.restart import require_no_state_elsewhere
from catenae.running.local import SourceGivenUp, Status, Supervisor
from catenae.scaling.local import Autoscaling, require_scale
from catenae.stores import check_store_url
from catenae.topology.loading import load_topology

DRAINED = "drained"


@with_settings()
def up(  # noqa: PLR0913  an option each
    topology: TopologyArgument,
    *,
    until_drained: Annotated[
        bool, typer.Option("--until-drained", help="End when every Source is exhausted and nothing waits.")
    ] = False,
    stay: Annotated[
        bool, typer.Option("--stay", help="With --until-drained: say so then, and go on until Ctrl-C.")
    ] = False,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Start over: remove what earlier runs left in the data folder.")
    ] = False,
    reload: Annotated[
        bool, typer.Option("--reload", help="Begin anew, after each batch is committed, when files change.")
    ] = False,
    replicas: Annotated[
        list[str] | None,
        typer.Option(metavar="NODE=NUMBER", help="Instances of a node, in place of the topology's number."),
    ] = None,
    autoscale: Annotated[
        bool, typer.Option("--autoscale", help="Have the nodes with a `scale` follow their load.")
    ] = False,
    option: Annotated[
        list[str] | None,
        typer.Option(metavar="NODE.NAME=VALUE", help="An option of a node's service, above the topology's."),
    ] = None,
    flags: Flags,
) -> None:
    """Run a topology on this machine: every instance a process, restarted when it fails, until Ctrl-C.

    A terminal shows a live table; anything else gets a line now and then. What the instances log is under
    logs/ in the data folder. Scale a node meanwhile with `catenae scale`.

    \b
    catenae up topologies/wordcount.py
    catenae up topologies/wordcount.py --reload
    catenae up topologies/wordcount.py --replicas counter=4 --until-drained
    catenae up topologies/token_filter.py --option text_source.path=mine.txt --data /tmp/mine
    """
    stop = stop_on_signal()
    never_wait()
    loaded = load_topology(topology)
    if autoscale:
        require_scale(loaded)
    settings = _on_a_free_port(settings_of(flags, loaded))
    if fresh:
        check_store_url(settings.store)
        require_no_state_elsewhere(settings, loaded)
    supervisor = Supervisor(
        topology,
        settings,
        replica_counts(replicas or (), "--replicas"),
        node_options(option or []),
    )
    reloading = Reloading(Changes(Path(), settings.data) if reload else None, supervisor.check, stop)
    folder = DataFolder(settings.data)
    if folder.exposure:
        complain(folder.exposure)
    try:
        with displayed() as display, ExitStack() as stack:

            def started() -> None:
                display.say(_places(settings))
                if autoscale:
                    stack.enter_context(Autoscaling(loaded, settings))

            def drained() -> None:
                display.show(supervisor.status())
                display.close()
                typer.echo(DRAINED, err=True)

            def tick(status: Status) -> None:
                display.show(status)
                reloading.look(display.say)

            supervisor.run(
                until_drained=until_drained,
                on_drained=drained if stay else None,
                fresh=fresh,
                on_start=started,
                on_wait=lambda reason: complain(f"{reason}; waiting until it does, Ctrl-C ends that"),
                on_tick=tick,
                stop=stop,
            )
            display.show(supervisor.status())
    except SourceGivenUp as error:
        complain(str(error))
        raise typer.Exit(1) from error
    reloading.end(sys.argv[1:])
    typer.echo("stopped" if stop.is_set() else DRAINED, err=True)


def _on_a_free_port(settings: Settings) -> Settings:
    """Leave the default port to whoever has it already; a port that was asked for is not changed."""
    if settings.http_port != Settings.http_port or not is_taken(settings.http_host, settings.http_port):
        return settings
    return replace(settings, http_port=free_port(settings.http_host))


def _places(settings: Settings) -> str:
    """Say where there is more to be seen."""
    logs = f"logs in {DataFolder(settings.data).logs}"
    if not settings.http_port:
        return logs
    return f"{logs}, metrics at http://{host_in_url(settings.http_host)}:{settings.http_port}/metrics"
