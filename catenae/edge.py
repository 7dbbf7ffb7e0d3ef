"""The edge of a program: whatever goes wrong becomes one line on the standard error, and an exit status.

A command line meets every kind of input, folder, terminal and limit. What is foreseen raises a
`CatenaeError`, whose text says what to do. What is not is told by its class and place: its words may be a
person's.

    streams   a standard stream that is closed is nowhere; one that takes no more says so once (`OutputLost`),
              and what is written to it later goes nowhere (`standard_stream.py`); what its encoding lacks is
              written as an escape, and so is what a terminal would obey or not show (`terminal.py`)
    columns   what is laid out has at least as many as a word needs, whatever COLUMNS says
    threads   one that dies says so in a line too; so does a destructor, out of which no error gets
"""

import atexit
import errno
import io
import os
import re
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from typing import NoReturn, TextIO, cast

from catenae.errors import CatenaeError, OutputLost
from catenae.standard_stream import Output
from catenae.terminal import Shown, one_line

FAILED = 2
INTERRUPTED = 130
TRACEBACK_VARIABLE = "CATENAE_TRACEBACK"

_ADVICE = {
    errno.ENOSPC: "Make room on the disk",
    errno.EDQUOT: "Make room, or have more of the disk granted",
    errno.EMFILE: "Let a process open more files (ulimit -n)",
    errno.ENFILE: "Let the machine open more files",
    errno.ENOMEM: "Let the process have more memory (ulimit -v)",
    errno.EAGAIN: "Let the user have more processes and threads (ulimit -u)",
}
# In fewer columns a message is letters under each other.
LEAST_COLUMNS = 40
_COLUMNS = re.compile("[1-9][0-9]{0,3}")
# By then what an interrupt fell into has ended.
_AGAIN_S = 0.05
_OTHER_ADVICE = "Check that the path exists and that this user may use it"


def command_line(
    program: str, run: Callable[[], object], expected: tuple[type[Exception], ...] = ()
) -> NoReturn:
    """Run a program's command line and end the process: with 0, or with 2 after one line that says why.

    run       returns when all is done; a SystemExit of its own keeps its status
    expected  errors beside `CatenaeError` whose texts are fit to be shown: what to do, and nobody's words
    """
    _mend_streams()
    _mend_columns()
    # All is done by then, and what an interrupt would fall into is half taken down.
    atexit.register(signal.signal, signal.SIGINT, signal.SIG_IGN)
    former = threading.excepthook, sys.unraisablehook
    threading.excepthook = lambda died: _died(program, died)
    sys.unraisablehook = lambda lost: _lost(program, lost)
    try:
        run()
        status: str | int | None = 0
    except SystemExit as ended:
        status = ended.code
    except KeyboardInterrupt:
        # Whoever interrupts what nobody reads any more waits for no reader.
        never_wait()
        complain(program, "stopped")
        status = INTERRUPTED
    except BaseException as error:  # noqa: BLE001  nothing passes the edge as a traceback
        status = tell(program, error, expected)
    finally:
        threading.excepthook, sys.unraisablehook = former
    sys.exit(_flushed(program, status))


def tell(program: str, error: BaseException, expected: tuple[type[Exception], ...] = ()) -> int:
    """Write the one line about an error; return the exit status.

    An output that nobody reads any more, as behind `head`, is the reader's wish: no line, and status 0.
    """
    if isinstance(error, OutputLost) and error.is_unread:
        return 0
    if os.environ.get(TRACEBACK_VARIABLE):
        traceback.print_exception(error)
    is_expected = isinstance(error, (CatenaeError, *expected))
    complain(program, str(error) if is_expected else _unforeseen(error))
    return FAILED


def _flushed(program: str, status: str | int | None) -> str | int | None:
    """Bring out what is still to be written; return the status, or what it is once that has failed."""
    try:
        bring_out()
    except OutputLost as error:
        return status or tell(program, error)
    return status


