"""`catenae autoscale`: as many instances of a node as its load needs, while `catenae up` runs."""

import sys
from collections.abc import Callable, Sequence
from typing import Annotated, TextIO

import typer

from catenae.cli.settings import Flags, TopologyArgument, settings_of, with_settings
from catenae.cli.stopping import stop_on_signal
from catenae.edge import never_wait
from catenae.observability.log import configure_logging
from catenae.scaling.figures import Figures
from catenae.scaling.local import autoscale as scale_until
from catenae.scaling.rule import Decision
from catenae.terminal import one_line
from catenae.topology.loading import load_topology


@with_settings("data", "broker", "log_level", "log_format")
def autoscale(
    topology: TopologyArgument,
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be done; beside another one, too.")
    ] = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="Say of every node every five seconds why it stays as it is.")
    ] = False,
    flags: Flags,
) -> None:
    """Have the number of instances of nodes with a `scale` follow their load, until Ctrl-C.

    It works beside a running `catenae up`, may be ended and started at any time, and leaves alone what a
    person has scaled until that is released with `catenae scale NODE=auto`. Every change is a line here and
    in scalings.jsonl in the data folder. `catenae up --autoscale` does the same by itself.

    \b
    catenae autoscale topologies/wordcount.py
    catenae autoscale topologies/wordcount.py --dry-run --explain
    """
    stop = stop_on_signal()
    never_wait()
    loaded = load_topology(topology)
    settings = settings_of(flags, loaded)
    configure_logging(settings.log_level, settings.log_format, sys.stderr, "autoscaler")
    scale_until(loaded, settings, stop, lines(sys.stdout, explains=explain), is_dry=dry_run)


def lines(stream: TextIO, *, explains: bool) -> Callable[[Figures, Sequence[Decision]], None]:
    """Return what writes a line for each change, or for each node every time."""

    def tell(figures: Figures, decisions: Sequence[Decision]) -> None:
        for each in decisions:
            now = figures.loads[each.node].instances
            if each.replicas != now:
                stream.write(f"{one_line(f'{each.node}: {now} -> {each.replicas}, {each.reason}')}\n")
            elif explains:
                stream.write(f"{one_line(f'{each.node}: {now}, {each.reason}')}\n")
        stream.flush()

    return tell
