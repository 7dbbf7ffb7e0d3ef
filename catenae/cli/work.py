"""`catenae work`: one instance of one node, as a process."""

import logging
import os
import signal
import socket
import sys
from typing import Annotated

import typer

from catenae.cli.complaint import complain
from catenae.cli.pulse import ending_when_stuck
from catenae.cli.settings import Flags, TopologyArgument, assignments, settings_of, with_settings
from catenae.cli.stopping import stop_on_end_of_input, stop_on_signal
from catenae.config import options_from_environment, unknown_variables
from catenae.errors import CatenaeError, ConfigError, Fenced, TopologyError, TransientError
from catenae.observability.log import configure_logging
from catenae.topology.data_folder import DataFolder
from catenae.topology.loading import load_topology
from catenae.topology.work import Job
from catenae.topology.work import work as run_instance

logger = logging.getLogger(__name__)

SLOT_VARIABLE = "CATENAE_SLOT"
# What a shell makes of SIGTERM.
STOPPED_BY_SIGNAL = 128 + signal.SIGTERM
# What may be over by the time the process is started again.
MAY_HEAL = (TransientError, Fenced)


@with_settings()
def work(
    topology: TopologyArgument,
    node: Annotated[str, typer.Argument(metavar="NODE", help="The node of which to run one instance.")],
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
        typer.Option(metavar="NAME=VALUE", help="An option of the service, above those of the topology."),
    ] = None,
    stop_on_eof: Annotated[bool, typer.Option("--stop-on-eof", hidden=True)] = False,
    flags: Flags,
) -> None:
    """Run one instance of a node: what each container does, and each process under `catenae up`.

    It ends in order on SIGTERM and SIGINT, with status 0, and when its Source is exhausted. A failure that a
    restart may mend ends it with status 1, a mistake in the declaration or settings with status 2.

    \b
    catenae work topologies/wordcount.py counter --slot 0
    catenae work topologies/wordcount.py counter --broker kafka://localhost:9092 --http-port 0
    """
    stop = stop_on_signal()
    if stop_on_eof:
        stop_on_end_of_input(stop)
    loaded = load_topology(topology)
    settings = settings_of(flags, loaded)
    member = f"{node}-{slot or os.environ.get(SLOT_VARIABLE) or f'{socket.gethostname()}-{os.getpid()}'}"
    configure_logging(settings.log_level, settings.log_format, sys.stderr, member)
    _warn_of_variables()
    exposure = DataFolder(settings.data).exposure
    if exposure and not stop_on_eof:
        # Under `up` that one has said it.
        logger.warning("data folder is open to others", extra={"reason": exposure})
    options = options_from_environment(os.environ, (each.name for each in loaded.nodes))
    declared = loaded.node(node)
    job = Job(loaded, declared, member, {**options[node], **assignments(option or (), "--option")})
    try:
        with ending_when_stuck():
            run_instance(job, settings, stop)
    except (ConfigError, TopologyError):
        raise
    except Exception as error:
        logger.error("instance failed", exc_info=True)
        if isinstance(error, CatenaeError) and not isinstance(error, MAY_HEAL):
            raise
        complain(str(error) if isinstance(error, CatenaeError) else f"{type(error).__name__}, see the log")
        raise typer.Exit(1) from error
    if stop_on_eof and stop.is_set():
        # A supervisor that has not told it to stop must not take its Source for exhausted.
        raise typer.Exit(STOPPED_BY_SIGNAL)


def _warn_of_variables() -> None:
    known = {name: value for name, value in os.environ.items() if name != SLOT_VARIABLE}
    for warning in unknown_variables(known):
        logger.warning("unknown variable", extra={"warning": warning})
