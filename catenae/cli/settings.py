"""The table of settings as options of a command, and what else several commands take and open."""

import functools
import inspect
import os
from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any

import typer

from catenae.broker import AS_THE_BROKER_HAS_IT, Broker, Replication
from catenae.brokers import open_broker
from catenae.config import SETTINGS, Setting, Settings, assignments, read_settings
from catenae.deployment.data_folder import DataFolder
from catenae.errors import ConfigError, DataFolderError
from catenae.lmdb.options import LmdbOptions
from catenae.private_files import keep_private
from catenae.topology.graph import Topology

Flags = Mapping[str, str | None]
TopologyArgument = Annotated[
    str, typer.Argument(metavar="TOPOLOGY", help="A file such as topologies/wordcount.py, or a module.")
]

EMBEDDED = "embedded:"
EVICT = "Nothing of it runs: have instances that the broker still counts leave their groups."


def with_settings(*names: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command an option for each of these settings, or for all of them if none is named.

    The command takes what was given as its keyword `flags`, texts that `read_settings` makes values of.
    """
    chosen = [setting for setting in SETTINGS if not names or setting.name in names]

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(command)
        def wrapped(**arguments: Any) -> None:
            # Whatever has settings opens what topologies keep, and may make some of it.
            keep_private()
            flags = {setting.name: arguments.pop(setting.name) for setting in chosen}
            command(**arguments, flags=flags)

        declared = inspect.signature(command)
        own = [each for each in declared.parameters.values() if each.name != "flags"]
        # typer reads what a command takes from its signature.
        wrapped.__signature__ = declared.replace(  # type: ignore[attr-defined]
            parameters=own + [_parameter(setting) for setting in chosen]
        )
        wrapped.__annotations__ = {each.name: each.annotation for each in own}
        return wrapped

    return decorate


def settings_of(flags: Flags, topology: Topology | None = None) -> Settings:
    """Return the settings of a command: its flags, the environment, the topology's own, the defaults."""
    return read_settings(os.environ, flags, topology.settings if topology is not None else None)


def open_present_broker(settings: Settings, replication: Replication = AS_THE_BROKER_HAS_IT) -> Broker:
    """Open the broker, which must be there: to look at a folder is not to create it."""
    data = DataFolder(settings.data)
    if settings.broker.startswith(EMBEDDED):
        folder = LmdbOptions.parse(settings.broker.removeprefix(EMBEDDED)).path
        with data.explaining():
            has_topics = (folder / "data.mdb").exists()
        if not has_topics:
            raise DataFolderError(
                f"there are no topics in {str(folder)!r}; `catenae up` creates those of a topology when it "
                f"is first started. Start it, or name its data folder with --data"
            )
    data.require_format()
    return open_broker(settings.broker, lease_s=settings.lease_s, replication=replication)


def replica_counts(texts: Iterable[str], flag: str) -> dict[str, int]:
    """Return node → instances for texts "node=3". Raises `ConfigError` for any other text."""
    found = {}
    for node, text in assignments(texts, flag).items():
        if not text.isdecimal():
            raise ConfigError(f"{flag} is {f'{node}={text}'!r}; write it as NODE=NUMBER, such as {node}=3")
        found[node] = int(text)
    return found


def node_options(texts: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return node → option → text for texts "node.option=text"; raise `ConfigError` for any other text."""
    found: dict[str, dict[str, str]] = {}
    for name, text in assignments(texts, "--option").items():
        node, dot, option = name.partition(".")
        if not dot:
            raise ConfigError(f"--option names {name!r}; write it as NODE.NAME=VALUE")
        found.setdefault(node, {})[option] = text
    return found


def _parameter(setting: Setting) -> inspect.Parameter:
    option = typer.Option(
        setting.flag,
        metavar="VALUE",
        help=f"{setting.meaning[0].upper()}{setting.meaning[1:]}. "
        rf"\[env: {setting.variable}, default: {setting.default}]",
        rich_help_panel="Settings",
    )
    return inspect.Parameter(
        setting.name,
        inspect.Parameter.KEYWORD_ONLY,
        default=None,
        annotation=Annotated[str | None, option],
    )
