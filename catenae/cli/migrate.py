"""`catenae migrate`: a name changed, or something given up, in a topology that has run."""

import sys
from collections.abc import Iterable
from contextlib import AbstractContextManager, ExitStack, closing, nullcontext
from typing import Annotated

import typer

from catenae.broker import Broker
from catenae.cli.settings import (
    EMBEDDED,
    EVICT,
    Flags,
    TopologyArgument,
    open_present_broker,
    settings_of,
    with_settings,
)
from catenae.clock import SystemClock
from catenae.config import Settings, assignments
from catenae.deployment.data_folder import DataFolder
from catenae.errors import ConfigError
from catenae.operating.migrations.changes import Change, told
from catenae.operating.migrations.drops import DropInput, DropNode, DropState, DropTopic
from catenae.operating.migrations.executor import Executor
from catenae.operating.migrations.ground import Ground
from catenae.operating.migrations.moves import MoveInput
from catenae.operating.migrations.renames import RenameNode, RenameState, RenameTopic
from catenae.operating.migrations.request import Proposal, Request, carry_out, unfinished
from catenae.stores import open_store
from catenae.topology.loading import load_topology

Texts = list[str] | None

# Kafka counts an instance as a member so long after it has asked to be one.
JOINED_AFTER_S = 3.0


@with_settings("data", "broker", "store")
def migrate(  # noqa: PLR0913  an option each
    topology: TopologyArgument,
    *,
    rename_node: Annotated[Texts, typer.Option(metavar="OLD=NEW", help="A node has a new name.")] = None,
    rename_state: Annotated[
        Texts, typer.Option(metavar="NODE.OLD=NEW", help="A constructor parameter of State has a new name.")
    ] = None,
    rename_topic: Annotated[Texts, typer.Option(metavar="OLD=NEW", help="A topic has a new name.")] = None,
    move_input: Annotated[
        Texts,
        typer.Option(
            metavar="NODE.OLD=NEW", help="What waits for a node in a topic waits in another; that topic goes."
        ),
    ] = None,
    rename_topology: Annotated[
        str | None, typer.Option(metavar="OLD", help="The topology had this name when it last ran.")
    ] = None,
    drop_node: Annotated[Texts, typer.Option(metavar="NODE", help="A node is gone for good.")] = None,
    drop_state: Annotated[Texts, typer.Option(metavar="NODE.NAME", help="A State is gone for good.")] = None,
    drop_input: Annotated[
        Texts, typer.Option(metavar="NODE.TOPIC", help="A node goes without what a topic holds for it.")
    ] = None,
    drop_topic: Annotated[
        Texts, typer.Option(metavar="TOPIC", help="A topic is removed, records and all.")
    ] = None,
    drop_topology: Annotated[
        str | None, typer.Option(metavar="NAME", help="A topology is removed: State, positions, topics.")
    ] = None,
    partitions: Annotated[
        int | None,
        typer.Option(metavar="NUMBER", min=1, help="Topics have more partitions: as many as are declared."),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Finish the migration that was begun.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show each step, and do nothing.")] = False,
    evict: Annotated[bool, typer.Option("--evict", help=EVICT)] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before something is dropped.")] = False,
    flags: Flags,
) -> None:
    """Carry over what a topology keeps to a declaration with other names, or drop it; nothing may be running.

    Give it when `up` or `check` refuses a change and names this command. Whenever it is interrupted, even by
    kill -9, `--resume` finishes it, exactly; until then nothing of the topology starts. Changes are made in
    the order of the options in this help. Without a terminal to ask on, what drops something needs --yes.

    \b
    catenae migrate topologies/wordcount.py --rename-node counter=tally --dry-run
    catenae migrate topologies/wordcount.py --drop-state counter.counts
    """
    changes: list[Change] = [
        *(RenameNode(old, new) for old, new in assignments(rename_node or (), "--rename-node").items()),
        *(
            RenameState(*_parted(old, "--rename-state"), new)
            for old, new in assignments(rename_state or (), "--rename-state").items()
        ),
        *(RenameTopic(old, new) for old, new in assignments(rename_topic or (), "--rename-topic").items()),
    ]
    drops: list[Change] = [
        *(
            MoveInput(*_parted(old, "--move-input"), new)
            for old, new in assignments(move_input or (), "--move-input").items()
        ),
        *map(DropNode, drop_node or ()),
        *(DropState(*_parted(each, "--drop-state")) for each in drop_state or ()),
        *(DropInput(*_parted(each, "--drop-input")) for each in drop_input or ()),
        *map(DropTopic, drop_topic or ()),
    ]
    _require_one(resume, rename_topology or changes or drops, drop_topology, partitions)
    loaded = load_topology(topology)
    if partitions not in {None, loaded.partitions}:
        raise ConfigError(
            f"topology {loaded.name!r} declares {loaded.partitions} partitions, and --partitions asks for "
            f"{partitions}; declare as many first"
        )
    settings = settings_of(flags, loaded)
    with ExitStack() as stack:
        broker = stack.enter_context(closing(open_present_broker(settings, loaded.replication)))
        stack.enter_context(_lock(settings) if not dry_run else nullcontext())
        ground = Ground(
            broker,
            lambda: stack.enter_context(closing(open_store(settings.store))),
            SystemClock(),
            0.0 if settings.broker.startswith(EMBEDDED) else JOINED_AFTER_S,
        )
        if resume:
            migration = unfinished(ground, loaded.name)
            if dry_run:
                _show(told(migration))
                return
            _evict(broker, migration.groups if evict else ())
            Executor(ground, loaded.name, typer.echo).finish()
            typer.echo("migrated")
            return
        _evict(broker, map(loaded.group, loaded.nodes) if evict and partitions else ())
        proposal = _proposal(
            Request(loaded, ground),
            rename_topology,
            [*changes, *drops],
            drop_topology,
            grows=bool(partitions),
        )
        if dry_run:
            _show(told(proposal.migration))
            return
        if drops or drop_topology:
            _confirm(proposal, yes=yes)
        _evict(broker, proposal.migration.groups if evict else ())
        carry_out(proposal, ground, typer.echo)
    typer.echo("migrated")


def _require_one(*ways: object) -> None:
    if sum(bool(way) for way in ways) != 1:
        raise ConfigError(
            "give changes, or one of --partitions, --drop-topology and --resume alone; see catenae migrate "
            "--help"
        )


def _parted(text: str, flag: str) -> tuple[str, str]:
    node, dot, name = text.partition(".")
    if not dot or not name:
        raise ConfigError(f"{flag} names {text!r}; write the node first, as NODE.NAME")
    return node, name


def _proposal(
    request: Request, former: str | None, changes: list[Change], dropped: str | None, *, grows: bool
) -> Proposal:
    if grows:
        return request.grow()
    if dropped is not None:
        return request.drop(dropped)
    return request.rename_from(former, changes) if former is not None else request.changes(changes)


def _evict(broker: Broker, groups: Iterable[str]) -> None:
    for group in groups:
        broker.evict(group)


def _show(lines: Iterable[str]) -> None:
    for line in lines:
        typer.echo(line)


def _confirm(proposal: Proposal, *, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise ConfigError("nobody is there to be asked, so nothing was dropped; add --yes")
    _show(told(proposal.migration))
    typer.confirm("Do all of this?", abort=True)


def _lock(settings: Settings) -> AbstractContextManager[object]:
    """Have the data folder for this command, where the topics are in it."""
    if not settings.broker.startswith(EMBEDDED):
        return nullcontext()
    return DataFolder(settings.data).lock()
