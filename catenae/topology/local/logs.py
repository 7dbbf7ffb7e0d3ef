"""A log file per instance, bounded: what does not fit is kept once more under `.1` and then dropped.

The files are for looking at. Where they are removed, or none can be had, the work goes on without.
"""

import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import IO

MAX_BYTES = 10 * 2**20
TAIL_BYTES = 8192
# What the command line puts before the one line of an error.
COMPLAINT = "catenae: "


class Logs:
    """The log files of the instances that run on one data folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def begin(self) -> None:
        """Create the folder; set the files of an earlier run aside as `.1`."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for file in self._folder.glob("*.log"):
            file.replace(_aside(file))

    def path(self, member: str) -> Path:
        """Return the file of an instance."""
        return self._folder / f"{member}.log"

    def open(self, member: str) -> IO[bytes]:
        """Return the file of an instance for a process to append to, or what leads nowhere."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            return self.path(member).open("ab")
        except OSError:
            return Path(os.devnull).open("ab")

    def bound(self) -> None:
        """Set aside what has grown too large. Its writer appends, and so goes on in the emptied file."""
        for file in self._folder.glob("*.log"):
            with suppress(OSError):
                _bound(file)

    def complaint(self, member: str) -> str:
        """Return the line in which an instance last said why it ended; empty where nothing is to be found."""
        try:
            with self.path(member).open("rb") as file:
                file.seek(0, 2)
                file.seek(max(0, file.tell() - TAIL_BYTES))
                lines = file.read().decode(errors="replace").splitlines()
        except OSError:
            return ""
        return next(
            (line.removeprefix(COMPLAINT) for line in reversed(lines) if line.startswith(COMPLAINT)), ""
        )


def _bound(file: Path) -> None:
    if file.stat().st_size > MAX_BYTES:
        shutil.copyfile(file, _aside(file))
        os.truncate(file, 0)


def _aside(file: Path) -> Path:
    return file.with_name(f"{file.name}.1")
