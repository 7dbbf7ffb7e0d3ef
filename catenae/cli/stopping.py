"""From a signal, or the end of the standard input, to an event that ends the work in order."""

import os
import signal
import threading
from types import FrameType

_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def stop_on_signal() -> threading.Event:
    """Return an event that SIGTERM, SIGINT and SIGHUP set; a second one ends the process at once.

    SIGHUP, which comes when the terminal goes, is left alone where it is ignored: `nohup` has seen to it.

    The event is set by a thread. A handler runs in the middle of whatever the main thread does: if that was
    to wait for the event, it holds its lock, and the handler would wait for itself, for ever.
    """
    stop = threading.Event()
    told, tell = os.pipe()
    is_kept = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    heard = [each for each in _SIGNALS if not (is_kept and each is signal.SIGHUP)]

    def note(number: int, frame: FrameType | None) -> None:  # noqa: ARG001  so signal calls it
        os.write(tell, b"\0")
        for each in heard:
            signal.signal(each, signal.SIG_DFL)

    def hear() -> None:
        os.read(told, 1)
        stop.set()

    threading.Thread(target=hear, name="signals", daemon=True).start()
    for each in heard:
        signal.signal(each, note)
    return stop


def stop_on_end_of_input(stop: threading.Event) -> None:
    """Set `stop` when the standard input closes, as it does when its writer ends in any way."""

    def watch() -> None:
        while os.read(0, 1024):
            pass
        stop.set()

    threading.Thread(target=watch, name="end-of-input", daemon=True).start()
