"""Torment a topology and recount what came of it: `python -m tests.chaos --seed 11 --broker kafka`.

Exit status 0: all as promised. 1: something was lost, doubled, wrong or not handled. 2: it was not tried,
or Kafka has left transactions hanging by itself.
"""

import argparse
import shlex
import subprocess
import sys
from pathlib import Path

from tests.chaos.enclosure import ENCLOSED, enclosing, is_enclosed
from tests.chaos.mishaps import KINDS, mishaps
from tests.chaos.run import run
from tests.chaos.shapes import dispensable, shape
from tests.chaos.shrinking import shrink
from tests.chaos.trial import Trial, add_arguments, trial_of
from tests.servers.unavailable import ServerUnavailable

FAILED, UNTRIED = 1, 2
COMMAND = "python -m tests.chaos"


def main() -> int:
    parser = argparse.ArgumentParser(prog=COMMAND, description=__doc__)
    add_arguments(parser)
    parser.add_argument("--folder", type=Path, default=Path("data/chaos"), help="for what happened")
    parser.add_argument(
        "--shrink", type=int, default=0, metavar="N", help="trials to shorten a failing one in"
    )
    given = parser.parse_args()
    trial = trial_of(given)
    if unknown := set(trial.kinds) - KINDS.keys():
        parser.error(f"--kinds names {sorted(unknown)}; known are {', '.join(KINDS)}")
    if is_enclosed() or not enclosing():
        return _tried_here(trial, given.folder)
    status = _tried(trial, given.folder)
    if status == FAILED:
        _say(f"again: {_command(trial)}")
    if status == FAILED and given.shrink:
        shortest = shrink(
            trial,
            mishaps,
            lambda each: dispensable(shape(each.shape, each.seed, each.without, Path())),
            lambda each: _tried(each, given.folder) == FAILED,
            given.shrink,
        )
        _say(f"shortest form found in {given.shrink} trials: {_command(shortest)}")
    return status


def _tried(trial: Trial, folder: Path) -> int:
    """Run a trial in namespaces of its own; return its exit status."""
    command = [*enclosing(), "env", f"{ENCLOSED}=1", sys.executable, "-m", "tests.chaos"]
    return subprocess.run([*command, *trial.arguments(), "--folder", str(folder)], check=False).returncode


def _tried_here(trial: Trial, folder: Path) -> int:
    try:
        report = run(trial, _new(folder.resolve(), trial.name()))
    except ServerUnavailable as missing:
        _say(f"cannot be tried: {missing}")
        return UNTRIED
    for line in report.lines():
        _say(line)
    return 0 if report.holds else UNTRIED if report.is_void else FAILED


def _new(folder: Path, name: str) -> Path:
    """Return a folder that is not there yet."""
    numbered = (folder / f"{name}.{number}" for number in range(1, sys.maxsize))
    return next(each for each in numbered if not each.exists())


def _command(trial: Trial) -> str:
    return shlex.join([*COMMAND.split(), *trial.arguments()])


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
