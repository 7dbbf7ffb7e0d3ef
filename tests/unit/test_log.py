"""A log line is one line, for people or machines, and quotes nobody."""

import io
import json
import logging
import re
from collections.abc import Iterator
from typing import Any, TextIO, cast

import pytest

from catenae.errors import ConfigError, StoreError
from catenae.observability.failure import describe
from catenae.observability.log import JsonFormatter, TextFormatter, configure_logging
from catenae.terminal import Shown

AT_S = 1795255200.123


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class BytesTerminal(io.BytesIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def _logging_restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def record(
    message: str = "batch committed", error: BaseException | None = None, **extra: Any
) -> logging.LogRecord:
    made = logging.makeLogRecord({"msg": message, "levelname": "INFO", "created": AT_S, **extra})
    made.exc_info = (type(error), error, error.__traceback__) if error else None
    return made


def raised(error: BaseException, cause: BaseException | None = None) -> BaseException:
    try:
        raise error from cause
    except BaseException as caught:  # noqa: BLE001 - to have a traceback
        return caught


def test_text_is_time_level_instance_event_and_fields() -> None:
    line = TextFormatter("vectoriser-0").format(record(topic="texts", offset=41))

    assert line == "2026-11-21T10:00:00.123Z INFO  vectoriser-0 batch committed topic=texts offset=41"


def test_json_is_one_object_with_typed_fields() -> None:
    line = JsonFormatter("vectoriser-0").format(
        record(topic="texts", offset=41, share=float("nan"), path=None)
    )

    assert json.loads(line) == {
        "at": "2026-11-21T10:00:00.123Z",
        "level": "INFO",
        "instance": "vectoriser-0",
        "event": "batch committed",
        "topic": "texts",
        "offset": 41,
        "share": "nan",
        "path": None,
    }


def test_a_field_cannot_pose_as_the_event() -> None:
    line = JsonFormatter().format(record(event="forged", level="ERROR"))

    assert json.loads(line)["event"] == "batch committed"
    assert json.loads(line)["level"] == "INFO"


@pytest.mark.parametrize("hostile", ["a\nb", "a\rb", "a\u2028b", "\x1b[31m", 'a b="c"', "", "\x85"])
@pytest.mark.parametrize("formatter", [TextFormatter(), JsonFormatter()])
def test_no_value_breaks_the_line(formatter: logging.Formatter, hostile: str) -> None:
    line = formatter.format(record(message=f"odd {hostile}", value=hostile))

    assert line.isprintable()
    assert len(line.splitlines()) == 1


def test_text_values_are_quoted_where_they_are_no_single_word_and_left_out_where_empty() -> None:
    line = TextFormatter().format(record(reason='two "words"', trace=""))

    assert line.endswith(r' batch committed reason="two \"words\""')


@pytest.mark.parametrize("formatter", [TextFormatter(), JsonFormatter()])
def test_an_exception_is_logged_without_its_words(formatter: logging.Formatter) -> None:
    error = raised(ValueError("I feel sad"), cause=KeyError("ann"))

    line = formatter.format(record("message set aside", error))

    assert "ValueError from KeyError" in line
    assert "test_log.py" in line
    assert "raised" in line
    assert "sad" not in line
    assert "ann" not in line


def test_the_words_of_our_own_errors_are_kept_and_those_of_their_cause_are_not() -> None:
    fields = describe(raised(StoreError("the store refused"), cause=OSError("ann")))

    assert fields["error"] == "StoreError from OSError"
    assert fields["message"] == "the store refused"
    assert "ann" not in str(fields)


def test_an_error_that_was_never_raised_has_no_traceback() -> None:
    assert describe(ValueError("text")) == {"error": "ValueError"}


def test_errors_that_cause_each_other_are_told_once() -> None:
    first, second = ValueError(), KeyError()
    first.__cause__, second.__cause__ = second, first

    assert describe(first)["error"] == "ValueError from KeyError"


@pytest.mark.usefixtures("_logging_restored")
def test_configured_logs_go_to_the_stream_from_the_level_on() -> None:
    stream = io.StringIO()
    configure_logging("warning", "text", stream, "vectoriser-0")

    logging.getLogger("catenae").info("unheard")
    logging.getLogger("catenae").warning("message retried", extra={"topic": "texts"})

    assert stream.getvalue().endswith("WARNING vectoriser-0 message retried topic=texts\n")
    assert "unheard" not in stream.getvalue()


@pytest.mark.usefixtures("_logging_restored")
@pytest.mark.parametrize(
    ("stream", "no_colour", "is_coloured"),
    [(io.StringIO(), "", False), (Terminal(), "", True), (Terminal(), "1", False)],
)
def test_only_a_terminal_gets_colours_and_only_where_they_are_wanted(
    stream: io.StringIO, no_colour: str, is_coloured: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", no_colour)
    configure_logging("INFO", "text", stream)

    logging.getLogger("catenae").error("message set aside")

    assert ("\x1b[" in stream.getvalue()) is is_coloured


@pytest.mark.usefixtures("_logging_restored")
def test_the_colours_of_a_log_pass_where_a_texts_own_do_not() -> None:
    terminal = BytesTerminal()
    stream = Shown(io.TextIOWrapper(terminal, write_through=True))
    configure_logging("INFO", "text", cast("TextIO", stream))

    logging.getLogger("catenae").error("message set aside", extra={"topic": "\x1b[2m"})

    assert re.findall(rb"\x1b[^m]*m", terminal.getvalue()) == [b"\x1b[31m", b"\x1b[0m"]


@pytest.mark.parametrize(("level", "form"), [("loud", "text"), ("INFO", "xml")])
def test_unknown_settings_are_refused(level: str, form: str) -> None:
    with pytest.raises(ConfigError, match="Choose one of"):
        configure_logging(level, form, io.StringIO())
