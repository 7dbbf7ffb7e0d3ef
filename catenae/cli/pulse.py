"""The end of a process in which no thread of Python gets to run any more."""

import faulthandler
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from catenae.broker import LONGEST_HANDLING_S

BEATS = 10
STANDARD_ERROR = 2


@contextmanager
def ending_when_stuck(limit_s: float = LONGEST_HANDLING_S) -> Iterator[None]:
    """End the process, with what each thread was at on the standard error, once it was stuck for so long.

    A client written in C that waits while it holds the interpreter stops all threads: those that bound its
    calls, that hear signals and that answer probes. Its own go on and keep the partitions, so that the node
    would stand still for good. A restart mends that, and costs no more than `kill -9` does.
    """
    over = threading.Event()

    def beat() -> None:
        while True:
            faulthandler.dump_traceback_later(limit_s, exit=True, file=STANDARD_ERROR)
            if over.wait(limit_s / BEATS):
                faulthandler.cancel_dump_traceback_later()
                return

    thread = threading.Thread(target=beat, name="pulse", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
