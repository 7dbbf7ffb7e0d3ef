"""One instance of a node as a process: what `catenae work` comes to, and each process under `catenae up`."""

import logging
import os
import signal
import socket
import sys
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from catenae.cli.complaint import complain
from catenae.cli.pulse import ending_when_stuck
from catenae.cli.settings import node_options
from catenae.cli.stopping import stop_on_end_of_input, stop_on_signal
from catenae.config import assignments, options_from_environment, read_settings, unknown_variables
from catenae.deployment.data_folder import DataFolder
from catenae.edge import never_wait
from catenae.errors import CatenaeError, ConfigError, Fenced, TopologyError, TransientError
from catenae.observability.log import configure_logging
from catenae.private_files import keep_private
from catenae.running.work import Job, work
from catenae.topology.loading import load_topology

logger = logging.getLogger(__name__)

SLOT_VARIABLE = "CATENAE_SLOT"
# What a shell makes of SIGTERM.
STOPPED_BY_SIGNAL = 128 + signal.SIGTERM
# What may be over by the time the process is started again.
MAY_HEAL = (TransientError, Fenced)

NO_FLAGS: Mapping[str, str | None] = MappingProxyType({})


def run(  # noqa: PLR0913  all that a process is told
    reference: str,
    node: str,
    slot: str | None,
    *,
    options: Iterable[str] = (),
    flags: Mapping[str, str | None] = NO_FLAGS,
    is_supervised: bool = False,
    stays: bool = False,
) -> None:
    """Run it until it is told to stop, or its Source is exhausted.

    is_supervised  it also stops when its standard input closes, as its supervisor's end would have it
    stays          it stays when its Source is exhausted

    Raises SystemExit with status 1 for what a restart may mend, and a `CatenaeError` for a mistake in the
    declaration or the settings.
    """
    keep_private()
    stop = stop_on_signal()
    if is_supervised:
        stop_on_end_of_input(stop)
    else:
        never_wait()
    loaded = load_topology(reference)
    settings = read_settings(os.environ, flags, loaded.settings)
    slot = slot or os.environ.get(SLOT_VARIABLE) or f"{socket.gethostname()}-{os.getpid()}"
    configure_logging(settings.log_level, settings.log_format, sys.stderr, f"{node}-{slot}")
    _warn_of_variables()
    exposure = DataFolder(settings.data).exposure
    if exposure and not is_supervised:
        # Under `up` that one has said it.
        logger.warning("data folder is open to others", extra={"reason": exposure})
    given = options_from_environment(os.environ, (each.name for each in loaded.nodes))
    nodes = loaded.chains.get(node) or (loaded.node(node),)
    told = {node: assignments(options, "--option")} if len(nodes) == 1 else node_options(options)
    for each in told:
        loaded.node(each)
    texts = {each.name: {**given[each.name], **told.get(each.name, {})} for each in nodes}
    job = Job(loaded, nodes, node, slot, texts)
    try:
        with ending_when_stuck():
            work(job, settings, stop, stays=stays)
    except (ConfigError, TopologyError):
        raise
    except Exception as error:
        logger.error("instance failed", exc_info=True)
        if isinstance(error, CatenaeError) and not isinstance(error, MAY_HEAL):
            raise
        complain(str(error) if isinstance(error, CatenaeError) else f"{type(error).__name__}, see the log")
        raise SystemExit(1) from error
    if is_supervised and stop.is_set():
        # A supervisor that has not told it to stop must not take its Source for exhausted.
        raise SystemExit(STOPPED_BY_SIGNAL)


def _warn_of_variables() -> None:
    known = {name: value for name, value in os.environ.items() if name != SLOT_VARIABLE}
    for warning in unknown_variables(known):
        logger.warning("unknown variable", extra={"warning": warning})
