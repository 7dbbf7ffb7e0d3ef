"""One call of a command, which a number stands for, and what was wrong with how it ended."""

import random
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.fuzz import odd
from tests.fuzz.commands import SLOW, Command
from tests.fuzz.folders import write_case
from tests.fuzz.process import Ended, run
from tests.fuzz.surroundings import Surroundings, surroundings

STATUSES = (0, 1, 2, 130)
SLOW_SHARE = 0.07
# Of the interpreter, or of one of its threads or exits.
_TRACES = re.compile(
    rb'Traceback \(most|Exception ignored|Fatal Python error|File "[^"]+", line \d+|--- Logging'
)
# A line that says who and what, or the box of a wrong option.
_TOLD = re.compile(rb"\w+: |Usage: |Error|Aborted")


@dataclass(frozen=True)
class Trial:
    """A call that can be made again, for all of it comes from its number."""

    number: int
    command: Command
    arguments: Sequence[str]
    given: bytes
    around: Surroundings


@dataclass(frozen=True)
class Found:
    """How a trial ended, and what was wrong with that; empty where nothing was."""

    ended: Ended
    error: bytes
    wrong: str


def trial(number: int, commands: Sequence[Command], *, with_slow: bool = True) -> Trial:
    """Return the trial of a number."""
    chance = random.Random(number)
    is_slow = with_slow and chance.random() < SLOW_SHARE
    command = chance.choice([each for each in commands if (each.names[0] in SLOW) is is_slow])
    return Trial(number, command, command.arguments(chance), odd.given(chance), surroundings(chance))


def made(chosen: Trial, templates: Path, folder: Path) -> Found:
    """Make the call, in a folder that is there for it only."""
    write_case(templates, folder / "here?", random.Random(chosen.number))
    streams = [folder / name for name in ("in", "out", "error")]
    streams[0].write_bytes(chosen.given)
    try:
        words = (chosen.command.program, *chosen.arguments)
        ended = run(words, folder / "here?", streams, chosen.around)
        out, error = (stream.read_bytes() if stream.exists() else b"" for stream in streams[1:])
        return Found(ended, error, _wrong(chosen, ended, out, error))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wrong(chosen: Trial, ended: Ended, out: bytes, error: bytes) -> str:
    if _TRACES.search(error) or _TRACES.search(out):
        return "a traceback"
    if ended.was_killed:
        return "it did not stop"
    if ended.status not in STATUSES and not ended.was_stopped:
        return f"status {ended.status}"
    if ended.status == 2 and chosen.around.error == "file" and not _TOLD.search(error):
        return "status 2 without its line"
    return ""
