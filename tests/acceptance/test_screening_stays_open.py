"""`./screening run` on a terminal: the web tool stays open until Ctrl-C; without one it ends by itself."""

from pathlib import Path

import pytest

from catenae import Documents
from services.depression.demo.files import write_demo
from tests.acceptance.terminal import use_the_web_tool

pytestmark = pytest.mark.acceptance

SCREENING = Path(__file__).parents[2] / "screening"


def test_on_a_terminal_the_web_tool_stays_open_until_ctrl_c(tmp_path: Path) -> None:
    write_demo(tmp_path / "demo", users=80, posts=1600)
    command = [str(SCREENING), "run", "--data", str(tmp_path), "--port", "0"]

    status, terminal, password = use_the_web_tool(*command, data=tmp_path, somebody=with_an_alert)

    assert status == 0
    assert terminal.shown.count(password) == 1


def with_an_alert(documents: Documents) -> str:
    return str(documents.find("alerts", limit=1).documents[0]["user"])
