"""`catenae control`: what is asked of the instances of a topology that runs, and what they answer."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Annotated, cast

import typer

from catenae.broker import Broker
from catenae.cli.settings import Flags, TopologyArgument, open_present_broker, settings_of, with_settings
from catenae.cli.table import columns
from catenae.clock import SystemClock
from catenae.deployment.control import Answers, Control, Preview
from catenae.deployment.control_acts import Act, Figures, Level, LogLevel, Pause, Pin, Resume, Scale, Stack
from catenae.errors import ConfigError
from catenae.observability.log import LEVELS
from catenae.operating.draining import drain as drain_all
from catenae.terminal import one_line
from catenae.topology.graph import Topology
from catenae.topology.loading import load_topology

app = typer.Typer(no_args_is_help=True, help="Ask something of the instances of a topology that runs.")

Node = Annotated[str, typer.Argument(metavar="NODE", help="Of which node; of all unless given.")]
OneNode = Annotated[str, typer.Argument(metavar="NODE", help="Of which node.")]
Instance = Annotated[str, typer.Option(metavar="NAME", help="Only this instance of it.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say who would be asked, and what for.")]
Lasting = Annotated[
    float, typer.Option("--for", metavar="SECONDS", help="So long at most: a day is the longest.")
]
HOUR_S = 3600.0


@app.command("pause")
@with_settings("data", "broker")
def pause(
    topology: TopologyArgument,
    node: Node = "",
    *,
    instance: Instance = "",
    lasting: Lasting = HOUR_S,
    dry_run: DryRun = False,
    flags: Flags,
) -> None:
    """Have instances stand still after the batch in hand, until a time or until they are to go on.

    They keep their partitions, lose nothing, and say that they are paused and so not ready. One that is
    started anew meanwhile stands still as well.

    \b
    catenae control pause topologies/wordcount.py counter --for 600
    """
    _ask(topology, Pause(lasting), node, instance, flags, is_dry=dry_run)


@app.command("resume")
@with_settings("data", "broker")
def resume(
    topology: TopologyArgument,
    node: Node = "",
    *,
    instance: Instance = "",
    dry_run: DryRun = False,
    flags: Flags,
) -> None:
    """Have instances that are paused go on."""
    _ask(topology, Resume(), node, instance, flags, is_dry=dry_run)


@app.command("drain")
@with_settings("data", "broker")
def drain(
    topology: TopologyArgument,
    *,
    lasting: Lasting = HOUR_S,
    wait: Annotated[
        float, typer.Option("--wait", metavar="SECONDS", min=0.0, help="So long for what is on its way.")
    ] = 60.0,
    dry_run: DryRun = False,
    flags: Flags,
) -> None:
    """Pause every Source, have all that is on its way handled, then pause all other nodes.

    The topology then stands still with nothing under way: for a copy, or to be stopped. What waits in
    delayed inputs waits on. Exit status 1 if it has not come to that in time: the Sources then stand still,
    all others go on.
    """
    with _channel(topology, flags) as (loaded, broker, control):
        if dry_run:
            _show(control.preview(Pause(lasting)))
            return
        answers = drain_all(loaded, control, broker, SystemClock(), lasting, wait)
    if answers is None:
        typer.echo("not drained yet: the Sources stand still, and all others go on", err=True)
        raise typer.Exit(1)
    _tell(answers)


@app.command("level")
@with_settings("data", "broker")
def level(  # noqa: PLR0913  an option each
    topology: TopologyArgument,
    level: Annotated[str, typer.Argument(metavar="LEVEL", help=f"One of {', '.join(LEVELS)}.")],
    node: Node = "",
    *,
    instance: Instance = "",
    lasting: Lasting = 600.0,
    dry_run: DryRun = False,
    flags: Flags,
) -> None:
    """Have instances log from another level on, for a time; --for 0 ends that."""
    if level.upper() not in LEVELS:
        raise ConfigError(f"log level {level!r} is unknown. Choose one of {', '.join(LEVELS)}")
    act = LogLevel(cast("Level", level.upper()), lasting)
    _ask(topology, act, node, instance, flags, is_dry=dry_run)


@app.command("stack")
@with_settings("data", "broker")
def stack(topology: TopologyArgument, node: Node = "", *, instance: Instance = "", flags: Flags) -> None:
    """Show where each thread of instances is: modules, lines and functions, and none of the values."""
    _ask(topology, Stack(), node, instance, flags)


@app.command("figures")
@with_settings("data", "broker")
def figures(topology: TopologyArgument, node: Node = "", *, instance: Instance = "", flags: Flags) -> None:
    """Show what instances have counted."""
    _ask(topology, Figures(), node, instance, flags)


@app.command("scale")
@with_settings("data", "broker")
def scale(
    topology: TopologyArgument,
    node: OneNode,
    number: Annotated[int, typer.Argument(metavar="NUMBER", min=0, help="So many instances.")],
    *,
    dry_run: DryRun = False,
    flags: Flags,
) -> None:
    """Have the `catenae up` that runs a node run so many instances of it, until the node is released."""
    _ask(topology, Scale(number), node, "", flags, is_dry=dry_run)


@app.command("pin")
@with_settings("data", "broker")
def pin(topology: TopologyArgument, node: OneNode, *, dry_run: DryRun = False, flags: Flags) -> None:
    """Have a node keep as many instances as it has, whatever an autoscaler wants."""
    _ask(topology, Pin(), node, "", flags, is_dry=dry_run)


@app.command("release")
@with_settings("data", "broker")
def release(topology: TopologyArgument, node: OneNode, *, dry_run: DryRun = False, flags: Flags) -> None:
    """Leave the number of a node's instances to an autoscaler again, or else to the declaration."""
    _ask(topology, Scale(None), node, "", flags, is_dry=dry_run)


