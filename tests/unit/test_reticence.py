"""A log holds no value of a message, also where a library writes it, and grows at a bounded rate."""

import asyncio
import io
import logging
import runpy
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from catenae.edge import command_line
from catenae.observability import reticence
from catenae.observability.log import configure_logging
from catenae.observability.reticence import MOST_IN_A_WINDOW, WINDOW_S, Pace

SECRET = "I feel so sad"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    root, shown = logging.getLogger(), warnings.showwarning
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    configure_logging("debug", "text", stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    warnings.showwarning = shown


def library(text: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run a line of code as if it were a library's."""
    monkeypatch.setattr(reticence, "_LIBRARIES", (str(folder),))
    (folder / "library.py").write_text(
        f"import logging\nlog = logging.getLogger('lib')\ntext = {SECRET!r}\n{text}\n"
    )
    runpy.run_path(str(folder / "library.py"))


@pytest.mark.parametrize(
    "line",
    [
        "log.warning('sent %s', text)",
        "log.warning(f'sent {text}')",
        "log.warning(text + '!')",
        "log.debug('sent', extra={'frame': text})",
        "log.error('sent', extra={'frame': text})",
        "try: int(text)\nexcept ValueError: log.exception('sent')",
    ],
)
def test_a_librarys_record_quotes_nothing(
    line: str, log: io.StringIO, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library(line, tmp_path, monkeypatch)

    assert SECRET not in log.getvalue()
    assert ("sent" in log.getvalue()) == ("'sent" in line and "debug" not in line and "f'" not in line)


def test_a_callback_that_fails_quotes_neither_its_arguments_nor_its_error(log: io.StringIO) -> None:
    def failing(text: str) -> None:
        raise ValueError(text)

    loop = asyncio.new_event_loop()
    loop.call_soon(failing, SECRET)
    loop.call_soon(loop.stop)
    loop.run_forever()
    loop.close()

    assert "asyncio.default_exception_handler error=ValueError" in log.getvalue()
    assert SECRET not in log.getvalue()


def test_a_warning_is_told_by_class_and_place(log: io.StringIO) -> None:
    warnings.showwarning(UserWarning(SECRET), UserWarning, "shop.py", 3)

    assert "warning raised warning=UserWarning at=shop.py:3" in log.getvalue()
    assert SECRET not in log.getvalue()


def test_what_we_log_ourselves_is_as_it_was(log: io.StringIO) -> None:
    logging.getLogger("services.shop").debug("sold %d", 3, extra={"to": "eu"})

    assert "DEBUG sold 3 to=eu" in log.getvalue()


def at(created_s: float) -> logging.LogRecord:
    return logging.makeLogRecord({"msg": "again", "created": created_s, "lineno": 7})


def test_the_same_event_is_written_so_often_at_most() -> None:
    pace = Pace()
    passed = [pace.filter(at(1000 + number / 1000)) for number in range(MOST_IN_A_WINDOW + 50)]
    after = at(1000 + WINDOW_S)

    assert passed.count(True) == MOST_IN_A_WINDOW
    assert pace.filter(after)
    assert vars(after)["left_out"] == 50


def test_another_event_and_a_clock_set_back_are_not_held_up() -> None:
    pace = Pace()
    for _ in range(MOST_IN_A_WINDOW + 1):
        pace.filter(at(1000))

    assert pace.filter(logging.makeLogRecord({"msg": "other", "created": 1000, "lineno": 8}))
    assert pace.filter(at(900))


def test_what_fails_while_it_is_cleaned_up_quotes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    class Failing:
        def __del__(self) -> None:
            raise ValueError(SECRET)

    def run() -> None:
        Failing()

    with pytest.raises(SystemExit):
        command_line("shop", run)
    told = capsys.readouterr().err
    assert told.startswith("shop: something was not put away: ValueError in ")
    assert SECRET not in told
