"""Logs of one line per event, for people (text) or for machines (JSON).

    2026-11-21T10:00:00.123Z INFO  vectoriser-0 batch committed topic=texts offset=41
    {"at": "2026-11-21T10:00:00.123Z", "level": "INFO", "instance": "vectoriser-0", "event": "stopped"}

The fields come from `extra=`; an empty text is left out. A value with spaces, quotes or control characters is
written as a JSON string, so that no value can begin a line of its own. `failure` says what is written of an
exception, `reticence` what of a library's record, and how often the same event.
"""

import json
import logging
import math
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TextIO

from catenae.errors import ConfigError
from catenae.observability.failure import describe
from catenae.observability.reticence import Pace, Reticence, log_warnings
from catenae.terminal import drawing

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")

_COLOURS = {"DEBUG": "\x1b[2m", "WARNING": "\x1b[33m", "ERROR": "\x1b[31m", "CRITICAL": "\x1b[1;31m"}
_PLAIN = "\x1b[0m"

# What every record has: anything else came through `extra=`.
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def configure_logging(level: str, form: str, stream: TextIO, instance: str = "") -> None:
    """Send every log of this process to `stream`, replacing what was configured before.

    level     one of LEVELS, in any case
    form      "text" or "json"; text is coloured where the stream is a terminal, unless NO_COLOR is set
    instance  the name of this process in every line

    Raises ConfigError.
    """
    if level.upper() not in LEVELS:
        raise ConfigError(f"log level {level!r} is unknown. Choose one of {', '.join(LEVELS)}")
    formatters: Mapping[str, logging.Formatter] = {
        "text": TextFormatter(instance, is_coloured=_is_coloured(stream)),
        "json": JsonFormatter(instance),
    }
    if form not in formatters:
        raise ConfigError(f"log format {form!r} is unknown. Choose one of {', '.join(formatters)}")
    handler = logging.StreamHandler(drawing(stream))
    handler.setFormatter(formatters[form])
    handler.addFilter(Reticence())
    handler.addFilter(Pace())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    log_warnings()


class TextFormatter(logging.Formatter):
    """Writes a line for people, who can also grep it."""

    def __init__(self, instance: str = "", *, is_coloured: bool = False) -> None:
        super().__init__()
        self._instance = instance
        self._is_coloured = is_coloured

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, without its end."""
        words = [_time(record), f"{record.levelname:<5}", self._instance, _one_line(record.getMessage())]
        words += [f"{name}={_text(value)}" for name, value in _fields(record).items()]
        line = " ".join(word for word in words if word)
        colour = _COLOURS.get(record.levelname) if self._is_coloured else None
        return f"{colour}{line}{_PLAIN}" if colour else line


class JsonFormatter(logging.Formatter):
    """Writes a line for machines: one JSON object."""

    def __init__(self, instance: str = "") -> None:
        super().__init__()
        self._instance = instance

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, without its end."""
        fixed = {"at": _time(record), "level": record.levelname}
        if self._instance:
            fixed["instance"] = self._instance
        fixed["event"] = record.getMessage()
        fields = {name: _plain(value) for name, value in _fields(record).items()}
        return json.dumps({**fixed, **fields, **fixed})


def _is_coloured(stream: TextIO) -> bool:
    return stream.isatty() and not os.environ.get("NO_COLOR")


def _time(record: logging.LogRecord) -> str:
    at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
    return at.replace("+00:00", "Z")


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    fields = {name: value for name, value in vars(record).items() if name not in _STANDARD and value != ""}
    error = record.exc_info[1] if record.exc_info else None
    return fields | describe(error) if error else fields


def _plain(value: Any) -> Any:
    """Return `value` as JSON takes it; a number that JSON has no word for as text."""
    if isinstance(value, str | bool | int | None):
        return value
    return value if isinstance(value, float) and math.isfinite(value) else str(value)


def _text(value: Any) -> str:
    text = str(value)
    is_word = text.isprintable() and text and not any(character in ' "=' for character in text)
    return text if is_word else json.dumps(text)


def _one_line(text: str) -> str:
    return text if text.isprintable() else json.dumps(text)[1:-1]
