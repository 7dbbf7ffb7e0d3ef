"""A command in a process of its own, as if it had been started anew: a fork, for a start takes a second."""

import codecs
import io
import os
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from catenae import command_line
from catenae.cli import main as catenae
from services.cli.__main__ import run as screening
from tests.fuzz.surroundings import Surroundings

STOPS_AFTER_S = 6.0
KILLED_AFTER_S = 40.0
LOOKS_EVERY_S = 0.005
# What no command ends with: something has passed its edge.
PASSED = 99
_NOT_FLUSHED = 120


@dataclass(frozen=True)
class Ended:
    """How a process ended; `status` as a shell has it, less than 0 for a signal."""

    status: int
    was_stopped: bool
    was_killed: bool


def run(words: Sequence[str], folder: Path, streams: Sequence[Path], around: Surroundings) -> Ended:
    """Call a program by words in a folder, on three files as its standard streams.

    One that goes on is told to stop after a while.
    """
    pid = os.fork()
    if pid == 0:
        _become(words, folder, streams, around)
    started_s, was_stopped, was_killed = time.monotonic(), False, False
    while True:
        found, number = os.waitpid(pid, os.WNOHANG)
        if found:
            break
        time.sleep(LOOKS_EVERY_S)
        elapsed_s = time.monotonic() - started_s
        if elapsed_s > STOPS_AFTER_S and not was_stopped:
            was_stopped = True
            os.kill(pid, signal.SIGTERM)
        if elapsed_s > KILLED_AFTER_S and not was_killed:
            was_killed = True
            os.kill(pid, signal.SIGKILL)
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
    status = os.waitstatus_to_exitcode(number)
    # On a machine without time for it, the stop may come to its end when it is already given up.
    return Ended(status, was_stopped, was_killed and status == -signal.SIGKILL)


def _become(words: Sequence[str], folder: Path, streams: Sequence[Path], around: Surroundings) -> NoReturn:
    """Be the process that was asked for; what Python does at its start is done again."""
    try:
        os.setsid()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for descriptor, file in enumerate(streams):
            opened = os.open(file, os.O_RDWR | os.O_CREAT)
            os.dup2(opened, descriptor)
            os.close(opened)
        os.closerange(3, os.sysconf("SC_OPEN_MAX"))  # none is inherited by what is started anew
        _stand(folder, around.stands)
        codecs.lookup(around.encoding)  # which Python has loaded by the time that it runs anything
        around.apply()
        for descriptor, name in enumerate(("stdin", "stdout", "stderr")):
            stream = _stream(descriptor, around.encoding)
            setattr(sys, name, stream)
            setattr(sys, f"__{name}__", stream)
        sys.argv = list(words)
        if words[0] == "catenae":
            catenae()
        else:
            command_line("screening", screening)
    except SystemExit as ended:
        _finish(ended.code)
    except BaseException:  # noqa: BLE001  as the interpreter does
        sys.excepthook(*sys.exc_info())
        _finish(PASSED)
    _finish(0)


def _stand(folder: Path, stands: str) -> None:
    """Go into the folder, or into one within it that is removed then, or shut."""
    folder.chmod(0o777)
    if stands != "here":
        folder = folder / stands
        folder.mkdir(mode=0o777 if stands == "removed" else 0)
    os.chdir(folder)
    if stands == "removed":
        folder.rmdir()


def _finish(code: object) -> NoReturn:
    """End as the interpreter does: a text is written, and the streams are flushed."""
    status = code if isinstance(code, int) else 0 if code is None else 1
    with suppress(BaseException):
        if isinstance(code, str):
            sys.stderr.write(f"{code}\n")
        sys.stderr.flush()
    try:
        sys.stdout.flush()
    except BaseException:  # noqa: BLE001  as the interpreter does
        status = _NOT_FLUSHED
    os._exit(status & 0xFF)


def _stream(descriptor: int, encoding: str) -> io.TextIOWrapper | None:
    try:
        os.fstat(descriptor)
    except OSError:
        return None
    return open(descriptor, "r" if descriptor == 0 else "w", encoding=encoding, closefd=False)