def never_wait(is_patient: Callable[[], bool] = lambda: False) -> None:
    """Have no standard stream that takes nothing, as a stopped terminal, hold up this process from now on.

    What has no room is left out and counted, unless `is_patient` says that a reader is to be waited for.
    """
    for output in _outputs():
        output.relay(is_patient)


def bring_out() -> None:
    """Write what is held back; after `never_wait` for as long as any is taken. Raises `OutputLost`."""
    sys.stdout.flush()
    for output in _outputs():
        output.drain()


def _outputs() -> Iterator[Output]:
    """Give the standard streams that are ours."""
    for stream in (sys.stdout, sys.stderr):
        raw = getattr(stream, "raw", None)
        if isinstance(raw, Output):
            yield raw


def _died(program: str, died: threading.ExceptHookArgs) -> None:
    complain(program, f"a thread has ended: {_unforeseen(died.exc_value)}")


def _lost(program: str, lost: "sys.UnraisableHookArgs") -> None:
    """Say what a destructor or a callback has raised; an interrupt that fell into one comes again outside."""
    if isinstance(lost.exc_value, KeyboardInterrupt):
        threading.Timer(_AGAIN_S, _interrupt).start()
    else:
        complain(program, f"something was not put away: {_unforeseen(lost.exc_value)}")


def _interrupt() -> None:
    """Interrupt the main thread as from a keyboard, also where it waits."""
    signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)


def complain(program: str, text: str) -> None:
    """Write one line about what goes wrong on the standard error."""
    sys.stderr.write(f"{program}: {one_line(text)}\n")
    sys.stderr.flush()


def _unforeseen(error: BaseException | None) -> str:
    match error:
        case OSError() if error.errno is not None:
            paths = [os.fsdecode(each) for each in (error.filename, error.filename2) if each is not None]
            found = ": ".join([*paths, error.strerror or type(error).__name__])
            return f"{found}. {_ADVICE.get(error.errno, _OTHER_ADVICE)}"
        case MemoryError():
            return (
                "there is not enough memory. Let the process have more (ulimit -v), or give it less at once"
            )
        case RecursionError():
            return f"something is nested too deep{_place(error)}. Give it flatter values"
        case _:
            return (
                f"{type(error).__name__}{_place(error)}, which nobody has foreseen. The same with "
                f"{TRACEBACK_VARIABLE}=1 shows all of it; please report that"
            )


def _place(error: BaseException | None) -> str:
    frames = traceback.extract_tb(error.__traceback__) if error is not None else []
    return f" in {frames[-1].filename}:{frames[-1].lineno}" if frames else ""


def _mend_streams() -> None:
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            # The lowest number that is free, so it is this one; else the next file opened would take it.
            os.open(os.devnull, os.O_RDWR)
    sys.stdin = sys.stdin or _opened(0)
    # What somebody has put in their place, a test say, is left alone.
    if sys.stdout is sys.__stdout__:
        sys.stdout = _writer(1, sys.stdout)
    if sys.stderr is sys.__stderr__:
        sys.stderr = _writer(2, sys.stderr)


def _mend_columns() -> None:
    """Have what lays out tables and messages be told of columns that there can be, or of none."""
    columns = os.environ.pop("COLUMNS", "")
    if _COLUMNS.fullmatch(columns):
        os.environ["COLUMNS"] = str(max(LEAST_COLUMNS, int(columns)))


def _opened(descriptor: int) -> TextIO:
    return open(descriptor, encoding="utf-8", errors="surrogateescape", closefd=False)


def _writer(descriptor: int, former: TextIO | None) -> TextIO:
    wrapper = io.TextIOWrapper(
        io.BufferedWriter(Output(descriptor)),
        encoding=former.encoding if former is not None else "utf-8",
        errors="backslashreplace",
        line_buffering=descriptor == 2 or os.isatty(descriptor),
    )
    # To types, a stream of texts is what Python itself opens.
    return cast("TextIO", Shown(wrapper))
