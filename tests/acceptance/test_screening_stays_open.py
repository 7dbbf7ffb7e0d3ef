"""`./screening run` on a terminal: the web tool stays open until Ctrl-C; without one it ends by itself."""

import os
from contextlib import closing
from pathlib import Path

import pytest

from catenae import open_documents
from services.depression.demo.files import write_demo
from tests.acceptance.terminal import forget, may_sign_in, on_a_terminal

pytestmark = pytest.mark.acceptance

SCREENING = Path(__file__).parents[2] / "screening"


def test_on_a_terminal_the_web_tool_stays_open_until_ctrl_c(tmp_path: Path) -> None:
    write_demo(tmp_path / "demo", users=120, posts=5000)
    command = [str(SCREENING), "run", "--data", str(tmp_path), "--port", "0"]
    with on_a_terminal(*command) as (terminal, process):
        password = terminal.until(r"sign in as admin with the password (\S{22})\s")
        address = terminal.until(r"stays open at (http://127\.0\.0\.1:\d+) until Ctrl-C")
        assert may_sign_in(address, password)
        with closing(open_documents(f"sqlite:{tmp_path}/documents.sqlite")) as documents:
            forget(documents, documents.find("alerts", limit=1).documents[0]["user"])

        terminal.press_ctrl_c()
        terminal.rest()
        _, status = os.waitpid(process, 0)

    assert os.waitstatus_to_exitcode(status) == 0
    assert terminal.shown.count(password) == 1
