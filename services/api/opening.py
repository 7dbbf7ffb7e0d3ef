"""Opening the web tool on this machine for somebody who has just started it."""

import socket
import subprocess
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import typer

from catenae import open_documents
from services.api.answers import Role
from services.api.cli import create
from services.api.sign_in.accounts import COLLECTION
from services.api.sign_in.passwords import generated

LOOPBACK = "127.0.0.1"
FIRST = "admin"
LOOK_EVERY_S = 0.1


def usable_port(wanted: int = 8080) -> int:
    """Return the port that is wanted, or a free one if somebody has it."""
    for port in (wanted, 0):
        try:
            with socket.create_server((LOOPBACK, port)) as listening:
                return int(listening.getsockname()[1])
        except OSError:
            if port == 0:
                raise
    raise AssertionError


def address(port: int) -> str:
    """Return where a browser on this machine finds the web tool."""
    return f"http://{LOOPBACK}:{port}"


class WebTool:
    """The web tool of a run on this machine: on a terminal it stays open after the run, until Ctrl-C.

    data   folder of the run
    port   the one that is wanted, 0 for any; a free one is taken if somebody has it
    stays  whether the topology goes on for it
    """

    def __init__(self, data: Path, port: int, *, stays: bool) -> None:
        self._data = data
        self.stays = stays
        # Where nobody is told the port, the API takes one itself: another could have it by then.
        self.port = usable_port(port) if port or stays else 0

    def announce(self) -> None:
        """Say where it will be and how to sign in, if it stays."""
        if self.stays:
            typer.echo(welcome(self._data, self.port))

    def stay(self, topology: subprocess.Popen[Any]) -> None:
        """Wait until the topology ends or Ctrl-C, if it stays."""
        if not self.stays:
            return
        with suppress(KeyboardInterrupt):
            while topology.poll() is None and not self._answers():
                time.sleep(LOOK_EVERY_S)
            typer.echo(f"the web tool stays open at {address(self.port)} until Ctrl-C")
            topology.wait()

    def _answers(self) -> bool:
        """Return whether it takes connections: where a run was short or the machine is busy, not yet."""
        with suppress(OSError), socket.create_connection((LOOPBACK, self.port)):
            return True
        return False


def welcome(data: Path, port: int) -> str:
    """Say where the web tool will be and how to sign in; where there is no account yet, make one.

    Its password is in what is returned, and nowhere else.
    """
    with closing(open_documents(f"sqlite:{data / 'documents.sqlite'}")) as documents:
        if documents.count(COLLECTION):
            how = f"sign in as before; new password: ./screening user password NAME --data {data}"
        else:
            password = generated()
            create(documents, FIRST, Role.ADMINISTRATOR, password)
            how = f"sign in as {FIRST} with the password {password}"
    return f"web tool at {address(port)}: {how}"
