"""`python -m tests.fuzz --seconds 480 --seed 7`: try commands for so long, and say what was found."""

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.fuzz.commands import commands
from tests.fuzz.folders import write_templates
from tests.fuzz.trial import Found, Trial, made, trial

SHOWN_BYTES = 3000


def main() -> int:
    """Return 1 if anything was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=0, help="the number of the first trial")
    parser.add_argument("--only", action="store_true", help="that trial alone, and all it says")
    options = parser.parse_args()
    until_s = time.monotonic() + options.seconds
    tried, statuses, wrong = Counter[str](), Counter[int](), 0
    with tempfile.TemporaryDirectory(prefix="fuzz-") as name:
        write_templates(Path(name) / "templates")
        number = options.seed
        while time.monotonic() < until_s:
            chosen = trial(number, commands())
            found = made(chosen, Path(name) / "templates", Path(name) / f"{number}")
            tried[" ".join((chosen.command.program, *chosen.command.names))] += 1
            statuses[found.ended.status] += 1
            wrong += bool(found.wrong)
            if found.wrong or options.only:
                _show(chosen, found)
            if options.only:
                break
            number += 1
    print(f"{len(tried)} commands, {sum(tried.values()):,} trials, {wrong} wrong; statuses {dict(statuses)}")
    return 1 if wrong else 0


def _show(chosen: Trial, found: Found) -> None:
    text = f"== {chosen.number}: {found.wrong}; {chosen.command.program} {chosen.arguments} {chosen.around}"
    print(text.encode("utf-8", "backslashreplace").decode())
    print(found.ended, chosen.given[:60])
    print(found.error[-SHOWN_BYTES:].decode(errors="replace"), flush=True)


sys.exit(main())
