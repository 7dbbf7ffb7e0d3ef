"""A clock on the wall that can be stepped, for processes that are started with it."""

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from struct import pack

from tests.servers.cache import cached, obtain
from tests.servers.unavailable import ServerUnavailable

_SOURCE = Path(__file__).with_name("stepped_clock.c")
_LIBRARY = "stepped_clock.so"


class SteppedClock:
    """The clock of whatever is started with `environment`; it goes right until it is stepped."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.step(0)

    def environment(self) -> Mapping[str, str]:
        """Return the variables by which a process has this clock. Raises ServerUnavailable."""
        return {"LD_PRELOAD": str(library()), "STEPPED_CLOCK": str(self._file)}

    def step(self, ahead_s: int) -> None:
        """Have it be so much ahead of what it is; behind, where that is negative."""
        # In place: the processes have the file mapped.
        with self._file.open("r+b" if self._file.exists() else "wb") as file:
            file.write(pack("@l", ahead_s))


@cache
def can_be_stepped() -> bool:
    """Say whether there is such a clock here: it takes a C compiler."""
    try:
        return library().exists()
    except ServerUnavailable:
        return False


def library() -> Path:
    """Return what a process is to load first, compiled the first time. Raises ServerUnavailable."""

    def compile_it(folder: Path) -> None:
        obtain(["cc", "-O2", "-shared", "-fPIC", "-o", folder / _LIBRARY, _SOURCE, "-ldl"])

    return cached(f"clock-{hashlib.sha256(_SOURCE.read_bytes()).hexdigest()[:12]}", compile_it) / _LIBRARY
