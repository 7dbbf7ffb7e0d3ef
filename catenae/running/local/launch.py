"""How the process of an instance is started: its command, its environment, where its output goes."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import fields

from catenae.config import OPTIONS_VARIABLE, SETTINGS, Settings
from catenae.deployment.data_folder import DataFolder
from catenae.errors import TopologyError
from catenae.observability.multiprocess import FOLDER_VARIABLE
from catenae.running.local.logs import Logs

Options = Mapping[str, Mapping[str, str]]


class Launcher:
    """Starts processes of one topology.

    reference  what `load_topology` takes
    options    node → option → text, above what the topology declares
    """

    def __init__(self, reference: str, settings: Settings, options: Options) -> None:
        self._reference = reference
        folder = DataFolder(settings.data)
        self.logs = Logs(folder.logs)
        # Settings and options may hold credentials, which a command line would show to every user.
        self._environment = {
            **os.environ,
            **_variables(settings),
            OPTIONS_VARIABLE: json.dumps(options),
            FOLDER_VARIABLE: str(folder.metrics),
        }

    def check(self) -> None:
        """Raise `TopologyError` unless `catenae check` accepts the topology; what is wrong is on its stderr.

        In a process of its own, so that this one does not have to import every service. Options count too. It
        is left to this process to compare it with what has run.
        """
        command = [sys.executable, "-m", "catenae", "check", self._reference, "--offline"]
        checked = subprocess.run(  # noqa: S603  this very program
            command,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=self._environment,
            start_new_session=True,
            check=False,
        )
        # Not by its own hand: a terminal that takes nothing would hold up this process with it.
        sys.stderr.write(checked.stderr.decode(errors="replace"))
        if checked.returncode != 0:
            raise TopologyError(
                f"topology {self._reference!r} has mistakes, so nothing was started; mend them"
            )

    def start(self, name: str, slot: int) -> "subprocess.Popen[bytes]":
        """Start one instance of a node, or of a chain.

        It stops by itself when its standard input closes, so none outlives this process. It has a session of
        its own, so that Ctrl-C reaches this process alone, which then stops all in order.
        """
        command = [sys.executable, "-m", "catenae", "work", self._reference, name]
        with self.logs.open(f"{name}-{slot}") as log:
            return subprocess.Popen(  # noqa: S603  this very program
                [*command, "--slot", str(slot), "--stop-on-eof"],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                env=self._environment,
                start_new_session=True,
            )


def _variables(settings: Settings) -> dict[str, str]:
    values = {each.name: getattr(settings, each.name) for each in fields(settings)}
    # One port shows all instances: that of the supervisor.
    values["http_port"] = 0
    return {each.variable: str(values[each.name]) for each in SETTINGS}
