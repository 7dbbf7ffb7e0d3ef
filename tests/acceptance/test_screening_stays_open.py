"""`./screening run` on a terminal: the web tool stays open until Ctrl-C; without one it ends by itself."""

import os
import pty
import re
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from catenae import Documents, open_documents
from services.depression.demo.files import write_demo

pytestmark = pytest.mark.acceptance

SCREENING = Path(__file__).parents[2] / "screening"
WITHIN_S = 120.0


class Terminal:
    """What a program on a terminal shows."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self.shown = ""

    def until(self, pattern: str) -> str:
        """Return what a pattern finds once it is shown, without the colours."""
        until_s = time.monotonic() + WITHIN_S
        while time.monotonic() < until_s:
            found = re.search(pattern, self.shown)
            if found is not None:
                return found[1]
            read = os.read(self._descriptor, 65536).decode(errors="replace")
            self.shown += re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", read)
        raise AssertionError(f"{pattern} was not shown within {WITHIN_S:g} s")

    def press_ctrl_c(self) -> None:
        os.write(self._descriptor, b"\x03")

    def rest(self) -> None:
        """Read to the end, which the terminal tells by an error."""
        try:
            while os.read(self._descriptor, 65536):
                pass
        except OSError:
            return


@contextmanager
def on_a_terminal(*command: str) -> Iterator[tuple[Terminal, int]]:
    process, descriptor = pty.fork()
    if process == 0:
        os.execv(command[0], command)
    try:
        yield Terminal(descriptor), process
    finally:
        os.close(descriptor)


def test_on_a_terminal_the_web_tool_stays_open_until_ctrl_c(tmp_path: Path) -> None:
    write_demo(tmp_path / "demo", users=120, posts=5000)
    command = [str(SCREENING), "run", "--data", str(tmp_path), "--port", "0"]
    with on_a_terminal(*command) as (terminal, process):
        password = terminal.until(r"sign in as admin with the password (\S{22})\s")
        address = terminal.until(r"stays open at (http://127\.0\.0\.1:\d+) until Ctrl-C")
        with urllib.request.urlopen(f"{address}/live", timeout=5) as answer:
            assert answer.read() == b"ok\n"
        assert _may_sign_in(address, password)
        with closing(open_documents(f"sqlite:{tmp_path}/documents.sqlite")) as documents:
            _ask_to_forget(documents)
            _until(lambda: documents.count("forget_requests", {"status": "done"}) == 1)

        terminal.press_ctrl_c()
        terminal.rest()
        _, status = os.waitpid(process, 0)

    assert os.waitstatus_to_exitcode(status) == 0
    assert terminal.shown.count(password) == 1


def _ask_to_forget(documents: Documents) -> None:
    (alert,) = documents.find("alerts", limit=1).documents
    request = {"status": "requested", "requested_ms": 1, "requested_by": "admin"}
    documents.upsert("forget_requests", [{"id": alert["user"], **request}])


def _until(holds: Callable[[], bool]) -> None:
    until_s = time.monotonic() + WITHIN_S
    while not holds():
        assert time.monotonic() < until_s
        time.sleep(0.2)


def _may_sign_in(address: str, password: str) -> bool:
    request = urllib.request.Request(
        f"{address}/api/v1/sign-in",
        f'{{"name": "admin", "password": "{password}"}}'.encode(),
        {"Content-Type": "application/json", "Origin": address},
    )
    with urllib.request.urlopen(request, timeout=5) as answer:
        return bool(answer.status == 200)
