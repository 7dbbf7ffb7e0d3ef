"""A killed test session leaves nothing behind."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.leftovers import marked
from tests.patience import until

ROOT = Path(__file__).parents[2]
# A session that starts one of a session of its own, which starts another.
SESSION = """
import os, subprocess, sys, time
from tests.leftovers import MARK, ended_with_this_process
with ended_with_this_process():
    subprocess.Popen(["sh", "-c", "sleep 600; true"], start_new_session=True)
    print(os.environ[MARK], flush=True)
    sys.stdin.read()
"""


@pytest.mark.lengthy
@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="there is no /proc to find them by")
@pytest.mark.parametrize("is_killed", [True, False], ids=["killed", "ended"])
def test_what_a_session_has_started_ends_with_it(is_killed: bool) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SESSION], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as session:
        assert session.stdin is not None
        assert session.stdout is not None
        mark = session.stdout.readline().strip()
        until(lambda: len(list(marked(mark))) == 2)

        if is_killed:
            session.kill()
        session.stdin.close()

        until(lambda: not list(marked(mark)))
