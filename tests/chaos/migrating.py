"""`catenae migrate` as a process that is killed in the middle of its work, and resumed until it is done."""

import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.chaos.up import ROOT

# A member that was killed or is frozen counts as running until its session has ended.
WAITS_S = 90.0
WAITS_AGAIN_S = 1.0
# Of one migration: no more kills than that, so that it comes to an end.
MOST_KILLS = 3
MOST_LINES = 8
BEGUN, NOT_BEGUN, RUNNING = "--resume", "no migration that was begun", "is running"
EVICT = "--evict"


class NotMigrated(Exception):
    """A migration that did not come through: from here on a trial would try what nobody has migrated to."""


class _Ended(NamedTuple):
    status: int
    words: str
    was_killed: bool


class Migrating:
    """Carries out upgrades.

    flags  of every command: where everything is
    """

    def __init__(self, flags: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        self._flags = flags
        self._environment = {**os.environ, **environment}
        self._log = log

    def migrate(self, file: Path, options: Sequence[str], chance: random.Random) -> None:
        """Migrate to what a file declares, killed some times. Raises `NotMigrated` with what went wrong."""
        until_s = time.monotonic() + WAITS_S
        kills = chance.randint(0, MOST_KILLS)
        wanted: Sequence[str] = options
        was_killed = False
        evicting: Sequence[str] = ()
        while True:
            lines = chance.randint(0, MOST_LINES) if kills else None
            ended = self._run([str(file), *wanted, *evicting], lines, chance.uniform(0, 0.3))
            if ended.status == 0:
                return
            if ended.was_killed:
                kills, was_killed, wanted = kills - 1, True, [BEGUN]
            elif NOT_BEGUN in ended.words:
                wanted = options
            elif BEGUN in ended.words:
                wanted = [BEGUN]
            elif RUNNING in ended.words and time.monotonic() < until_s:
                time.sleep(WAITS_AGAIN_S)
            elif RUNNING in ended.words and not evicting:
                # Nothing does: `catenae up` has ended in order, or killed what had not.
                evicting = [EVICT]
            elif was_killed and wanted == options:
                # It was done when it was killed: whether it was, `catenae up` finds out.
                return
            else:
                raise NotMigrated(f"migrate {' '.join(options)}: {ended.words}")

    def _run(self, arguments: Sequence[str], lines: int | None, seconds: float) -> _Ended:
        """Run it; kill it so many seconds after so many lines, where that is not None."""
        with self._log.open("a") as log:
            log.write(f"{' '.join(arguments)}; to be killed after {lines} lines and {seconds:.2f} s\n")
            log.flush()
            process = subprocess.Popen(
                [sys.executable, "-m", "catenae", "migrate", *arguments, *self._flags],
                cwd=ROOT,
                env=self._environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            words: list[str] = []
            # Before its first line it has noted what it will do, and nothing else.
            early = threading.Timer(MOST_LINES * seconds, process.kill)
            if lines == 0:
                early.start()
            assert process.stdout is not None
            for line in process.stdout:
                words.append(line)
                log.write(line)
                if len(words) == lines:
                    time.sleep(seconds)
                    process.kill()
            status = process.wait()
            process.stdout.close()
            early.cancel()
            log.write(f"status {status}\n")
        return _Ended(status, " ".join(" ".join(words).split()), was_killed=status < 0)
