"""Programs on a terminal of their own, and what they show there."""

import json
import os
import pty
import re
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from catenae import Documents, open_documents
from tests.patience import PATIENCE_S, until


class Terminal:
    """What a program on a terminal shows."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self.shown = ""

    def until(self, pattern: str) -> str:
        """Return what a pattern finds once it is shown, without the colours."""
        until_s = time.monotonic() + PATIENCE_S
        while time.monotonic() < until_s:
            found = re.search(pattern, self.shown)
            if found is not None:
                return found[1]
            read = os.read(self._descriptor, 65536).decode(errors="replace")
            self.shown += re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", read)
        raise AssertionError(f"{pattern} was not shown within {PATIENCE_S:g} s")

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
    """Run a program while the block runs, and hand out its terminal and process id."""
    process, descriptor = pty.fork()
    if process == 0:
        os.execv(command[0], command)
    try:
        yield Terminal(descriptor), process
    finally:
        os.close(descriptor)


def may_sign_in(address: str, password: str) -> bool:
    request = urllib.request.Request(
        f"{address}/api/v1/sign-in",
        json.dumps({"name": "admin", "password": password}).encode(),
        {"Content-Type": "application/json", "Origin": address},
    )
    with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
        return bool(answer.status == 200)


def forget(documents: Documents, user: str) -> None:
    """Ask for a user to be forgotten, as the web tool does, and see it done."""
    request = {"status": "requested", "requested_ms": 1, "requested_by": "admin"}
    documents.upsert("forget_requests", [{"id": user, **request}])
    until(lambda: documents.count("forget_requests", {"status": "done"}) == 1)


def use_the_web_tool(
    *command: str, data: Path, somebody: Callable[[Documents], str]
) -> tuple[int, Terminal, str]:
    """Sign in where a command keeps the web tool open, have somebody forgotten, and press Ctrl-C.

    Returns the exit status, the terminal, and the password that it showed.
    """
    with on_a_terminal(*command) as (terminal, process):
        password = terminal.until(r"sign in as admin with the password (\S{22})\s")
        address = terminal.until(r"stays open at (http://127\.0\.0\.1:\d+) until Ctrl-C")
        assert may_sign_in(address, password)
        with closing(open_documents(f"sqlite:{data}/documents.sqlite")) as documents:
            forget(documents, somebody(documents))

        terminal.press_ctrl_c()
        terminal.rest()
        _, status = os.waitpid(process, 0)
    return os.waitstatus_to_exitcode(status), terminal, password
