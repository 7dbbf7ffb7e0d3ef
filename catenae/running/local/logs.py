"""A log file per instance, bounded: its end is kept once more under `.1`, and what was before is dropped.

The files are for looking at. Where they are removed, or none can be had, the work goes on without.
"""

import os
from contextlib import suppress
from pathlib import Path
from typing import IO

from catenae.private_files import open_private, private_folder

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
        private_folder(self._folder)
        for file in self._folder.glob("*.log"):
            file.replace(_aside(file))

    def path(self, member: str) -> Path:
        """Return the file of an instance."""
        return self._folder / f"{member}.log"

    def open(self, member: str) -> IO[bytes]:
        """Return the file of an instance for a process to append to, or what leads nowhere."""
        try:
            private_folder(self._folder)
            descriptor = open_private(self.path(member), os.O_WRONLY | os.O_APPEND | os.O_CREAT)
            return os.fdopen(descriptor, "ab")
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
            with os.fdopen(open_private(self.path(member), os.O_RDONLY), "rb") as file:
                file.seek(0, 2)
                file.seek(max(0, file.tell() - TAIL_BYTES))
                lines = file.read().decode(errors="replace").splitlines()
        except OSError:
            return ""
        return next(
            (line.removeprefix(COMPLAINT) for line in reversed(lines) if line.startswith(COMPLAINT)), ""
        )


def _bound(file: Path) -> None:
    with os.fdopen(open_private(file, os.O_RDWR), "r+b") as log:
        size = log.seek(0, os.SEEK_END)
        if size <= MAX_BYTES:
            return
        try:
            log.seek(size - MAX_BYTES)
            _aside(file).unlink(missing_ok=True)
            descriptor = open_private(_aside(file), os.O_WRONLY | os.O_CREAT | os.O_EXCL)
            with os.fdopen(descriptor, "wb") as kept:
                kept.write(log.read(MAX_BYTES))
        finally:
            # Also where the copy finds no room, which this makes.
            log.truncate(0)


def _aside(file: Path) -> Path:
    return file.with_name(f"{file.name}.1")
