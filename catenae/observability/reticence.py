"""What keeps a log free of people's words, and of a size: filters that every record passes.

Reticence  of a library's record only what stands in the library's own code is written: what it puts into
           its texts may be a message, an address with a name in it, or an exception's words
Pace       the same event is written so often at most, whatever happens how often
"""

import logging
import sys
import sysconfig
import warnings
from threading import Lock
from types import FrameType
from typing import Any, cast

MOST_IN_A_WINDOW = 100
WINDOW_S = 10.0

logger = logging.getLogger(__name__)

_LIBRARIES = tuple({sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")})
_OWN = "catenae"
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class Reticence(logging.Filter):
    """Takes from a library's record what is not its code's, and drops what is below INFO."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether the record is to be written."""
        if record.name.partition(".")[0] == _OWN or not record.pathname.startswith(_LIBRARIES):
            return True
        if record.levelno < logging.INFO:
            return False
        record.msg, record.args = _literal(record), ()
        for name in set(vars(record)) - _STANDARD:
            delattr(record, name)
        return True


class Pace(logging.Filter):
    """Lets the first of an event pass in each window; the next one after it tells how many were left out."""

    def __init__(self) -> None:
        super().__init__()
        self._seen: dict[tuple[str, str, int], tuple[float, int]] = {}
        self._lock = Lock()

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether the record is to be written."""
        place = (record.name, record.pathname, record.lineno)
        with self._lock:
            since_s, number = self._seen.get(place, (record.created, 0))
            if not 0 <= record.created - since_s < WINDOW_S:
                if number > MOST_IN_A_WINDOW:
                    record.left_out = number - MOST_IN_A_WINDOW
                since_s, number = record.created, 0
            self._seen[place] = (since_s, number + 1)
        return number < MOST_IN_A_WINDOW


def log_warnings() -> None:
    """Have Python's warnings logged by class and place: their words may quote a value."""

    def shown(_message: Warning | str, category: type[Warning], filename: str, lineno: int, *_: Any) -> None:
        logger.warning("warning raised", extra={"warning": category.__name__, "at": f"{filename}:{lineno}"})

    warnings.showwarning = cast("Any", shown)


def _literal(record: logging.LogRecord) -> str:
    """Return the text of a record if it stands as it is in the code that logs it, else that code's name."""
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        code = frame.f_code
        if (code.co_filename, code.co_name) == (record.pathname, record.funcName):
            if record.msg in code.co_consts:
                return str(record.msg).strip()
            break
        frame = frame.f_back
    return f"{record.name}.{record.funcName}"
