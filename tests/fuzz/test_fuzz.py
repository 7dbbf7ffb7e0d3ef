"""The short form of `python -m tests.fuzz`."""

import time
from pathlib import Path

import pytest

from tests.fuzz.commands import commands
from tests.fuzz.folders import write_templates
from tests.fuzz.trial import made, trial

pytestmark = pytest.mark.acceptance

FIRST = 20_261
TRIALS = 80
LONGEST_S = 12.0


def test_no_traceback_passes_the_edge_of_a_command(tmp_path: Path) -> None:
    write_templates(tmp_path / "templates")
    until_s = time.monotonic() + LONGEST_S
    wrong = []
    for number in range(FIRST, FIRST + TRIALS):
        chosen = trial(number, commands(), with_slow=False)
        found = made(chosen, tmp_path / "templates", tmp_path / str(number))
        if found.wrong:
            wrong.append((number, found.wrong, chosen, found.error[-500:]))
        if time.monotonic() > until_s:
            break

    assert wrong == []