@contextmanager
def _channel(topology: str, flags: Flags) -> Iterator[tuple[Topology, Broker, Control]]:
    loaded = load_topology(topology)
    with closing(open_present_broker(settings_of(flags, loaded), loaded.replication)) as broker:
        yield loaded, broker, Control(loaded, broker, SystemClock())


def _ask(topology: str, act: Act, node: str, instance: str, flags: Flags, *, is_dry: bool = False) -> None:
    """Show what is answered; exit with status 1 unless all who were asked have done it."""
    with _channel(topology, flags) as (_, _, control):
        if is_dry:
            _show(control.preview(act, node, instance))
            return
        answers = control.ask(act, node, instance)
    _tell(answers)


def _show(preview: Preview) -> None:
    asked = [each for members in preview.instances.values() for each in members]
    typer.echo(f"{', '.join(asked) or 'whoever runs it'}: {preview.effect}")


def _tell(answers: Answers) -> None:
    given = sorted(answers.given, key=lambda each: (each.node, each.instance))
    if any(each.figures.keys() - {"standing"} for each in given):
        names: Sequence[str] = list(dict.fromkeys(name for each in given for name in each.figures))
        rows = [
            [each.instance, each.effect, *(_cell(each.figures.get(name)) for name in names)] for each in given
        ]
        typer.echo(columns(["instance", "state", *(name.replace("_", " ") for name in names)], rows))
    else:
        for each in given:
            typer.echo(one_line(f"{each.instance}: {each.effect}"))
            for line in each.lines:
                typer.echo(" " * (len(line) - len(line.lstrip()) + 2) + one_line(line.strip()))
    for instance in answers.silent:
        typer.echo(f"{instance}: no answer", err=True)
    if not given and not answers.silent:
        typer.echo("no answer: nobody who could do it runs", err=True)
    if not answers.is_done:
        raise typer.Exit(1)


def _cell(figure: object) -> str | int:
    return figure if isinstance(figure, int) else str("" if figure is None else figure)
