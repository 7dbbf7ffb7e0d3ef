"""The web tool of a run: it is said to be open once it is."""

import socket
from contextlib import ExitStack
from pathlib import Path

import pytest

from services.api.opening import LOOPBACK, WebTool


class Starting:
    """A topology whose server listens when it is looked at, and not before."""

    def __init__(self, port: int, capsys: pytest.CaptureFixture[str]) -> None:
        self._port = port
        self._capsys = capsys
        self._listening = ExitStack()
        self.said_before = ""

    def poll(self) -> None:
        self.said_before += self._capsys.readouterr().out
        self._listening.enter_context(socket.create_server((LOOPBACK, self._port)))

    def wait(self) -> None:
        self._listening.close()


def test_it_is_said_to_be_open_once_it_takes_connections(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tool = WebTool(tmp_path, 0, stays=True)
    topology = Starting(tool.port, capsys)

    tool.stay(topology)  # type: ignore[arg-type]  # of a process, what is asked of it

    assert topology.said_before == ""
    assert "stays open at" in capsys.readouterr().out
